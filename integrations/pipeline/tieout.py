"""The proof per cell: what QAD says, what the files said last, what Anaplan answers."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from integrations.pipeline.amounts import Values, canonical_all, is_zero, same_values
from integrations.pipeline.frames import Frame, aligned, frame_of
from integrations.pipeline.layout import Layout
from integrations.pipeline.places import Place, PlaceFinder, place_of
from integrations.pipeline.streams import Cell
from integrations.pipeline.units import Totals, Units, to_units

__all__ = ["CellDifference", "Line", "Place", "TieOut", "place_of", "tie_out"]

Triple = tuple[Cell | None, Cell | None, Cell | None]


class CellDifference(NamedTuple):
    """A cell where the three do not say the same; None where one has no such cell."""

    key: str
    source: Values | None
    sent: Values | None
    target: Values | None


@dataclass(slots=True)
class Line:
    """Exact sums over the cells of one place, per measure of the layout.

    `rows` counts the source rows behind them, `differing` the cells that do not agree: sums
    may agree where cells do not.
    """

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
    source: Iterator[Frame],
    sent: Iterator[Frame],
    target: Iterator[Frame],
    layout: Layout,
    *,
    keep: int = 1_000,
    on_difference: Callable[[CellDifference], None] | None = None,
) -> TieOut:
    """Merge three streams that ascend by key; a missing cell counts as zero.

    The first `keep` differences are kept, each one is handed to `on_difference`.
    """
    book = _Book(layout, keep, on_difference)
    for stretch in aligned(source, sent, target):
        if _agree_on_all(stretch):
            book.add_agreed(stretch[0])
        else:
            book.add_mixed(_triples(stretch))
    return book.close()


class AgreedCells:
    """Adds up cells on which all three are known to agree, as they pass."""

    def __init__(self, layout: Layout) -> None:
        self._book = _Book(layout, 0, None)

    def passing(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """Yield the frames as they come."""
        for frame in frames:
            self._book.add_agreed(frame)
            yield frame

    def result(self) -> TieOut:
        """Return the lines of all cells that passed."""
        return self._book.close()


def _agree_on_all(stretch: Sequence[Frame]) -> bool:
    """Whether three frames hold the same cells; amounts are compared as numbers."""
    first, *others = stretch
    return all(
        other.keys == first.keys and (other.columns == first.columns or _same_columns(other, first))
        for other in others
    )


def _same_columns(one: Frame, other: Frame) -> bool:
    pairs = zip(one.columns, other.columns, strict=True)
    return all(
        left == right or canonical_all(left) == canonical_all(right) for left, right in pairs
    )


def _triples(stretch: Sequence[Frame]) -> Iterator[Triple]:
    """Yield cell after cell what each of the three has."""
    source, sent, target = ({cell[0]: cell for cell in frame.cells()} for frame in stretch)
    for key in sorted({*source, *sent, *target}):
        yield source.get(key), sent.get(key), target.get(key)


class _Account:
    """The sums of one place.

    `agreed` adds up the cells on which all three agree, once for all three; `apart` the others,
    for each of them, once there are any.
    """

    __slots__ = ("agreed", "apart", "cells", "differing", "rows")

    def __init__(self, measures: int) -> None:
        self.agreed = Totals(measures)
        self.apart: tuple[Totals, Totals, Totals] | None = None
        self.cells = self.differing = self.rows = 0

    def add_agreed(self, columns: Sequence[Units], start: int, end: int, rows: int) -> None:
        """Add cells on which all three agree: from `start` up to `end` of these columns."""
        for index, (numbers, decimals) in enumerate(columns):
            self.agreed.add_units(index, sum(numbers[start:end]), decimals)
        self.cells += end - start
        self.rows += rows

    def add(self, triple: Triple) -> None:
        """Add a cell as each of the three has it."""
        self.cells += 1
        self.rows += triple[0][2] if triple[0] else 0
        if self.apart is None:
            measures = len(self.agreed.values())
            self.apart = (Totals(measures), Totals(measures), Totals(measures))
        for sums, cell in zip(self.apart, triple, strict=True):
            if cell is not None:
                sums.add_columns([[text] for text in cell[1]])

    def line(self) -> Line:
        """Return the sums; may be asked once, at the end."""
        if self.apart is None:
            source = sent = target = self.agreed.values()
        else:
            for sums in self.apart:
                sums.add(self.agreed)
            source, sent, target = (sums.values() for sums in self.apart)
        return Line(source, sent, target, self.cells, self.differing, self.rows)


class _Book:
    """Adds up stretch after stretch, place by place."""

    def __init__(
        self,
        layout: Layout,
        keep: int,
        on_difference: Callable[[CellDifference], None] | None,
    ) -> None:
        self._layout = layout
        self._places = PlaceFinder(layout)
        self._keep = keep
        self._on_difference = on_difference
        self._result = TieOut()
        self._accounts: dict[Place, _Account] = {}

    def add_agreed(self, frame: Frame) -> None:
        """Add cells on which all three agree."""
        parted, runs = self._places.part(frame)
        columns = list(map(to_units, parted.columns))
        for place, start, end in runs:
            rows = end - start if parted.rows is None else sum(parted.rows[start:end])
            self._account(place).add_agreed(columns, start, end, rows)

    def add_mixed(self, triples: Iterable[Triple]) -> None:
        """Add cells on some of which the three do not agree."""
        agreed: list[Cell] = []
        for triple in triples:
            source, sent, target = triple
            if source and sent and target and source[1] == sent[1] == target[1]:
                agreed.append(source)
            else:
                self._add(triple)
        if agreed:
            self.add_agreed(frame_of(agreed))

    def _add(self, triple: Triple) -> None:
        key = next(cell[0] for cell in triple if cell is not None)
        account = self._account(place_of(key, self._layout))
        account.add(triple)
        source, sent, target = (cell[1] if cell else None for cell in triple)
        if _agree(source, sent) and _agree(source, target):
            return
        account.differing += 1
        difference = CellDifference(key, source, sent, target)
        self._result.difference_count += 1
        if len(self._result.differences) < self._keep:
            self._result.differences.append(difference)
        if self._on_difference is not None:
            self._on_difference(difference)

    def close(self) -> TieOut:
        """Return the result."""
        result = self._result
        for place, account in self._accounts.items():
            line = result.lines[place] = account.line()
            result.cells += line.cells
        return result

    def _account(self, place: Place) -> _Account:
        account = self._accounts.get(place)
        if account is None:
            account = self._accounts[place] = _Account(len(self._layout.measures))
        return account


def _agree(left: Values | None, right: Values | None) -> bool:
    if left is None or right is None:
        return all(map(is_zero, left or right or ()))
    return same_values(left, right)
