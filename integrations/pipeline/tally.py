"""What the changes of a group come to while they pass on their way to the file."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from integrations.pipeline.amounts import Values, subtract
from integrations.pipeline.changes import Changes
from integrations.pipeline.frames import Frame
from integrations.pipeline.units import Totals

SHOWN = 20
"""How many changed cells are kept with their amounts before and after."""


@dataclass(slots=True)
class Tally:
    """What the changes of a group came to; rows are source rows, the rest are cells.

    `split` counts the rows whose codes are split by the cells that they fall on: such a row was
    sent if any of its cells was, and is held if any was kept back. `kept_back` are the cells
    that are due and not sent, `lost` those among them that no row falls on any more.
    """

    measures: tuple[str, ...]
    split: Counter[tuple[str, ...]] = field(default_factory=Counter)
    cells: int = 0
    same_rows: int = 0
    sent_rows: int = 0
    sent_cells: int = 0
    zero_sends: int = 0
    vanished: int = 0
    due_cells: int = 0
    kept_back: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    _shown: list[list[Any]] = field(default_factory=list)
    _after: Totals = field(init=False)
    _before: Totals = field(init=False)
    _shared: frozenset[str] = frozenset()
    _sent: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._after, self._before = Totals(len(self.measures)), Totals(len(self.measures))
        self._shared = frozenset(chain.from_iterable(self.split))

    def keep_members(self, changes: Iterable[Changes]) -> Iterator[Changes]:
        """Count members of a list that QAD has no more; an import cannot take them away."""
        for change in changes:
            due, gone = change.due, _count_vanished(change.due)
            self.vanished += gone
            if gone and due.rows:
                due = due.pick([place for place, rows in enumerate(due.rows) if rows])
            yield Changes(due, change.same)

    def measure(self, changes: Iterable[Changes]) -> Iterator[Changes]:
        """Add up by how much the cells that are due move, and keep the first of them."""
        for change in changes:
            self._after.add_columns(change.due.columns)
            self._before.add_columns(change.before.columns)
            self._show(change)
            yield change

    def watch(
        self,
        changes: Iterable[Changes],
        chosen: frozenset[str] | None,
        barred: Collection[str] = (),
    ) -> Iterator[Frame]:
        """Count the changes on their way to the file; leave out those not chosen or barred."""
        for change in changes:
            due = change.due
            self.due_cells += len(due.keys)
            self.cells += len(change.same.keys) + len(due.keys) - _count_vanished(due)
            self.same_rows += change.same.row_count()
            whole = chosen is None and not barred
            sent = due if whole else self._choose(due, chosen, barred)
            self.sent_cells += len(sent.keys)
            self.sent_rows += sent.row_count()
            self.zero_sends += _count_vanished(sent)
            if self._shared:
                self._sent.update(self._shared.intersection(sent.keys))
            yield sent

    def settle_split_rows(self) -> None:
        """Count each split row once; so far each of its cells counted it. May be called once."""
        for cells, rows in self.split.items():
            sent = sum(cell in self._sent for cell in cells)
            kept_back = sum(cell in self.kept_back for cell in cells)
            self.sent_rows -= rows * sent
            self.same_rows -= rows * (len(cells) - sent - kept_back)
            if kept_back:
                continue
            if sent:
                self.sent_rows += rows
            else:
                self.same_rows += rows

    def moved(self) -> dict[str, str]:
        """Return by how much the group moves, per measure."""
        amounts = map(subtract, self._after.values(), self._before.values())
        return dict(zip(self.measures, amounts, strict=True))

    def shown(self) -> list[list[Any]]:
        """Return the first cells that move, each as its key, its amounts before and after."""
        return self._shown

    def _show(self, change: Changes) -> None:
        room = SHOWN - len(self._shown)
        if room <= 0:
            return
        held: dict[str, Values] = {key: values for key, values, _ in change.before.cells()}
        for key, values, _ in list(change.due.cells())[:room]:
            self._shown.append([key, list(held.get(key, ())), list(values)])

    def _choose(self, due: Frame, chosen: frozenset[str] | None, barred: Collection[str]) -> Frame:
        places = []
        for place, key in enumerate(due.keys):
            if (chosen is None or key in chosen) and key not in barred:
                places.append(place)
                continue
            self.kept_back.add(key)
            if due.rows is not None and not due.rows[place]:
                self.lost.add(key)
        return due.pick(places)


def _count_vanished(due: Frame) -> int:
    """Count the cells with no row behind them."""
    return due.rows.count(0) if due.rows else 0
