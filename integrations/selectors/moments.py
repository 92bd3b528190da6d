"""Moments as JSON has them, alike in the API and in commands."""

from datetime import datetime


def as_iso(moment: datetime | None) -> str | None:
    """Return a moment as ISO 8601 in UTC with a Z; None stays None."""
    return moment.isoformat().replace("+00:00", "Z") if moment else None
