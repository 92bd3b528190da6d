"""Lines of the import's file: written in segments, cut into chunks, read back by line number."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from integrations.pipeline.changes import Change
from integrations.pipeline.layout import Layout
from integrations.pipeline.streams import Values


class Segment(NamedTuple):
    """Whole lines of the file: `lines` of them from line `first_line`, the header being line 1.

    `totals` are the exact sums of the segment's amounts per measure.
    """

    raw: bytes
    first_line: int
    lines: int
    totals: Values


class Chunk(NamedTuple):
    """One part of the upload: gzip of whole lines `first_line` to `last_line`."""

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


class SegmentWriter:
    """Writes the changes that must be sent; leaves out the "same" ones.

    The header stands in the first segment. Without a change there is no segment at all.
    `lines` counts data lines; `totals()` are the exact sums of all lines per measure.
    """

    lines: int

    def __init__(self, layout: Layout, limit: int = 8_000_000) -> None:
        raise NotImplementedError

    def segments(self, changes: Iterable[Change]) -> Iterator[Segment]:
        """Yield segments of at most `limit` bytes (a longer line stands alone)."""
        raise NotImplementedError

    def totals(self) -> Values:
        """Return the exact sums of all lines written so far, per measure."""
        raise NotImplementedError


def gzip_chunks(segments: Iterable[Segment], limit: int = 45_000_000) -> Iterator[Chunk]:
    """Join whole segments into chunks of at most `limit` bytes before compression."""
    raise NotImplementedError


def read_lines(raw: bytes, first_line: int, layout: Layout) -> Iterator[SentLine]:
    """Yield the data lines of a segment with their line numbers, keys and amounts."""
    raise NotImplementedError
