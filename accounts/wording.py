"""Small words of sentences that pages put together."""


def count(number: int, thing: str) -> str:
    """Say a number of things: "1 key", "2 keys"."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
