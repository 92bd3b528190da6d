"""Other names for the fields of many rows at once, without reading the rows one by one."""

import re
from collections.abc import Mapping
from functools import lru_cache

from simulators.qad.amounts import dump_text, from_json, to_json

# A JSON text (RFC 8259 section 7), or a number, true, false or null.
_VALUE = rb'("[^"\\\n]*(?:\\.[^"\\\n]*)*"|[^",\n}]*)'
KEPT_PATTERNS = 64

Names = tuple[tuple[str, str], ...]
"""Old and new name of each field of a row, in order."""


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
