"""How a group has moved: its sums per measure, and its first cells before and after."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from integrations.pipeline.amounts import EXACT
from integrations.selectors.figures import ZERO

_SHARED = ("entity", "period")
"""What all cells of a group have in common."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of a run's file carry, in their order."""

    dimensions: Sequence[str]
    measures: Sequence[str]
    separator: str
    delimiter: str

    @classmethod
    def of(cls, plan: Mapping[str, Any], moved: Mapping[str, Any]) -> "Columns":
        """Read a run's plan; what a group's movement has sums of are the measures."""
        bound = [plan["bindings"][header] for header in plan["headers"]]
        fields = [column for column in bound if column[:1] != "="]
        return cls(
            [name for name in fields if name not in moved["by"]],
            [name for name in fields if name in moved["by"]],
            plan["separator"],
            plan["delimiter"],
        )

    def members(self, key: str) -> dict[str, str]:
        """Return the members of a cell by dimension, from its key as it stands in the file."""
        if self.delimiter:
            rows = csv.reader([key], delimiter=self.separator, quotechar=self.delimiter)
        else:
            rows = csv.reader([key], delimiter=self.separator, quoting=csv.QUOTE_NONE)
        return dict(zip(self.dimensions, next(rows), strict=True))


@dataclass(frozen=True, slots=True)
class Amount:
    """One measure of a cell; `before` is None where no such cell was held."""

    measure: str
    before: Decimal | None
    after: Decimal

    @property
    def difference(self) -> Decimal:
        """By how much it moves."""
        return EXACT.subtract(self.after, self.before or ZERO)


@dataclass(frozen=True, slots=True)
class MovedCell:
    """One cell that moves: its members beside the group's own, and the measures that move."""

    members: list[str]
    currency: str
    amounts: list[Amount]


@dataclass(frozen=True, slots=True)
class Movement:
    """By how much a group moves since another run; `first` are the first of its cells.

    Sums over several currencies say nothing: then `by` is empty and `currencies` names them.
    """

    cells: int
    by: list[tuple[str, Decimal]]
    currencies: list[str]
    since: datetime
    run_id: int
    first: list[MovedCell]

    @property
    def currency(self) -> str:
        """The one currency, "" where the file has none or several."""
        return self.currencies[0] if len(self.currencies) == 1 else ""

    @property
    def moving(self) -> list[tuple[str, Decimal]]:
        """The sums that are not zero."""
        return [(measure, amount) for measure, amount in self.by if amount]

    @property
    def is_mixed(self) -> bool:
        """Whether the cells are in several currencies."""
        return len(self.currencies) > 1


def read_movement(
    moved: Mapping[str, Any], columns: Columns, currencies: Iterable[str]
) -> Movement:
    """Return a group's movement; `currencies` are those that its tie-out knows of."""
    first = [_cell(key, before, after, columns) for key, before, after in moved["first"]]
    known = sorted({*currencies, *(cell.currency for cell in first)} - {""})
    by = [] if len(known) > 1 else [(name, Decimal(moved["by"][name])) for name in columns.measures]
    since = datetime.fromisoformat(moved["since"])
    return Movement(moved["cells"], by, known, since, moved["run"], first)


def _cell(key: str, before: Sequence[str], after: Sequence[str], columns: Columns) -> MovedCell:
    members = columns.members(key)
    amounts = [
        Amount(measure, Decimal(before[at]) if before else None, Decimal(after[at]))
        for at, measure in enumerate(columns.measures)
    ]
    others = [text for name, text in members.items() if name not in (*_SHARED, "currency")]
    changed = [amount for amount in amounts if amount.difference]
    return MovedCell(others, members.get("currency", ""), changed or amounts[:1])
