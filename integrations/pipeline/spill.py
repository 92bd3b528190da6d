"""Sorted runs of cells in an unnamed file, merged again in small batches."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from integrations.pipeline.frames import Frame, aligned, decode_frame, encode_frame

# Of every run one frame is in memory while runs are merged.
RUN_FRAME_CELLS = 512


class SpillFile:
    """Frames in one file that has no name; it goes with `close` or with the process.

    Without `folder` it lies where the system keeps such files.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None

    def write(self, frame: Frame) -> tuple[int, int]:
        """Append a frame; returns where it lies."""
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
        data = encode_frame(frame).encode()
        place = self._file.tell(), len(data)
        self._file.write(data)
        return place

    def read(self, offset: int, size: int) -> Frame:
        """Return the frame that lies there."""
        if self._file is None:
            raise ValueError("the cells were closed while they were read")
        self._file.flush()
        return decode_frame(os.pread(self._file.fileno(), size, offset).decode())

    def close(self) -> None:
        """Remove the file."""
        if self._file is not None:
            self._file.close()
        self._file = None


class SpilledRuns:
    """Runs of cells, each ascending by key, in a file."""

    def __init__(self, file: SpillFile) -> None:
        self._file = file
        self._runs: list[list[tuple[int, int]]] = []

    def __bool__(self) -> bool:
        return bool(self._runs)

    def add(self, frames: Iterable[Frame]) -> None:
        """Write one sorted run, in frames of at most `RUN_FRAME_CELLS`."""
        self._runs.append(
            [
                self._file.write(frame.cut(start, start + RUN_FRAME_CELLS))
                for frame in frames
                for start in range(0, len(frame.keys), RUN_FRAME_CELLS)
            ]
        )

    def merged(self) -> Iterator[list[Frame]]:
        """Yield what all runs have in one stretch of keys after the other.

        A cell of one key may be in several runs; they come in the order of their runs.
        """
        for pieces in aligned(*map(self._read, self._runs)):
            yield [piece for piece in pieces if piece.keys]

    def _read(self, places: list[tuple[int, int]]) -> Iterator[Frame]:
        return (self._file.read(*place) for place in places)
