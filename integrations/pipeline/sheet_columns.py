"""The columns of a mapping file: what people call them, and what is done without."""

import re
from collections.abc import Sequence
from difflib import get_close_matches

from integrations.pipeline.sheet_rows import SheetUnreadable

COLUMNS = (
    "dimension", "code", "member", "kind", "code_to", "domain", "weight", "valid_from", "valid_to",
)  # fmt: skip
NEEDED = COLUMNS[:3]
NOT_READ = ("name", "note")
"""Columns for people."""
_SAID = {
    "qad_dimension": "dimension", "qad_code": "code", "code_from": "code", "first_code": "code",
    "anaplan_member": "member", "rule_kind": "kind", "last_code": "code_to",
    "qad_domain": "domain", "part": "weight", "share": "weight", "first_period": "valid_from",
    "from_period": "valid_from", "last_period": "valid_to", "to_period": "valid_to",
    "qad_name": "name", "notes": "note", "comment": "note",
}  # fmt: skip


def tidy(text: str) -> str:
    """Return a word as the product writes it: "GL account" is gl_account."""
    return re.sub(r"[\s_-]+", "_", text.strip().lower())


def find_columns(header: Sequence[str]) -> list[tuple[str, int]]:
    """Return the columns that are read, each with its place.

    Raises SheetUnreadable for a header without the needed ones, with one twice, or with a name
    that is none: misspelled it would be left out.
    """
    names = [_SAID.get(tidy(cell), tidy(cell)) for cell in header]
    if "dimension" not in names:
        raise SheetUnreadable(f"its first line is no header: {', '.join(NEEDED)} must stand there")
    found: list[tuple[str, int]] = []
    for at, name in enumerate(names):
        if name in NOT_READ or not name:
            continue
        if name not in COLUMNS:
            near = get_close_matches(name, COLUMNS, 1)
            hint = f"write {near[0]}" if near else "call it note where it is for people only"
            raise SheetUnreadable(f"line 1 has an unknown column “{header[at][:40]}”; {hint}")
        if names.count(name) > 1:
            raise SheetUnreadable(f"the column {name} stands twice in line 1; keep one")
        found.append((name, at))
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise SheetUnreadable(f"line 1 lacks the column {' and '.join(missing)}")
    return found
