"""What the state of a period in QAD means for its figures."""

CLOSED = frozenset({"REPORTED", "FROZEN"})


def is_closed(status: str) -> bool:
    """Whether a period with this state is closed in QAD, so that its figures are final."""
    return status in CLOSED
