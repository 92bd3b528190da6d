"""One value per target cell: rows summed exactly, in flat memory."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import compress
from operator import is_not, lt
from pathlib import Path
from types import TracebackType

from integrations.pipeline.amounts import EXACT, Values, to_text
from integrations.pipeline.frames import FRAME_CELLS, Frame, frame_of
from integrations.pipeline.spill import SpilledRuns, SpillFile
from integrations.pipeline.streams import Cell

SPILL_AT = 16_384
_ZEROS = {text: Decimal(text) for text in ("0.0", "0.00", "0.000", "0.0000")}


class CellStore:
    """Sums rows per cell; past `spill_at` cells it moves them, sorted, to a file in `folder`.

    While keys come in ascending order, as they do from a sorted source, rows are kept as they
    come; from the first key that does not ascend on, they are looked up one by one. The sum of
    a single row is that row's own text; a sum of several has as many decimals as the longest
    of them. The file has no name and goes with `close` or with the process. Without `folder`
    it lies where the system keeps such files.
    """

    def __init__(
        self, folder: Path | None = None, spill_at: int = SPILL_AT, file: SpillFile | None = None
    ) -> None:
        self.spill_at = spill_at
        self._file = file or SpillFile(folder)
        self._ordered: list[Frame] = []
        self._last: str | None = ""
        self._count = 0
        self._first: dict[str, Values] = {}
        self._sums: dict[str, list[Decimal]] = {}
        self._rows: dict[str, int] = {}
        self._spilled = SpilledRuns(self._file)

    def add_batch(self, keys: Sequence[str], columns: Sequence[Sequence[str]]) -> None:
        """Add source rows: the key of each row's cell, and the amounts of each measure."""
        if not keys:
            return
        if self._last is not None and self._last < keys[0] and all(map(lt, keys, keys[1:])):
            self._last = keys[-1]
            self._ordered.append(Frame(list(keys), list(map(list, columns))))
            self._count += len(keys)
        else:
            self._last = None
            self._look_up_ordered()
            self._look_up(keys, columns)
        if len(self) >= self.spill_at:
            self.spill()

    def __len__(self) -> int:
        """Return how many cells are in memory."""
        return self._count + len(self._first)

    def frames(self) -> Iterator[Frame]:
        """Yield each cell once, ascending by key; may be called again."""
        if not self._spilled:
            return iter(self._ordered) if self._ordered else self._in_memory()
        self.spill()
        return map(_merge_equal, self._spilled.merged())

    def spill(self) -> None:
        """Move the cells that are in memory to the file."""
        if self._ordered:
            self._spilled.add(self._ordered)
        if self._first:
            self._spilled.add(self._in_memory())
        self._clear()

    def close(self) -> None:
        """Forget all cells and remove the file."""
        self._clear()
        self._spilled = SpilledRuns(self._file)
        self._file.close()

    def __enter__(self) -> "CellStore":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _look_up_ordered(self) -> None:
        for frame in self._ordered:
            self._look_up(frame.keys, frame.columns)
        self._ordered, self._count = [], 0

    def _look_up(self, keys: Sequence[str], columns: Sequence[Sequence[str]]) -> None:
        values: list[Values] = list(zip(*columns, strict=True))
        again = list(map(is_not, map(self._first.setdefault, keys, values), values))
        if True in again:
            for key, row_values in compress(zip(keys, values, strict=True), again):
                self._add_up(key, row_values)

    def _add_up(self, key: str, values: Values) -> None:
        """Add a row to a cell that is there already."""
        sums = self._sums.get(key)
        if sums is None:
            sums = self._sums[key] = list(map(Decimal, self._first[key]))
        _add_to(sums, values)
        self._rows[key] = self._rows.get(key, 1) + 1

    def _in_memory(self) -> Iterator[Frame]:
        for key, sums in self._sums.items():
            self._first[key] = tuple(map(to_text, sums))
        keys = sorted(self._first)
        for start in range(0, len(keys), FRAME_CELLS):
            part = keys[start : start + FRAME_CELLS]
            values = map(self._first.__getitem__, part)
            rows = [self._rows.get(key, 1) for key in part] if self._rows else None
            yield Frame(part, list(map(list, zip(*values, strict=True))), rows)

    def _clear(self) -> None:
        self._ordered, self._count = [], 0
        self._first, self._sums, self._rows = {}, {}, {}


class GroupedCells:
    """A cell store per group, with one file and one limit for all of them."""

    def __init__(self, folder: Path | None = None, spill_at: int = SPILL_AT) -> None:
        self.spill_at = spill_at
        self._file = SpillFile(folder)
        self._stores: dict[str, CellStore] = {}

    def add_batch(
        self, groups: Sequence[str], keys: Sequence[str], columns: Sequence[Sequence[str]]
    ) -> None:
        """Add source rows: group and key of each row's cell, and the amounts of each measure."""
        order = sorted(range(len(keys)), key=groups.__getitem__)
        groups = [groups[at] for at in order]
        sorted_rows = Frame([keys[at] for at in order], [[c[at] for at in order] for c in columns])
        start = 0
        while start < len(order):
            end = bisect_right(groups, groups[start], start)
            part = sorted_rows.cut(start, end)
            self._store(groups[start]).add_batch(part.keys, part.columns)
            start = end
        if sum(map(len, self._stores.values())) >= self.spill_at:
            for store in self._stores.values():
                store.spill()

    def items(self) -> Iterator[tuple[str, Iterator[Frame]]]:
        """Yield each group with its cells, each cell once, ascending by key."""
        for group in sorted(self._stores):
            yield group, self._stores[group].frames()

    def close(self) -> None:
        """Forget all cells and remove the file."""
        self._stores.clear()
        self._file.close()

    def __enter__(self) -> "GroupedCells":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _store(self, group: str) -> CellStore:
        if group not in self._stores:
            self._stores[group] = CellStore(spill_at=self.spill_at, file=self._file)
        return self._stores[group]


def _add_to(sums: list[Decimal], values: Values) -> None:
    for index, text in enumerate(values):
        if text != "0":
            number = _ZEROS.get(text)
            sums[index] = EXACT.add(sums[index], Decimal(text) if number is None else number)


def _merge_equal(pieces: list[Frame]) -> Frame:
    """Put pieces of one stretch in order and add up cells of one key."""
    if len(pieces) == 1:
        return pieces[0]
    cells = sorted((cell for piece in pieces for cell in piece.cells()), key=lambda cell: cell[0])
    merged: list[Cell] = []
    for cell in cells:
        if merged and merged[-1][0] == cell[0]:
            key, values, rows = merged[-1]
            sums = list(map(Decimal, values))
            _add_to(sums, cell[1])
            merged[-1] = (key, tuple(map(to_text, sums)), rows + cell[2])
        else:
            merged.append(cell)
    return frame_of(merged)
