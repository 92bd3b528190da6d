"""Source keys that came more than once in a unit: found at next to no cost, dropped or refused."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import merge
from itertools import islice
from operator import attrgetter, lt
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import msgspec

from integrations.pipeline.streams import DataSet
from integrations.transport.errors import IntegrationError

ReadPages = Callable[[], Iterable[Sequence[Any]]]
"""Reads the unit's pages again from the start, each as a sequence of rows."""

MAX_REPEATS = 65_536
"""More repeated keys than this in one unit are not stray rows but a wrong reading."""

_RUN_HASHES = 131_072
_READ_HASHES = 4_096


class SourceKeys:
    """Watches the keys of a unit's pages; while they ascend nothing is kept at all.

    From the first page that does not ascend, 8 bytes a row go to memory and then to an unnamed
    file in `folder`.
    """

    def __init__(self, data_set: DataSet, folder: Path | None = None) -> None:
        self._key = attrgetter(*data_set.key)
        self._document = data_set.document
        self._folder = folder
        self._last: Any = None
        self._ascending_pages = 0
        self._hashes: _Hashes | None = None

    def add(self, rows: Sequence[Any]) -> None:
        """Look at the next page."""
        keys = list(map(self._key, rows))
        if not keys:
            return
        if self._hashes is None:
            if (self._last is None or self._last < keys[0]) and all(map(lt, keys, keys[1:])):
                self._last = keys[-1]
                self._ascending_pages += 1
                return
            self._hashes = _Hashes(self._folder)
        self._hashes.add(map(hash, keys))

    @property
    def is_ascending(self) -> bool:
        """Whether the keys ascended so far: then no key can have come twice."""
        return self._hashes is None

    def repeated(self, read: ReadPages) -> frozenset[int]:
        """Return hashes of keys that may have come more than once; nearly always empty.

        `read` is called only when the keys stopped to ascend, for the pages before that.
        Raises IntegrationError qad_rows_repeated past `MAX_REPEATS` of them.
        """
        if self._hashes is None:
            return frozenset()
        filled = (rows for rows in read() if rows)
        for rows in islice(filled, self._ascending_pages):
            self._hashes.add(map(hash, map(self._key, rows)))
        self._ascending_pages = 0
        found: set[int] = set()
        for number in self._hashes.repeated():
            found.add(number)
            if len(found) > MAX_REPEATS:
                raise IntegrationError(
                    "qad_rows_repeated", document=self._document, rows=MAX_REPEATS
                )
        self._hashes.close()
        return frozenset(found)


class RepeatFilter:
    """Drops the second sight of a row; `dropped` counts them."""

    def __init__(self, data_set: DataSet, suspects: frozenset[int]) -> None:
        self.dropped = 0
        self._data_set = data_set
        self._suspects = suspects
        self._key = attrgetter(*data_set.key)
        # As text of its own: a row would hold on to the whole page that it came in.
        self._seen: dict[Any, bytes] = {}

    def distinct(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Return the page without rows that came before.

        Raises IntegrationError qad_conflicting_rows when two rows of one key differ.
        """
        if not self._suspects:
            return rows
        return [row for row in rows if self._is_first(row)]

    def _is_first(self, row: Any) -> bool:
        key = self._key(row)
        if hash(key) not in self._suspects:
            return True
        text = msgspec.json.encode(row)
        first = self._seen.setdefault(key, text)
        if first is text:
            return True
        if first != text:
            raise IntegrationError(
                "qad_conflicting_rows",
                document=self._data_set.document,
                key=self._data_set.row_key(row),
            )
        self.dropped += 1
        return False


def find_repeats(read: ReadPages, data_set: DataSet, folder: Path | None = None) -> frozenset[int]:
    """Return what `RepeatFilter` needs for a unit, in one pass over its pages."""
    keys = SourceKeys(data_set, folder)
    for rows in read():
        keys.add(rows)
    return keys.repeated(read)


class _Hashes:
    """Numbers of 64 bits, sorted in runs; `repeated` yields those that are there twice."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._pending: array[int] = array("q")
        self._file: IO[bytes] | None = None
        self._runs: list[int] = []

    def add(self, numbers: Iterable[int]) -> None:
        self._pending.extend(numbers)
        if len(self._pending) >= _RUN_HASHES:
            self._spill()

    def repeated(self) -> Iterator[int]:
        last = None
        for number in merge(sorted(self._pending), *self._read_runs()):
            if number == last:
                yield number
            last = number

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _spill(self) -> None:
        if self._file is None:
            self._file = TemporaryFile(dir=self._folder)  # noqa: SIM115
        run = array("q", sorted(self._pending))
        run.tofile(self._file)
        self._runs.append(len(run))
        self._pending = array("q")

    def _read_runs(self) -> Iterator[Iterator[int]]:
        start = 0
        for count in self._runs:
            yield self._read_run(start, start + count)
            start += count

    def _read_run(self, start: int, end: int) -> Iterator[int]:
        for first in range(start, end, _READ_HASHES):
            numbers: array[int] = array("q")
            if self._file is not None:
                self._file.seek(first * numbers.itemsize)
                numbers.fromfile(self._file, min(_READ_HASHES, end - first))
            yield from numbers
