"""Ranges of codes that may lie in or across each other: which of them holds a code and wins.

A range whose two ends are digits, equally many, holds the codes of as many digits that lie
between them as numbers: 1000 to 1999 holds 1500, not 150 or 15000. Any other range holds the
texts between its ends, both included.
"""

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


def holds(first: str, last: str, code: str) -> bool:
    """Whether a range holds a code; see the top of this module."""
    if is_numeric(first, last):
        return len(code) == len(first) and _is_digits(code) and first <= code <= last
    return first <= code <= last


def is_numeric(first: str, last: str) -> bool:
    """Whether a range is one of numbers: as many digits at either end."""
    return len(first) == len(last) and _is_digits(first) and _is_digits(last)


def _is_digits(code: str) -> bool:
    return code.isascii() and code.isdigit()


class CodeRanges(Generic[Winner]):
    """Finds the range that wins of those that hold a code.

    Of numbers the narrowest wins, then the one that stands first. Of texts, one inside another
    wins. Digits of one count stand in the same order as texts and as numbers.
    """

    def __init__(self, ranges: Sequence[Range[Winner]]) -> None:
        texts = [item for item in ranges if not is_numeric(item.first, item.last)]
        texts.sort(key=lambda item: item.last)
        texts.sort(key=lambda item: item.first, reverse=True)
        numbers: dict[int, list[Range[Winner]]] = {}
        for item in ranges:
            if is_numeric(item.first, item.last):
                numbers.setdefault(len(item.first), []).append(item)
        for same in numbers.values():
            same.sort(key=lambda item: int(item.last) - int(item.first))
        self._numbers = {length: RangeIndex(same) for length, same in numbers.items()}
        self._texts = RangeIndex(texts)

    def find(self, code: str) -> Winner | None:
        """Return the winner of the range that wins for a code; None where none holds it."""
        if len(code) in self._numbers and _is_digits(code):
            found = self._numbers[len(code)].find(code)
            if found is not None:
                return found
        return self._texts.find(code)


def _first_free(free: list[int], place: int) -> int:
    while free[place] != place:
        free[place] = free[free[place]]
        place = free[place]
    return place
