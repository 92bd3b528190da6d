"""Template filters for people, their browsers and what they may do."""

import json
import re
from collections.abc import Iterable
from typing import Any

from django import template

from accounts.permissions import Right

register = template.Library()

# The first that fits counts: Edge and Opera call themselves Chrome as well, Chrome calls itself
# Safari.
_BROWSERS = (
    (r"Edg/", "Edge"),
    (r"OPR/", "Opera"),
    (r"Firefox/", "Firefox"),
    (r"Chrom(e|ium)/", "Chrome"),
    (r"Safari/", "Safari"),
)
_SYSTEMS = (
    (r"iPhone|iPad", "iOS"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"Mac OS X|Macintosh", "macOS"),
    (r"Linux", "Linux"),
)


@register.filter
def as_json(value: Any) -> str:
    """Write a value as JSON; the template escapes it for its attribute."""
    return json.dumps(value, default=dict)


@register.filter
def browser(user_agent: str) -> str:
    """Name browser and system in words that people know."""
    name = _first(_BROWSERS, user_agent)
    system = _first(_SYSTEMS, user_agent)
    if not name:
        return "Another program"
    return f"{name} on {system}" if system else name


def _first(known: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for pattern, name in known if re.search(pattern, text)), "")


@register.filter
def right_words(rights: Iterable[str]) -> str:
    """Say rights in words, one after the other."""
    known = set(Right)
    return "; ".join(Right(right).words for right in rights if right in known)
