"""Lines of the import's file: written in segments, cut into chunks, read back by line number."""

import hashlib
import io
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from integrations.pipeline.delimited import read_columns
from integrations.pipeline.frames import Frame
from integrations.pipeline.layout import Layout, LineParser


class Segment(NamedTuple):
    """Whole lines of the file: `lines` of them from line `first_line`, the header being line 1."""

    raw: bytes
    first_line: int
    lines: int


class Chunk(NamedTuple):
    """One part of the upload: gzip of whole lines `first_line` to `last_line`.

    `number` counts from 0; `sha256` (hex) and `raw_size` are of the bytes before compression.
    """

    number: int
    gzipped: bytes
    raw_size: int
    sha256: str
    first_line: int
    last_line: int


class SentLines(NamedTuple):
    """Lines of the file read back: those of the cells in `frame`, one behind the other."""

    first_line: int
    frame: Frame


class SegmentWriter:
    """Writes cells as lines of the file.

    With `first_line` 1 the header stands before the first cell. Without a cell there is no
    segment at all. `lines` counts the lines written, a header among them.
    """

    def __init__(self, layout: Layout, limit: int = 1_000_000, first_line: int = 1) -> None:
        self.lines = 0
        self._layout = layout
        self._limit = limit
        self._first_line = first_line

    def segments(self, frames: Iterable[Frame]) -> Iterator[Segment]:
        """Yield segments of at most `limit` bytes (a longer line stands alone)."""
        pending: list[_Part] = []
        size = 0
        for part in self._parts(frames):
            if pending and size + len(part.raw) > self._limit:
                yield self._cut(pending)
                pending, size = [], 0
            pending.append(part)
            size += len(part.raw)
        if pending:
            yield self._cut(pending)

    def _cut(self, parts: Sequence["_Part"]) -> Segment:
        lines = sum(part.lines for part in parts)
        first_line = self._first_line + self.lines
        self.lines += lines
        return Segment(b"".join(part.raw for part in parts), first_line, lines)

    def _parts(self, frames: Iterable[Frame]) -> Iterator["_Part"]:
        """Write frame by frame, each halved until it fits into a segment."""
        is_start = self._first_line == 1
        for frame in frames:
            if not frame.keys:
                continue
            if is_start:
                yield self._part([self._layout.header_line()])
                is_start = False
            yield from self._fitting(list(self._layout.lines(frame.keys, frame.columns)))

    def _fitting(self, lines: list[str]) -> Iterator["_Part"]:
        part = self._part(lines)
        if len(part.raw) <= self._limit or len(lines) == 1:
            yield part
            return
        middle = len(lines) // 2
        yield from self._fitting(lines[:middle])
        yield from self._fitting(lines[middle:])

    def _part(self, lines: list[str]) -> "_Part":
        raw = ("\n".join(lines) + "\n").encode(self._layout.format.codec)
        return _Part(raw, len(lines))


class _Part(NamedTuple):
    raw: bytes
    lines: int


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


def _compressor() -> _Compressor:
    """Return a gzip compressor: ISA-L is several times as fast, zlib is always there."""
    try:
        from isal import isal_zlib
    except ImportError:
        return zlib.compressobj(1, zlib.DEFLATED, 31)
    compressor: _Compressor = isal_zlib.compressobj(1, isal_zlib.DEFLATED, 31)
    return compressor


class _OpenChunk:
    """A chunk while segments are added to it."""

    def __init__(self, number: int, first_line: int) -> None:
        self.number, self.first_line = number, first_line
        self.size = self.lines = 0
        self._digest = hashlib.sha256()
        self._compressor = _compressor()
        self._gzipped = io.BytesIO()

    def add(self, segment: Segment) -> None:
        self._digest.update(segment.raw)
        self._gzipped.write(self._compressor.compress(segment.raw))
        self.size += len(segment.raw)
        self.lines += segment.lines

    def close(self) -> Chunk:
        self._gzipped.write(self._compressor.flush())
        return Chunk(
            self.number,
            self._gzipped.getvalue(),
            self.size,
            self._digest.hexdigest(),
            self.first_line,
            self.first_line + self.lines - 1,
        )


def gzip_chunks(segments: Iterable[Segment], limit: int = 45_000_000) -> Iterator[Chunk]:
    """Join whole segments into chunks of at most `limit` bytes before compression.

    A segment that is longer than the limit is a chunk of its own.
    """
    chunk: _OpenChunk | None = None
    number = 0
    for segment in segments:
        if chunk is not None and chunk.size + len(segment.raw) > limit:
            yield chunk.close()
            chunk, number = None, number + 1
        if chunk is None:
            chunk = _OpenChunk(number, segment.first_line)
        chunk.add(segment)
    if chunk is not None:
        yield chunk.close()


def read_lines(raw: bytes, first_line: int, layout: Layout) -> Iterator[SentLines]:
    """Yield the cells of a segment's data lines, some thousand at a time.

    ValueError when they are not lines of this layout.
    """
    parser = LineParser(layout)
    line = first_line
    for columns in read_columns([raw], layout.format, len(layout.columns)):
        if line == 1:
            line += 1
            columns = [column[1:] for column in columns]
        frame = parser.parse(columns)
        yield SentLines(line, frame)
        line += len(frame.keys)
