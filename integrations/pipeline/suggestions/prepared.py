"""All of a list's members that no code changes, made ready once for many suggestions."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from integrations.pipeline.suggestions.abbreviations import LIGHT
from integrations.pipeline.suggestions.kinds import Member
from integrations.pipeline.suggestions.labels import labels_of, name_members
from integrations.pipeline.suggestions.words import (
    Words,
    exact_parts,
    is_mark,
    loose_parts,
    plain_parts,
    words_of,
)

HEAVY, SLIGHT = 100, 40
FREQUENT = 8
Cut = Callable[[str], list[str]]
CUTS: tuple[Cut, ...] = (exact_parts, plain_parts, loose_parts)


class Label(NamedTuple):
    """What a member is called, cut into parts."""

    parts: Sequence[str]
    text: str


class CutLabels:
    """The labels of all members, cut in one way.

    `texts` are the members that have a label; `places` are the labels in which a code may
    begin, by the head of its first part.
    """

    def __init__(self, cut: Cut, members: Iterable[Member]) -> None:
        self.cut = cut
        self.texts: dict[str, list[str]] = {}
        self.labels: list[Label] = []
        self.places: dict[str, list[int]] = {}
        same: dict[str, str] = {}
        for member in members:
            for label in labels_of(member):
                place = len(self.labels)
                parts = tuple(same.setdefault(part, part) for part in cut(label))
                self.labels.append(Label(parts, member.text))
                self.texts.setdefault("".join(parts), []).append(member.text)
                for head in set(map(head_of, parts)):
                    self.places.setdefault(head, []).append(place)

    def with_heads(self, heads: Iterable[str]) -> list[Label]:
        """Return the labels in which a code with one of these heads may stand."""
        places: set[int] = set()
        places.update(*(self.places.get(head, ()) for head in heads))
        return [self.labels[place] for place in places]


class MemberNames:
    """The words of all members' names, each found by its place and by its words."""

    def __init__(self, names: Sequence[Words]) -> None:
        self.sets = [frozenset(words) for words in names]
        self.marks = [frozenset(filter(is_mark, words)) for words in names]
        places: dict[str, set[int]] = defaultdict(set)
        for place, words in enumerate(names):
            for word in words:
                places[word].add(place)
        self.places: Mapping[str, set[int]] = dict(places)
        by_letter: dict[str, list[str]] = defaultdict(list)
        for word in sorted(places):
            by_letter[word[0]].append(word)
        self.by_letter: Mapping[str, list[str]] = dict(by_letter)
        own = {word: self.weigh(word) for word in places}
        self.weights = [sum(own[word] for word in words) for words in names]

    def weigh(self, word: str) -> int:
        """Return how much a word tells: one that many names have tells little."""
        spread = len(self.places.get(word, ()))
        is_frequent = spread >= FREQUENT // 2 and spread * FREQUENT >= len(self.sets)
        return SLIGHT if word in LIGHT or (is_frequent and not is_mark(word)) else HEAVY


class PreparedMembers(NamedTuple):
    """The members of one list, each text once and in order; nobody changes it afterwards.

    `below` are the members of each parent; `parents` is the parent of each name's words.
    """

    members: Sequence[Member]
    by_text: Mapping[str, Member]
    cuts: Sequence[CutLabels]
    names: MemberNames
    below: Mapping[str, Sequence[Member]]
    parents: Mapping[Words, str]


def prepare_members(found: Iterable[Member]) -> PreparedMembers:
    """Make members ready; those without a text are left out."""
    by_text = {member.text: member for member in sorted(found) if member.text}
    members = sorted(by_text.values())
    below: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        below[member.parent].append(member)
    return PreparedMembers(
        members=members,
        by_text=by_text,
        cuts=[CutLabels(cut, members) for cut in CUTS],
        names=MemberNames(name_members(members)),
        below=dict(below),
        parents={words_of(parent): parent for parent in sorted(below) if parent},
    )


def head_of(part: str) -> str:
    """Return what a code and a label that has it begin with: a whole number, or one mark.

    Letters may be cut at other places in a label than in a code.
    """
    return part if part[0].isdecimal() else part[0]
