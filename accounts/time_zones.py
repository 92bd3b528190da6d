"""The time zones that an organization may choose, by region."""

from functools import cache
from zoneinfo import available_timezones

REGIONS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)
NO_REGION = "UTC"


@cache
def time_zones() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Return (region, ((name, words), …)) of the zones that are named by region and place."""
    names = sorted(available_timezones())
    return (
        ("Everywhere", ((NO_REGION, NO_REGION),)),
        *(
            (region, tuple((name, _words(name)) for name in names if name.startswith(f"{region}/")))
            for region in REGIONS
        ),
    )


@cache
def zone_names() -> frozenset[str]:
    """Return every name that may be chosen."""
    return frozenset(name for _, zones in time_zones() for name, _ in zones)


def _words(name: str) -> str:
    return name.replace("_", " ")
