"""Names that no other test uses."""

import uuid


def unique(stem: str) -> str:
    """Return a name that is new in this database."""
    return f"{stem}-{uuid.uuid4().hex[:12]}"
