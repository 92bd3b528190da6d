"""How alike the names of codes and members are, and which few members are worth a look."""

from collections.abc import Iterable, Mapping
from functools import cache
from heapq import nsmallest
from itertools import product
from typing import NamedTuple

from rapidfuzz import fuzz, process

from integrations.pipeline.suggestions.abbreviations import APART, LIGHT, OPPOSED
from integrations.pipeline.suggestions.prepared import MemberNames
from integrations.pipeline.suggestions.words import Words, is_mark

WHOLE = 100
LEAST = 40
SHORTENED = 88
TYPO, LONG = 84, 5
SHORTEST, LONGEST_SHORT = 3, 6
MOST = 24
VOWELS = frozenset("aeiou")


class Likeness(NamedTuple):
    """How alike two names are, in percent; `is_equal` where each has all words of the other.

    `is_crossed` tells that each has a word that means something and that the other lacks.
    """

    percent: int
    is_equal: bool
    is_crossed: bool


class NameIndex:
    """The names of all members, found by their words; `asked` are all names to find."""

    def __init__(self, names: MemberNames, asked: Iterable[Words]) -> None:
        self._names = names
        self._asked = frozenset(word for words in asked for word in words)
        self.weigh = cache(names.weigh)
        self._alike = cache(self._find_alike)
        self._spread = cache(self._count_places)

    def find(self, words: Words) -> list[tuple[int, Likeness]]:
        """Return the places of the members whose names are most alike, with how much they are.

        Numbers and single letters alone are no name.
        """
        if all(map(is_mark, words)):
            return []
        found = []
        for place in self._near(words):
            likeness = self._compare(words, place)
            if likeness.percent >= LEAST:
                found.append((place, likeness))
        return found

    def _near(self, words: Words) -> list[int]:
        """Return the members that share most; a member without any rarer word shares too little."""
        reach: dict[int, int] = {}
        left = whole = sum(map(self.weigh, words))
        for word in sorted(words, key=lambda word: (self._spread(word), word)):
            is_late = 2 * left * WHOLE < LEAST * (whole + left)
            for other, percent in self._alike(word).items():
                places = self._names.places[other]
                weight = percent * (self.weigh(word) + self.weigh(other))
                for place in reach.keys() & places if is_late else places:
                    reach[place] = reach.get(place, 0) + weight
            left -= self.weigh(word)
        marks = frozenset(filter(is_mark, words))
        shares = [
            (-got // (whole + self._names.weights[place]), place)
            for place, got in reach.items()
            if not marks or not self._names.marks[place] or marks == self._names.marks[place]
        ]
        return [place for _, place in nsmallest(MOST, shares)]

    def _compare(self, words: Words, place: int) -> Likeness:
        theirs = self._names.sets[place]
        left = set(theirs)
        missing = []
        got = 0
        for word in words:
            if word in left:
                left.remove(word)
                got += 2 * WHOLE * self.weigh(word)
            else:
                missing.append(word)
        is_equal = not missing and not left
        lacking = []
        for word in missing:
            alike = self._alike(word)
            other = max(left & alike.keys(), key=lambda item: (alike[item], item), default=None)
            if other is None:
                lacking.append(word)
                continue
            left.remove(other)
            got += alike[other] * (self.weigh(word) + self.weigh(other))
        percent = got // (sum(map(self.weigh, words)) + self._names.weights[place])
        if not OPPOSED.isdisjoint(product(lacking, left)):
            percent = 0
        is_crossed = any(map(_is_heavy, lacking)) and any(map(_is_heavy, left))
        return Likeness(percent, is_equal, is_crossed)

    def _count_places(self, word: str) -> int:
        return sum(len(self._names.places[other]) for other in self._alike(word))

    def _find_alike(self, word: str) -> Mapping[str, int]:
        """Return the words of members that may mean the same, each with how sure that is.

        A word that both sides have means itself: it is neither short for another nor mistyped.
        """
        if word in self._names.places:
            return {word: WHOLE}
        if is_mark(word) or word in APART:
            return {}
        same_letter = self._names.by_letter.get(word[0], [])
        own = [other for other in same_letter if other not in self._asked]
        near = process.extract(word, own, scorer=fuzz.ratio, score_cutoff=TYPO, limit=None)
        alike = {other: int(ratio) for other, ratio, _ in near if len(word) >= LONG}
        longer = [other for other in same_letter if _is_short_for(word, other)]
        for other in [*longer, *(other for other in own if _is_short_for(other, word))]:
            alike[other] = max(SHORTENED, alike.get(other, 0))
        return alike


def _is_heavy(word: str) -> bool:
    return word not in LIGHT


def _is_short_for(short: str, long: str) -> bool:
    """Whether a word begins a longer one, or is some of its consonants in their order: mktg."""
    if not SHORTEST <= len(short) <= LONGEST_SHORT or len(long) < len(short) + 2:
        return False
    if long.startswith(short):
        return True
    letters = iter(long)
    return VOWELS.isdisjoint(short[1:]) and all(letter in letters for letter in short)
