"""The proof per cell: what QAD says, what the files said last, what Anaplan answers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from integrations.pipeline.layout import Layout
from integrations.pipeline.streams import Cell, Values


class Place(NamedTuple):
    """Where a line of the tie-out stands; "" where the file has no such column."""

    entity: str
    period: str
    account: str
    currency: str


class CellDifference(NamedTuple):
    """A cell where the three do not say the same; None where one has no such cell."""

    key: str
    source: Values | None
    sent: Values | None
    target: Values | None


@dataclass(slots=True)
class Line:
    """Exact sums over the cells of one place, per measure of the layout."""

    source: Values
    sent: Values
    target: Values
    cells: int
    differing: int
    rows: int


@dataclass(slots=True)
class TieOut:
    """All lines, the first differences, and how many there are in all."""

    lines: dict[Place, Line] = field(default_factory=dict)
    differences: list[CellDifference] = field(default_factory=list)
    difference_count: int = 0
    cells: int = 0

    @property
    def agrees(self) -> bool:
        """Whether every cell says the same in all three."""
        return self.difference_count == 0


def tie_out(
    source: Iterator[Cell],
    sent: Iterator[Cell],
    target: Iterator[Cell],
    layout: Layout,
    *,
    keep: int = 1_000,
    on_difference: Callable[[CellDifference], None] | None = None,
) -> TieOut:
    """Merge three streams that ascend by key; a missing cell counts as zero.

    The first `keep` differences are kept, each one is handed to `on_difference`.
    """
    raise NotImplementedError
