"""Source keys that came more than once in a unit: found at next to no cost, dropped or refused."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from integrations.pipeline.streams import DataSet

ReadPages = Callable[[], Iterable[Sequence[Any]]]
"""Reads the unit's pages again from the start, each as a sequence of rows."""


class SourceKeys:
    """Watches the keys of a unit's pages; free while they ascend."""

    def __init__(self, data_set: DataSet, folder: Path) -> None:
        raise NotImplementedError

    def add(self, rows: Sequence[Any]) -> None:
        """Look at the next page."""
        raise NotImplementedError

    def repeated(self, read: ReadPages) -> frozenset[int]:
        """Return hashes of keys that may have come more than once; nearly always empty.

        `read` is called only when the keys did not ascend from the first page on.
        Raises IntegrationError qad_rows_repeated past 65,536 of them.
        """
        raise NotImplementedError


class RepeatFilter:
    """Drops the second sight of a row; `dropped` counts them."""

    dropped: int

    def __init__(self, data_set: DataSet, suspects: frozenset[int]) -> None:
        raise NotImplementedError

    def distinct(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Return the page without rows that were seen before; qad_conflicting_rows."""
        raise NotImplementedError


def find_repeats(read: ReadPages, data_set: DataSet, folder: Path) -> frozenset[int]:
    """Return what `RepeatFilter` needs for a unit, in one pass over its pages."""
    raise NotImplementedError
