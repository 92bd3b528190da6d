"""Every route of the site, read from the URL resolver."""

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_ARGUMENT = re.compile(r"<(\w+)>")


def iter_addresses(patterns: Any, before: str = "/") -> Iterator[str]:
    """Yield the address of each route, its arguments as `<name>`."""
    for entry in patterns:
        here = before + re.sub(r"<\w+:(\w+)>", r"<\1>", str(entry.pattern))
        if isinstance(entry, URLResolver):
            yield from iter_addresses(entry.url_patterns, here)
        elif isinstance(entry, URLPattern):
            yield here


def all_addresses() -> list[str]:
    """Return the address of each route of the site once."""
    return sorted(set(iter_addresses(get_resolver().url_patterns)))


def arguments_of(address: str) -> list[str]:
    """Return the names of the things that an address names."""
    return _ARGUMENT.findall(address)


def fill(address: str, things: dict[str, object]) -> str:
    """Put things in the place of an address's arguments; a thing that is missing is an error."""
    return _ARGUMENT.sub(lambda found: str(things[found[1]]), address)


def text_of(answer: Any) -> str:
    """Return what an answer says; nothing of a spreadsheet, which is packed and dated."""
    is_packed = "spreadsheet" in answer["Content-Type"] if "Content-Type" in answer else False
    if is_packed:
        return ""
    content = b"".join(answer) if answer.streaming else answer.content
    return content.decode()
