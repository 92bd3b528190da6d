"""Ids of workspaces and models in whatever a person pastes."""

import re

_ID = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{32}(?![0-9A-Za-z])")


def ids_in(given: str) -> list[str]:
    """Return every id that stands in a text or an address, exactly as it is written there."""
    return list(dict.fromkeys(_ID.findall(given)))
