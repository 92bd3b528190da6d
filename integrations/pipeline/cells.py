"""One value per target cell: rows summed exactly, in flat memory."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import compress
from operator import is_not
from pathlib import Path
from types import TracebackType

from integrations.pipeline.amounts import EXACT, to_text
from integrations.pipeline.frames import FRAME_CELLS, Frame, frame_of
from integrations.pipeline.spill import RUN_FRAME_CELLS, SpilledRuns
from integrations.pipeline.streams import Cell, Values

_ZEROS = {text: Decimal(text) for text in ("0.0", "0.00", "0.000", "0.0000")}


class CellStore:
    """Sums rows per cell; past `spill_at` cells it moves them, sorted, to a file in `folder`.

    The sum of a single row is that row's own text; a sum of several has as many decimals as
    the longest of them. The file has no name and goes with `close` or with the process.
    Without `folder` it lies where the system keeps such files.
    """

    def __init__(self, folder: Path | None = None, spill_at: int = 65_536) -> None:
        self.spill_at = spill_at
        self._first: dict[str, Values] = {}
        self._sums: dict[str, list[Decimal]] = {}
        self._rows: dict[str, int] = {}
        self._spilled = SpilledRuns(folder)

    def add_batch(self, keys: Sequence[str], columns: Sequence[Sequence[str]]) -> None:
        """Add source rows: the key of each row's cell, and the amounts of each measure."""
        values: list[Values] = list(zip(*columns, strict=True))
        again = list(map(is_not, map(self._first.setdefault, keys, values), values))
        if True in again:
            for key, row_values in compress(zip(keys, values, strict=True), again):
                self._add_up(key, row_values)
        if len(self._first) >= self.spill_at:
            self._spill()

    def frames(self) -> Iterator[Frame]:
        """Yield each cell once, ascending by key; may be called again."""
        if not self._spilled:
            return self._in_memory(FRAME_CELLS)
        self._spill()
        return map(_merge_equal, self._spilled.merged())

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

    def _add_up(self, key: str, values: Values) -> None:
        """Add a row to a cell that is there already."""
        sums = self._sums.get(key)
        if sums is None:
            sums = self._sums[key] = list(map(Decimal, self._first[key]))
        _add_to(sums, values)
        self._rows[key] = self._rows.get(key, 1) + 1

    def _in_memory(self, size: int) -> Iterator[Frame]:
        for key, sums in self._sums.items():
            self._first[key] = tuple(map(to_text, sums))
        keys = sorted(self._first)
        for start in range(0, len(keys), size):
            part = keys[start : start + size]
            values = map(self._first.__getitem__, part)
            rows = [self._rows.get(key, 1) for key in part] if self._rows else None
            yield Frame(part, list(map(list, zip(*values, strict=True))), rows)

    def _spill(self) -> None:
        if self._first:
            self._spilled.add(self._in_memory(RUN_FRAME_CELLS))
            self._clear()

    def _clear(self) -> None:
        self._first, self._sums, self._rows = {}, {}, {}


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
