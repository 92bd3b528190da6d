"""Sorted runs of cells in an unnamed file, merged again in small batches."""

import os
import tempfile
from bisect import bisect_right
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import IO

from integrations.pipeline.frames import decode_frame, encode_frame
from integrations.pipeline.streams import Cell

_KEY = itemgetter(0)
# Of every run one frame is in memory while runs are merged.
_RUN_FRAME_CELLS = 512


class SpilledRuns:
    """Runs of cells, each ascending by key, in one file that has no name."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._runs: list[list[tuple[int, int]]] = []

    def __bool__(self) -> bool:
        return bool(self._runs)

    def add(self, cells: list[Cell]) -> None:
        """Write one sorted run."""
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
        frames = []
        for start in range(0, len(cells), _RUN_FRAME_CELLS):
            data = encode_frame(cells[start : start + _RUN_FRAME_CELLS]).encode()
            frames.append((self._file.tell(), len(data)))
            self._file.write(data)
        self._runs.append(frames)

    def merged(self) -> Iterator[list[Cell]]:
        """Yield batches of all runs' cells in the order of their keys.

        Cells of one key come together in one batch, in the order of their runs.
        """
        if self._file is None:
            return
        self._file.flush()
        runs = [self._read(frames) for frames in self._runs]
        heads = [next(run) for run in runs]
        while heads:
            bound = min(cells[-1][0] for cells in heads)
            batch: list[Cell] = []
            for index, cells in enumerate(heads):
                cut = bisect_right(cells, bound, key=_KEY)
                batch += cells[:cut]
                heads[index] = cells[cut:] or next(runs[index], [])
            runs = [run for run, cells in zip(runs, heads, strict=True) if cells]
            heads = [cells for cells in heads if cells]
            batch.sort(key=_KEY)
            yield batch

    def close(self) -> None:
        """Remove the file."""
        if self._file is not None:
            self._file.close()
        self._file, self._runs = None, []

    def _read(self, frames: list[tuple[int, int]]) -> Iterator[list[Cell]]:
        for offset, size in frames:
            if self._file is None:
                raise ValueError("the cells were closed while they were read")
            yield decode_frame(os.pread(self._file.fileno(), size, offset).decode())
