"""Rendered rows in one temporary file: a page is one read, and memory holds only row positions."""

import os
import tempfile
import weakref
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

FLUSH_ROWS = 50_000
BETWEEN = b"\n"
"""What stands between two rows: JSON on one line never holds a line feed."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Rows that lie one behind the other in the file, a line each.

    Row n begins at `base + offsets[n]`; the last offset is one past the end of the last line.
    """

    base: int
    offsets: "array[int]"

    @property
    def rows(self) -> int:
        """How many rows it holds."""
        return len(self.offsets) - 1


class Spool:
    """An anonymous file that only grows; it is gone when the process ends."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the object
        self._size = 0
        self.close = weakref.finalize(self, self._file.close)
        """Gives the file back; also called when the object is gone."""

    def write(self, rows: list[str]) -> Extent:
        """Append rows and return where they lie."""
        raw = BETWEEN.decode().join(rows)
        sizes = [len(row) for row in rows] if raw.isascii() else [len(row.encode()) for row in rows]
        offsets = array("Q", accumulate((size + 1 for size in sizes), initial=0))
        extent = Extent(self._size, offsets)
        self._file.write(raw.encode())
        self._file.flush()
        self._size += offsets[-1] - 1
        return extent

    def read(self, extent: Extent, first: int, last: int) -> bytes:
        """Rows `first` up to but not including `last` of an extent, a line each."""
        begin, end = extent.offsets[first], extent.offsets[last] - 1
        return os.pread(self._file.fileno(), end - begin, extent.base + begin)


@dataclass(slots=True)
class Group:
    """The rows of one unit of a document (a domain, or an entity and period), in order.

    `uniform` holds the fields that have one value in all its rows; `sorted_by` the fields by
    which the rows are known to ascend.
    """

    spool: Spool
    uniform: dict[str, object] = field(default_factory=dict)
    sorted_by: tuple[str, ...] = ()
    extents: list[Extent] = field(default_factory=list)
    _firsts: list[int] = field(default_factory=list)
    rows: int = 0

    def append(self, rows: list[str]) -> None:
        """Add rendered rows at the end."""
        if rows:
            self._firsts.append(self.rows)
            self.extents.append(self.spool.write(rows))
            self.rows += len(rows)

    def read(self, first: int, count: int) -> bytes:
        """At most `count` rows from row `first` on (counted from 0), a line each."""
        pieces = []
        last = min(first + count, self.rows)
        while first < last:
            place = bisect_right(self._firsts, first) - 1
            extent, begin = self.extents[place], first - self._firsts[place]
            end = min(extent.rows, begin + last - first)
            pieces.append(self.spool.read(extent, begin, end))
            first += end - begin
        return BETWEEN.join(pieces)

    def row(self, number: int) -> bytes:
        """One row."""
        return self.read(number, 1)

    def iter_rows(self) -> Iterator[bytes]:
        """Every row in order."""
        for rows in self.iter_blocks():
            yield from rows.split(BETWEEN)

    def iter_blocks(self) -> Iterator[bytes]:
        """Every row in order, many at a time, a line each."""
        for extent in self.extents:
            yield self.spool.read(extent, 0, extent.rows)


class GroupWriter:
    """Collects rendered rows per group and writes them in long runs, whatever their order."""

    def __init__(self, limit: int = FLUSH_ROWS) -> None:
        self._pending: dict[int, tuple[Group, list[str]]] = {}
        self._waiting = 0
        self._limit = limit

    def rows_of(self, group: Group) -> list[str]:
        """The list to which rows of a group are added."""
        return self._pending.setdefault(id(group), (group, []))[1]

    def added(self, rows: int = 1) -> None:
        """Account for rows that were added; past the limit everything is written."""
        self._waiting += rows
        if self._waiting >= self._limit:
            self.flush()

    def flush(self) -> None:
        """Write all pending rows."""
        for group, rows in self._pending.values():
            group.append(rows)
            rows.clear()
        self._waiting = 0
