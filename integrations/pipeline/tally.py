"""What the changes of a group come to while they pass on their way to the file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from integrations.pipeline.changes import Changes
from integrations.pipeline.frames import Frame


@dataclass(slots=True)
class Tally:
    """What the changes of a group came to; rows are source rows, the rest are cells."""

    cells: int = 0
    same_rows: int = 0
    sent_rows: int = 0
    sent_cells: int = 0
    zero_sends: int = 0
    kept_back: set[str] = field(default_factory=set)
    vanished: int = 0

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
            yield sent

    def _choose(self, due: Frame, chosen: frozenset[str]) -> Frame:
        self.kept_back.update(key for key in due.keys if key not in chosen)
        return due.pick([place for place, key in enumerate(due.keys) if key in chosen])


def _count_vanished(due: Frame) -> int:
    """Count the cells with no row behind them."""
    return due.rows.count(0) if due.rows else 0
