"""What has no member: rows and exact amounts per code, as they are met."""

from collections.abc import Iterator
from typing import NamedTuple

from integrations.pipeline.amounts import Values
from integrations.pipeline.units import Totals


class Lack(NamedTuple):
    """A code that no rule holds, how many rows in a currency have it, their sums per measure."""

    dimension: str
    code: str
    currency: str
    rows: int
    values: Values


class Lacking:
    """Adds up rows per code that lacks a member; a row counts for the first that it lacks."""

    def __init__(self, measures: int) -> None:
        self._measures = measures
        self._rows: dict[tuple[str, str, str], int] = {}
        self._totals: dict[tuple[str, str, str], Totals] = {}

    def add(self, dimension: str, code: str, currency: str, values: Values) -> None:
        """Add one row."""
        place = (dimension, code, currency)
        self._rows[place] = self._rows.get(place, 0) + 1
        if place not in self._totals:
            self._totals[place] = Totals(self._measures)
        self._totals[place].add_columns([[amount] for amount in values])

    @property
    def rows(self) -> int:
        """How many rows lack a member."""
        return sum(self._rows.values())

    def __iter__(self) -> Iterator[Lack]:
        """Yield the codes in the order in which they were met."""
        for place, rows in self._rows.items():
            yield Lack(*place, rows, self._totals[place].values())
