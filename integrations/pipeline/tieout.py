"""The proof per cell: what QAD says, what the files said last, what Anaplan answers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from integrations.pipeline.amounts import Totals, is_zero, same_values
from integrations.pipeline.layout import Layout
from integrations.pipeline.streams import Cell, Values

# Sorts behind every key of a cell.
_END: Cell = ("\U0010ffff" * 8, (), 0)
_PENDING_CELLS = 16_384
# Begins no key, since no member holds it.
_NO_KEY = "\x00"
_PLACE_FIELDS = ("entity", "period", "gl_account", "currency")


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


def place_of(key: str, layout: Layout) -> Place:
    """Return the place of a cell."""
    members = dict(zip(layout.dimensions, layout.members(key), strict=True))
    return Place(*(members.get(name, "") for name in _PLACE_FIELDS))


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

    The first `keep` differences are kept, each one is handed to `on_difference`. Streams that
    do not ascend show as differences.
    """
    book = _Book(layout, keep, on_difference)
    before, after, waiting = _NO_KEY, _NO_KEY, list[Cell]()
    wanted, last, found = next(source, _END), next(sent, _END), next(target, _END)
    while True:
        key, values, _ = wanted
        if key == last[0] == found[0]:
            if wanted is _END:
                return book.close()
            if values == last[1] == found[1] or (
                same_values(values, last[1]) and same_values(values, found[1])
            ):
                if (
                    not (key.startswith(before) and key.endswith(after))
                    or len(waiting) >= _PENDING_CELLS
                ):
                    before, after, waiting = book.turn_to(key)
                waiting.append(wanted)
            else:
                book.add(key, wanted, last, found)
            wanted, last, found = next(source, _END), next(sent, _END), next(target, _END)
            continue
        key = min(key, last[0], found[0])
        here = (wanted[0] == key, last[0] == key, found[0] == key)
        book.add(
            key,
            wanted if here[0] else None,
            last if here[1] else None,
            found if here[2] else None,
        )
        wanted = next(source, _END) if here[0] else wanted
        last = next(sent, _END) if here[1] else last
        found = next(target, _END) if here[2] else found


def add_up(cells: Iterator[Cell], layout: Layout) -> TieOut:
    """Return the lines of cells on which all three are known to agree, to the letter."""
    book = _Book(layout, 0, None)
    before, after, waiting = _NO_KEY, _NO_KEY, list[Cell]()
    for cell in cells:
        key = cell[0]
        if not (key.startswith(before) and key.endswith(after)) or len(waiting) >= _PENDING_CELLS:
            before, after, waiting = book.turn_to(key)
        waiting.append(cell)
    return book.close()


class _Account:
    """The cells of one place that wait to be added up, and their sums so far.

    `agreed` adds up the cells on which all three agree to the letter, once for all three;
    `apart` the others, for each of them, once there are any.
    """

    __slots__ = ("agreed", "apart", "cells", "differing", "rows", "waiting")

    def __init__(self, measures: int) -> None:
        self.waiting: list[Cell] = []
        self.agreed = Totals(measures)
        self.apart: tuple[Totals, Totals, Totals] | None = None
        self.cells = self.differing = self.rows = 0

    def settle(self) -> None:
        """Add up the waiting cells."""
        _, values, rows = zip(*self.waiting, strict=True)
        self.agreed.add_columns(zip(*values, strict=True))
        self.cells += len(values)
        self.rows += sum(rows)
        self.waiting.clear()

    def add(self, triple: tuple[Cell | None, Cell | None, Cell | None]) -> None:
        """Add a cell on which the three do not agree to the letter."""
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
    """Takes cell after cell, place by place.

    Cells on which all three agree wait at their place and are settled now and then, so that
    few lie in memory.
    """

    def __init__(
        self,
        layout: Layout,
        keep: int,
        on_difference: Callable[[CellDifference], None] | None,
    ) -> None:
        self._layout = layout
        self._keep = keep
        self._on_difference = on_difference
        self._result = TieOut()
        self._accounts: dict[Place, _Account] = {}
        self._touched: dict[Place, _Account] = {}
        self._pending = 0
        self._waiting: list[Cell] = []
        self._ends = _place_ends(layout)

    def turn_to(self, key: str) -> tuple[str, str, list[Cell]]:
        """Return where the cells of a key's place wait, and how all of its keys begin and end."""
        self._pending += len(self._waiting)
        if self._pending >= _PENDING_CELLS:
            self._settle()
        place = place_of(key, self._layout)
        account = self._touched[place] = self._account(place)
        self._waiting = account.waiting
        self._pending -= len(self._waiting)
        return (*self._common_ends(key), self._waiting)

    def add(self, key: str, source: Cell | None, sent: Cell | None, target: Cell | None) -> None:
        """Take a cell that is not there in all three, or not with the same amounts."""
        account = self._account(place_of(key, self._layout))
        account.add((source, sent, target))
        values = [cell[1] if cell else None for cell in (source, sent, target)]
        if _agree(values[0], values[1]) and _agree(values[0], values[2]):
            return
        account.differing += 1
        difference = CellDifference(key, *values)
        self._result.difference_count += 1
        if len(self._result.differences) < self._keep:
            self._result.differences.append(difference)
        if self._on_difference is not None:
            self._on_difference(difference)

    def close(self) -> TieOut:
        """Settle everything and return the result."""
        self._settle()
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

    def _settle(self) -> None:
        for account in self._touched.values():
            account.settle()
        self._touched.clear()
        self._pending = 0

    def _common_ends(self, key: str) -> tuple[str, str]:
        """Return how every key of the same place begins and ends, where that tells the place."""
        if self._ends is None or (self._layout.delimiter and self._layout.delimiter in key):
            return _NO_KEY, _NO_KEY
        lead, tail = self._ends
        separator = self._layout.separator
        pieces = key.split(separator)
        before = "".join(piece + separator for piece in pieces[:lead])
        after = "".join(separator + piece for piece in pieces[len(pieces) - tail :])
        return before, after


def _place_ends(layout: Layout) -> tuple[int, int] | None:
    """Return how many columns of a key, at its begin and at its end, make up the place.

    None where other columns stand among them.
    """
    is_place = [name in _PLACE_FIELDS for name in layout.dimensions]
    if all(is_place):
        return None
    lead, tail = is_place.index(False), is_place[::-1].index(False)
    return (lead, tail) if not any(is_place[lead : len(is_place) - tail]) else None


def _agree(left: Values | None, right: Values | None) -> bool:
    if left is None or right is None:
        return all(map(is_zero, left or right or ()))
    return same_values(left, right)
