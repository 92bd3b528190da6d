"""Sorted runs of cells in an unnamed file, merged again in small batches."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from integrations.pipeline.frames import Frame, aligned, decode_frame, encode_frame

# Of every run one frame is in memory while runs are merged.
RUN_FRAME_CELLS = 512


class SpilledRuns:
    """Runs of cells, each ascending by key, in one file that has no name."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._runs: list[list[tuple[int, int]]] = []

    def __bool__(self) -> bool:
        return bool(self._runs)

    def add(self, frames: Iterable[Frame]) -> None:
        """Write one sorted run; its frames are best of `RUN_FRAME_CELLS`."""
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
        places = []
        for frame in frames:
            data = encode_frame(frame).encode()
            places.append((self._file.tell(), len(data)))
            self._file.write(data)
        self._runs.append(places)

    def merged(self) -> Iterator[list[Frame]]:
        """Yield what all runs have in one stretch of keys after the other.

        A cell of one key may be in several runs; they come in the order of their runs.
        """
        if self._file is None:
            return
        self._file.flush()
        for pieces in aligned(*map(self._read, self._runs)):
            yield [piece for piece in pieces if piece.keys]

    def close(self) -> None:
        """Remove the file."""
        if self._file is not None:
            self._file.close()
        self._file, self._runs = None, []

    def _read(self, places: list[tuple[int, int]]) -> Iterator[Frame]:
        for offset, size in places:
            if self._file is None:
                raise ValueError("the cells were closed while they were read")
            yield decode_frame(os.pread(self._file.fileno(), size, offset).decode())
