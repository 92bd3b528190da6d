"""Codes without a member: what a run held for them, or sent to suspense, in words."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from integrations.models import RunGroup
from integrations.pipeline.amounts import EXACT, to_text
from integrations.pipeline.lists import ListMapper
from integrations.pipeline.mapping import UnitMapper

HELD, SUSPENSE = "held", "suspense"
CODES_TOLD = 5
Lacks = dict[str, Any]
"""A code of one unit as a group keeps it: fate, dimension, code, currency, rows, amounts."""


@dataclass(slots=True)
class LackingCode:
    """A code without a member in a whole run; sums by currency and measure, never mixed."""

    dimension: str
    code: str
    rows: int = 0
    sums: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def __str__(self) -> str:
        """Name the code with its rows and amounts."""
        shown = [
            f"{measure} {to_text(amount)}{f' {currency}' if currency else ''}"
            for (currency, measure), amount in sorted(self.sums.items())
            if amount and (measure == "quantity" or self._tells(currency, measure))
        ]
        rows = f"{self.rows} row{'' if self.rows == 1 else 's'}"
        name = f"{self.dimension.replace('_', ' ')} {self.code or '(blank)'}"
        return f"{name} ({', '.join([rows, *shown])})"

    @property
    def weight(self) -> Decimal:
        """The largest of its amounts, to put the gravest code first."""
        return max(map(abs, self.sums.values()), default=Decimal(0))

    def _tells(self, currency: str, measure: str) -> bool:
        """Whether to show a side of money: the net says it alone, where it is not zero."""
        return measure == "net" or not self.sums.get((currency, "net"))


def list_lacks(mapper: UnitMapper | ListMapper, measures: Sequence[str]) -> Iterator[Lacks]:
    """Yield what a unit's rows lacked, as a group keeps it."""
    for fate, lacking in ((HELD, mapper.lacking), (SUSPENSE, mapper.suspense)):
        for dimension, code, currency, rows, values in lacking:
            yield {
                "fate": fate,
                "dimension": dimension,
                "code": code,
                "currency": currency,
                "rows": rows,
                "amounts": dict(zip(measures, values, strict=True)),
            }


def add_lacks(groups: Iterable[RunGroup], fate: str) -> list[LackingCode]:
    """Add up what the groups of a run lack, the code with the largest amount first."""
    codes: dict[tuple[str, str], LackingCode] = {}
    for group in groups:
        for lack in group.lacking:
            if lack["fate"] == fate:
                place = (lack["dimension"], lack["code"])
                code = codes.setdefault(place, LackingCode(*place))
                code.rows += lack["rows"]
                _add(code, lack)
    return sorted(codes.values(), key=lambda code: (-code.weight, code.dimension, code.code))


def _add(code: LackingCode, lack: Lacks) -> None:
    for measure, text in lack["amounts"].items():
        place = ("" if measure == "quantity" else lack["currency"], measure)
        code.sums[place] = EXACT.add(code.sums.get(place, Decimal(0)), Decimal(text))


def in_words(codes: Sequence[LackingCode]) -> str:
    """Name the first codes with their rows and amounts, and how many more there are."""
    told = "; ".join(map(str, codes[:CODES_TOLD]))
    more = len(codes) - CODES_TOLD
    return f"{told}; and {more} more" if more > 0 else told
