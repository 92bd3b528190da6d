"""Names and small words of sentences, as pages and mails show them."""

import re

# Control characters, and marks that turn the direction of text around.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def tidy_name(name: str) -> str:
    """Return a name on one line, without what nobody sees."""
    return " ".join(_UNSEEN.sub(" ", name).split())


def count(number: int, thing: str) -> str:
    """Say a number of things: "1 key", "2 keys"."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
