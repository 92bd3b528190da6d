"""What the changes of a group come to while they pass on their way to the file."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from integrations.pipeline.changes import Changes
from integrations.pipeline.frames import Frame


@dataclass(slots=True)
class Tally:
    """What the changes of a group came to; rows are source rows, the rest are cells.

    `split` counts the rows whose codes are split by the cells that they fall on: such a row was
    sent if any of its cells was, and is held if any was kept back.
    """

    split: Counter[tuple[str, ...]] = field(default_factory=Counter)
    cells: int = 0
    same_rows: int = 0
    sent_rows: int = 0
    sent_cells: int = 0
    zero_sends: int = 0
    kept_back: set[str] = field(default_factory=set)
    vanished: int = 0
    _shared: frozenset[str] = frozenset()
    _sent: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._shared = frozenset(chain.from_iterable(self.split))

    def keep_members(self, changes: Iterable[Changes]) -> Iterator[Changes]:
        """Count members of a list that QAD has no more; an import cannot take them away."""
        for change in changes:
            due, gone = change.due, _count_vanished(change.due)
            self.vanished += gone
            if gone and due.rows:
                due = due.pick([place for place, rows in enumerate(due.rows) if rows])
            yield Changes(due, change.same)

    def watch(self, changes: Iterable[Changes], chosen: frozenset[str] | None) -> Iterator[Frame]:
        """Count the changes on their way to the file; leave out those not chosen."""
        for change in changes:
            due = change.due
            self.cells += len(change.same.keys) + len(due.keys) - _count_vanished(due)
            self.same_rows += change.same.row_count()
            sent = due if chosen is None else self._choose(due, chosen)
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

    def _choose(self, due: Frame, chosen: frozenset[str]) -> Frame:
        self.kept_back.update(key for key in due.keys if key not in chosen)
        return due.pick([place for place, key in enumerate(due.keys) if key in chosen])


def _count_vanished(due: Frame) -> int:
    """Count the cells with no row behind them."""
    return due.rows.count(0) if due.rows else 0
