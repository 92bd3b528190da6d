"""Ranges of codes that may lie in or across each other: which of them holds a code and wins."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

Winner = TypeVar("Winner")


class Range(NamedTuple, Generic[Winner]):
    """All texts from the first to the last, both included."""

    first: str
    last: str
    winner: Winner


class RangeIndex(Generic[Winner]):
    """Finds the first of some ranges that holds a text, without looking at each.

    The ends of all ranges cut the texts into places: each end is one, each gap before, between
    and after them another. The winner of every place is known before any text is looked for.
    """

    def __init__(self, ranges: Sequence[Range[Winner]]) -> None:
        """Take the ranges in their order: one wins over all that come after it."""
        self._ends = sorted({end for item in ranges for end in (item.first, item.last)})
        count = 2 * len(self._ends) + 1
        self._winners: list[Winner | None] = [None] * count
        # Leads from a place to itself or to a later one, before which no place is free.
        free = list(range(count + 1))
        for item in ranges:
            stop = 2 * bisect_left(self._ends, item.last) + 1
            place = _first_free(free, 2 * bisect_left(self._ends, item.first) + 1)
            while place <= stop:
                self._winners[place] = item.winner
                free[place] = place + 1
                place = _first_free(free, place)

    def find(self, text: str) -> Winner | None:
        """Return the winner of the first range that holds a text; None where none does."""
        place = bisect_left(self._ends, text)
        is_end = place < len(self._ends) and self._ends[place] == text
        return self._winners[2 * place + is_end]


def _first_free(free: list[int], place: int) -> int:
    while free[place] != place:
        free[place] = free[free[place]]
        place = free[place]
    return place
