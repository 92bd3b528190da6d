"""Lines of the import's file: written in segments, cut into chunks, read back by line number."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import count, islice
from typing import NamedTuple, Protocol

from integrations.pipeline.amounts import Totals
from integrations.pipeline.changes import Change
from integrations.pipeline.delimited import read_columns
from integrations.pipeline.layout import Layout, LineParser
from integrations.pipeline.streams import Values

_BATCH_CHANGES = 2_048


class Segment(NamedTuple):
    """Whole lines of the file: `lines` of them from line `first_line`, the header being line 1.

    `totals` are the exact sums of the segment's amounts per measure.
    """

    raw: bytes
    first_line: int
    lines: int
    totals: Values


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


class SentLine(NamedTuple):
    """A line of the file read back."""

    line: int
    key: str
    values: Values


_new_line = partial(tuple.__new__, SentLine)


class SegmentWriter:
    """Writes the changes that must be sent; leaves out the "same" ones.

    With `first_line` 1 the header stands before the first change. Without a change there is no
    segment at all. `lines` counts the lines written, a header among them. `with_totals` may be
    left out where nobody asks for them.
    """

    def __init__(
        self,
        layout: Layout,
        limit: int = 8_000_000,
        first_line: int = 1,
        *,
        with_totals: bool = True,
    ) -> None:
        self.lines = 0
        self._measures = len(layout.measures) if with_totals else 0
        self._layout = layout
        self._limit = limit
        self._first_line = first_line
        self._totals = Totals(self._measures)

    def segments(self, changes: Iterable[Change]) -> Iterator[Segment]:
        """Yield segments of at most `limit` bytes (a longer line stands alone)."""
        pending = _Pending(self._measures)
        for part in self._parts(changes):
            if pending.size and pending.size + len(part.raw) > self._limit:
                yield self._cut(pending)
                pending = _Pending(self._measures)
            pending.add(part)
        if pending.size:
            yield self._cut(pending)

    def totals(self) -> Values:
        """Return the exact sums of all lines written so far, per measure."""
        return self._totals.values()

    def _cut(self, pending: "_Pending") -> Segment:
        segment = Segment(
            b"".join(pending.raw),
            self._first_line + self.lines,
            pending.lines,
            pending.totals.values(),
        )
        self.lines += pending.lines
        self._totals.add_columns([[total] for total in segment.totals])
        return segment

    def _parts(self, changes: Iterable[Change]) -> Iterator["_Part"]:
        """Write batches of changes, each halved until it fits into a segment."""
        header = self._first_line == 1
        stream = iter(changes)
        while batch := list(islice(stream, _BATCH_CHANGES)):
            due = [change for change in batch if change[3] != "same"]
            if not due:
                continue
            keys = [change[0] for change in due]
            columns = list(zip(*[change[1] for change in due], strict=True))
            lines = list(self._layout.lines(keys, columns))
            if header:
                yield self._part([self._layout.header_line()], [])
                header = False
            yield from self._fitting(lines, columns)

    def _fitting(self, lines: list[str], columns: Sequence[Sequence[str]]) -> Iterator["_Part"]:
        part = self._part(lines, columns)
        if len(part.raw) <= self._limit or len(lines) == 1:
            yield part
            return
        middle = len(lines) // 2
        yield from self._fitting(lines[:middle], [column[:middle] for column in columns])
        yield from self._fitting(lines[middle:], [column[middle:] for column in columns])

    def _part(self, lines: list[str], columns: Sequence[Sequence[str]]) -> "_Part":
        raw = ("\n".join(lines) + "\n").encode(self._layout.format.codec)
        return _Part(raw, len(lines), columns if self._measures else [])


class _Part(NamedTuple):
    raw: bytes
    lines: int
    columns: Sequence[Sequence[str]]


class _Pending:
    """The parts of the segment that is being filled."""

    def __init__(self, measures: int) -> None:
        self.raw: list[bytes] = []
        self.size = 0
        self.lines = 0
        self.totals = Totals(measures)

    def add(self, part: _Part) -> None:
        self.raw.append(part.raw)
        self.size += len(part.raw)
        self.lines += part.lines
        self.totals.add_columns(part.columns)


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
        self._parts: list[bytes] = []

    def add(self, segment: Segment) -> None:
        self._digest.update(segment.raw)
        self._parts.append(self._compressor.compress(segment.raw))
        self.size += len(segment.raw)
        self.lines += segment.lines

    def close(self) -> Chunk:
        return Chunk(
            self.number,
            b"".join((*self._parts, self._compressor.flush())),
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


def read_lines(raw: bytes, first_line: int, layout: Layout) -> Iterator[SentLine]:
    """Yield the data lines of a segment with their line numbers, keys and amounts.

    ValueError when they are not lines of this layout.
    """
    parser = LineParser(layout)
    line = first_line
    for columns in read_columns([raw], layout.format, len(layout.columns)):
        if line == 1:
            line += 1
            columns = [column[1:] for column in columns]
        keys, values = parser.parse(columns)
        yield from map(_new_line, zip(count(line), keys, values))
        line += len(keys)
