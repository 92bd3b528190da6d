"""Many rows of JSON at once: one field of them, or all of them under other names."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from simulators.qad.amounts import dump_text, from_json, list_from_json, to_json

# A JSON text (RFC 8259 section 7), or a number, true, false or null.
_VALUE = rb'("[^"\\\n]*(?:\\.[^"\\\n]*)*"|[^",\n}]*)'
KEPT_PATTERNS = 64

Names = tuple[tuple[str, str], ...]
"""Old and new name of each field of a row, in order."""


def read_field(rows: bytes, name: str) -> list[Any]:
    """The value of a field in each row, given a line each; amounts keep their digits.

    In JSON a text that a colon follows is always a name, so the raw rows can be searched for it.
    """
    return list_from_json(b"\n".join(_value_pattern(name).findall(rows)))


@lru_cache(KEPT_PATTERNS)
def _value_pattern(name: str) -> "re.Pattern[bytes]":
    return re.compile(re.escape(_member(name)) + _VALUE)


def rename_fields(rows: bytes, names: Mapping[str, str]) -> list[bytes]:
    """Rows, given a line each, with every field under its new name; others keep theirs.

    Rows of one document have the same fields in the same order, so one pattern reads them all.
    Rows that a fault has spoiled may not, and are then read one by one.
    """
    if not rows:
        return []
    first = from_json(rows.partition(b"\n")[0])
    pattern, line = _forms(tuple((name, names.get(name, name)) for name in first))
    found = pattern.findall(rows)
    if len(found) == rows.count(b"\n") + 1:
        return [line % values for values in found]
    return [_renamed(raw, names) for raw in rows.split(b"\n")]


@lru_cache(KEPT_PATTERNS)
def _forms(names: Names) -> tuple["re.Pattern[bytes]", bytes]:
    """What a row looks like under the old names, and with gaps for its values under the new."""
    old = b",".join(re.escape(_member(name)) + _VALUE for name, _ in names)
    new = b",".join(_member(name).replace(b"%", b"%%") + b"%b" for _, name in names)
    return re.compile(rb"^\{" + old + rb"\}$", re.MULTILINE), b"{" + new + b"}"


def _member(name: str) -> bytes:
    return f"{dump_text(name)}:".encode()


def _renamed(raw: bytes, names: Mapping[str, str]) -> bytes:
    record = from_json(raw)
    return to_json({names.get(name, name): value for name, value in record.items()}).encode()
