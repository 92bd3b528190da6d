"""One value per target cell: rows summed exactly, in flat memory."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain, compress, islice
from operator import is_not
from pathlib import Path
from types import TracebackType

from integrations.pipeline.amounts import EXACT, to_text
from integrations.pipeline.frames import FRAME_CELLS
from integrations.pipeline.spill import SpilledRuns
from integrations.pipeline.streams import Cell, Values

_ZEROS = {text: Decimal(text) for text in ("0.0", "0.00", "0.000", "0.0000")}


class CellStore:
    """Sums rows per cell; past `spill_at` cells it moves them, sorted, to a file in `folder`.

    The sum of a single row is that row's own text; a sum of several has as many decimals as
    the longest of them. The file has no name and goes with `close` or with the process.
    Without `folder` it lies where the system keeps such files.
    """

    def __init__(self, measures: int, folder: Path | None = None, spill_at: int = 65_536) -> None:
        self.measures = measures
        self.spill_at = spill_at
        self._first: dict[str, Values] = {}
        self._sums: dict[str, list[Decimal]] = {}
        self._rows: dict[str, int] = {}
        self._spilled = SpilledRuns(folder)

    def add(self, key: str, values: Values) -> None:
        """Add one source row."""
        self._add(key, values, 1)
        self._spill_if_full()

    def add_cell(self, cell: Cell) -> None:
        """Add a cell with the rows that it stands for."""
        self._add(*cell)
        self._spill_if_full()

    def add_cells(self, cells: Iterable[Cell]) -> None:
        """Add cells with the rows that they stand for, in any order."""
        stream = iter(cells)
        while batch := list(islice(stream, FRAME_CELLS)):
            keys, values, rows = zip(*batch, strict=True)
            if rows.count(1) == len(rows):
                self.add_batch(keys, values)
                continue
            for key, cell_values, count in batch:
                self._add(key, cell_values, count)
            self._spill_if_full()

    def add_batch(self, keys: Sequence[str], values: Sequence[Values]) -> None:
        """Add source rows; each values tuple must be an object of its own."""
        first, known = self._first, len(self._first)
        again = list(map(is_not, map(first.setdefault, keys, values), values))
        repeats = again.count(True)
        if len(first) - known + repeats != len(keys):
            raise ValueError("one values tuple was given for two rows")
        if repeats:
            for key, row_values in compress(zip(keys, values, strict=True), again):
                self._add(key, row_values, 1)
        self._spill_if_full()

    def sorted(self) -> Iterator[Cell]:
        """Yield each cell once, ascending by key; may be called again."""
        if not self._spilled:
            return iter(self._sorted_in_memory())
        self._spill()
        return chain.from_iterable(map(_merge_equal, self._spilled.merged()))

    def close(self) -> None:
        """Forget all cells and remove the file."""
        self._clear()
        self._spilled.close()

    def __enter__(self) -> "CellStore":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _add(self, key: str, values: Values, rows: int) -> None:
        held = self._first.get(key)
        if held is None:
            self._first[key] = values
            if rows != 1:
                self._rows[key] = rows
            return
        sums = self._sums.get(key)
        if sums is None:
            sums = self._sums[key] = list(map(Decimal, held))
        _add_to(sums, values)
        self._rows[key] = self._rows.get(key, 1) + rows

    def _sorted_in_memory(self) -> list[Cell]:
        first, sums, rows = self._first, self._sums, self._rows
        if not rows:
            return [(key, first[key], 1) for key in sorted(first)]
        return [
            (key, tuple(map(to_text, sums[key])) if key in sums else first[key], rows.get(key, 1))
            for key in sorted(first)
        ]

    def _spill_if_full(self) -> None:
        if len(self._first) >= self.spill_at:
            self._spill()

    def _spill(self) -> None:
        if self._first:
            self._spilled.add(self._sorted_in_memory())
            self._clear()

    def _clear(self) -> None:
        self._first, self._sums, self._rows = {}, {}, {}


def _add_to(sums: list[Decimal], values: Values) -> None:
    for index, text in enumerate(values):
        if text != "0":
            number = _ZEROS.get(text)
            sums[index] = EXACT.add(sums[index], Decimal(text) if number is None else number)


def _merge_equal(cells: list[Cell]) -> list[Cell]:
    """Add up neighbours of one key; all cells of a key lie in one batch."""
    if len({cell[0] for cell in cells}) == len(cells):
        return cells
    merged: list[Cell] = []
    for cell in cells:
        if merged and merged[-1][0] == cell[0]:
            key, values, rows = merged[-1]
            sums = list(map(Decimal, values))
            _add_to(sums, cell[1])
            merged[-1] = (key, tuple(map(to_text, sums)), rows + cell[2])
        else:
            merged.append(cell)
    return merged
