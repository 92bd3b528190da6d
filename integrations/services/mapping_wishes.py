"""Changes of the mapping as programs write them: every mistake told by its place, then wishes."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from accounts.errors import Refused
from integrations.pipeline.mapping_changes import KeyChange, Part, Parts
from integrations.pipeline.rule_checks import FIRST_PERIOD, LONGEST, Trouble, find_trouble
from integrations.pipeline.rules import DIMENSIONS, KINDS, LAST_PERIOD, RuleKey
from integrations.services.mapping_drafts import Wish

__all__ = [
    "DIMENSIONS",
    "FIRST_PERIOD",
    "KINDS",
    "LAST_PERIOD",
    "LONGEST",
    "find_again",
    "find_mistakes",
    "read_wish",
]

Row = Mapping[str, Any]
"""A key by the names of its fields, its `parts`, and `seen`, which may be None."""


def read_wish(row: Row) -> Wish:
    """Return what a row wants."""
    seen = row["seen"]
    return Wish(_change(row), None if seen is None else _parts(seen))


def find_mistakes(row: Row) -> dict[str, Any]:
    """Return what is not clear about a row by the names of its fields; {} where all is well."""
    change = _change(row)
    bare = find_trouble(KeyChange(change.key, (Part("any"),)).rules())
    if bare is not None:
        return {bare.column: _words(bare)}
    rules = change.rules()
    wrong = {
        str(at): {trouble.column: _words(trouble)}
        for at, rule in enumerate(rules)
        if (trouble := find_trouble([rule])) and trouble.code == "mapping_rule_invalid"
    }
    if wrong:
        return {"parts": wrong}
    together = find_trouble(rules)
    return {} if together is None else {"parts": _words(together)}


def find_again(rows: Sequence[Row]) -> dict[int, int]:
    """Return the places of keys that stand before already, each with the first place."""
    first: dict[RuleKey, int] = {}
    places = {at: first.setdefault(_change(row).key, at) for at, row in enumerate(rows)}
    return {at: before for at, before in places.items() if before != at}


def _change(row: Row) -> KeyChange:
    return KeyChange(RuleKey(*(row[name] for name in RuleKey._fields)), _parts(row["parts"]))


def _parts(rows: Sequence[Row]) -> Parts:
    return tuple(
        Part(row["member"], Decimal(row["weight"]), row["valid_from"], row["valid_to"])
        for row in rows
    )


def _words(trouble: Trouble) -> str:
    return Refused(trouble.code, **trouble.facts).message
