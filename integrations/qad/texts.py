"""Which texts of an instance profile can be kept and sent at all."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_UNKEPT = re.compile(r"[\x00\ud800-\udfff]")
# Latin-1 without control characters; with a space in front it would not be the value any more.
_HEADER_VALUE = re.compile(r"[!-~\xa1-\xff][ -~\xa0-\xff]*")


def find_unkept(data: Mapping[str, Any]) -> tuple[str, str] | None:
    """The place of a name or text that neither UTF-8 nor the database can hold, and why."""
    for place, text in _texts(data):
        found = _UNKEPT.search(text)
        if found:
            reason = f"a text holds a character of number {ord(found[0])}, which is none by itself"
            return _UNKEPT.sub("\ufffd", place), reason
    return None


def fits_header(value: str) -> bool:
    """Whether a text can be the value of a header."""
    return _HEADER_VALUE.fullmatch(value) is not None


def _texts(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """All names and texts with their places, however deep they stand."""
    rest: list[tuple[str, Any]] = [("", data)]
    while rest:
        place, value = rest.pop()
        if isinstance(value, str):
            yield place, value
        elif isinstance(value, Mapping):
            for name, inner in value.items():
                path = f"{place}.{name}".removeprefix(".")
                yield path, str(name)
                rest.append((path, inner))
        elif isinstance(value, list | tuple):
            rest += [(f"{place}[{number}]", inner) for number, inner in enumerate(value)]
