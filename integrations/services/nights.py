"""When what is looked at every night is due, by the organization's own clock."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

ENOUGH = timedelta(hours=20)
TOO_LONG = timedelta(hours=30)
NIGHT = range(1, 5)
"""Hours of the organization's own clock."""


def is_due(looked_at: datetime, now: datetime, time_zone: str) -> bool:
    """Whether a look is due: in the night after a day, or at any hour after a night missed."""
    age = now - looked_at
    is_night = now.astimezone(ZoneInfo(time_zone)).hour in NIGHT
    return age > TOO_LONG or (is_night and age > ENOUGH)
