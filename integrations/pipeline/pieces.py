"""The pieces of which a cell's key is made: one per code of a row, found once a unit."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from integrations.pipeline.layout import Layout
from integrations.pipeline.rules import RulesInForce

# Stand in a key for a member that is missing, and for several; no member can hold them.
NO_MEMBER = "\x00"
SPLIT = "\x1f"


def build_pieces(
    rules: RulesInForce, layout: Layout, unit: Mapping[str, str]
) -> dict[str, "Pieces"]:
    """Cut the key into one piece per code of a row; the unit's own members lie between."""
    parts: list[list[str]] = []
    lead = ""
    for index, dimension in enumerate(layout.dimensions):
        gap = layout.format.separator if index else ""
        if dimension not in unit:
            parts.append([dimension, lead + gap, ""])
            lead = ""
            continue
        share = rules.share(dimension, unit[dimension])
        text = share.field if share else NO_MEMBER
        if parts:
            parts[-1][2] += gap + text
        else:
            lead += gap + text
    return {
        dimension: Pieces(rules, dimension, before, after) for dimension, before, after in parts
    }


class Pieces(dict[Any, str]):
    """The part of a key per code of one dimension: found once a unit, then known.

    `suspended` are the codes among them that only a suspense member takes.
    """

    def __init__(self, rules: RulesInForce, dimension: str, before: str, after: str) -> None:
        super().__init__()
        self.suspended: set[Any] = set()
        self._rules, self._dimension = rules, dimension
        self._before, self._after = before, after

    def __missing__(self, code: Any) -> str:
        text = to_code(code)
        if (
            not self._rules.shares(self._dimension, text)
            and self._dimension in self._rules.suspense
        ):
            self.suspended.add(code)
        piece = self[code] = f"{self._before}{self.middle(text)}{self._after}"
        return piece

    def middle(self, code: str) -> str:
        """Return the field of a code, or the mark of none or of several."""
        shares = self._rules.shares(self._dimension, code)
        if len(shares) > 1:
            return SPLIT
        share = shares[0] if shares else self._rules.suspense.get(self._dimension)
        return share.field if share else NO_MEMBER

    def of_split(self, code: Any) -> tuple[list[str], list[Decimal]]:
        """Return the pieces of a split code and their weights."""
        shares = self._rules.shares(self._dimension, to_code(code))
        pieces = [f"{self._before}{share.field}{self._after}" for share in shares]
        return pieces, [share.weight for share in shares]


def to_code(code: Any) -> str:
    """Return a row's code as text; one that is not there is blank."""
    return "" if code is None else str(code)
