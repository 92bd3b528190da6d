"""Weighs all that speaks for and against each member, and chooses one for a code or none."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from integrations.pipeline.suggestions.codes import find_carriers
from integrations.pipeline.suggestions.kinds import Code, Suggestion
from integrations.pipeline.suggestions.labels import without_code
from integrations.pipeline.suggestions.names import Likeness, NameIndex
from integrations.pipeline.suggestions.parents import ParentIndex
from integrations.pipeline.suggestions.prepared import PreparedMembers
from integrations.pipeline.suggestions.words import Words, words_of

CARRIED = 100
EQUAL = 95
MOST_UNEQUAL = 89
SAME_PARENT, OTHER_PARENT = 4, 8
CROSSED = 20
DOUBT = 5
PARENT_ALONE, PARENT_UNLIKE_NAMES = 50, 35
# What a score is at most while something speaks against it.
AMBIGUOUS, OFTEN_NAMED, ANOTHERS = 45, 85, 75
CLEAR = 10


class Choice(NamedTuple):
    """A member that might be meant, by its place among all; `is_below` the siblings' parent."""

    score: int
    place: int
    percent: int
    is_below: bool


class Chooser:
    """All codes and members of one dimension; `open_codes` are those without a member."""

    def __init__(
        self, codes: Sequence[Code], members: PreparedMembers, known: Mapping[str, str]
    ) -> None:
        mapped = {code: Code(code) for code in known}
        every = sorted({**mapped, **{code.code: code for code in sorted(codes)}}.values())
        self.open_codes = [code for code in every if code.code not in known]
        self._members = members.members
        self._member_names = {member.text: member.name for member in self._members}
        self._carriers = find_carriers(every, members, known)
        self._owners = {text: code for code, text in self._carriers.members.items()}
        self._names = {code.code: _name(code) for code in every}
        self._index = NameIndex(members.names, self._names.values())
        self._shared = Counter(self._names.values())
        self._parents = ParentIndex(every, members, {**self._carriers.members, **known})
        self._found = {code.code: self._index.find(self._names[code.code]) for code in every}
        self._equals = self._find_equals()

    def choose(self, code: Code) -> Suggestion | None:
        """Return the member that fits a code best; None where nothing speaks for any."""
        member = self._carriers.members.get(code.code)
        if member is not None:
            reason = self._carriers.reasons[code.code]
            return Suggestion(code.code, member, CARRIED, reason, self._member_names[member])
        found = [item for item in (self._by_name(code), self._by_parent_alone(code)) if item]
        return max(found, key=lambda item: item.score, default=None)

    def _by_name(self, code: Code) -> Suggestion | None:
        choices = sorted(self._choices(code), key=lambda choice: (-choice.score, choice.place))
        if not choices:
            return None
        best = choices[0]
        score = best.score
        if len(choices) > 1:
            score = _lower(score, score - choices[1].score)
        reason = f"name {best.percent} %{', same parent' if best.is_below else ''}"
        member = self._members[best.place]
        return Suggestion(code.code, member.text, score, reason, member.name)

    def _find_equals(self) -> Mapping[int, set[Words]]:
        """Return the names of codes that are exactly those of members, by the member's place."""
        equals: dict[int, set[Words]] = defaultdict(set)
        for code, found in self._found.items():
            for place, likeness in found:
                if likeness.is_equal:
                    equals[place].add(self._names[code])
        return equals

    def _choices(self, code: Code) -> Iterator[Choice]:
        for place, likeness in self._found[code.code]:
            member = self._members[place]
            is_anothers = self._owners.get(member.text, code.code) != code.code
            if is_anothers and not likeness.is_equal:
                continue
            is_below = self._parents.is_below(code, member)
            score = _score(likeness)
            if is_below is not None:
                score += SAME_PARENT if is_below else -OTHER_PARENT
            most = EQUAL + SAME_PARENT if likeness.is_equal else MOST_UNEQUAL
            if self._shared[self._names[code.code]] > 1:
                most = OFTEN_NAMED
            if is_anothers or self._equals.get(place, set()) - {self._names[code.code]}:
                most = ANOTHERS
            yield Choice(max(min(score, most), 0), place, likeness.percent, is_below is True)

    def _by_parent_alone(self, code: Code) -> Suggestion | None:
        """Suggest what is left below the parent of the siblings' members, if it is one."""
        free = [
            member
            for member in self._parents.below(code)
            if member.text not in self._owners and not self._parents.is_used(member)
        ]
        if len(free) != 1:
            return None
        is_named = bool(code.name and free[0].name)
        score = PARENT_UNLIKE_NAMES if is_named else PARENT_ALONE
        return Suggestion(code.code, free[0].text, score, "same parent", free[0].name)


def _name(code: Code) -> Words:
    """Return the words of a code's name; a nameless code names itself."""
    return words_of(without_code(code.name, code.code) or code.code)


def _score(likeness: Likeness) -> int:
    if likeness.is_equal:
        return EQUAL
    return likeness.percent - DOUBT - (CROSSED if likeness.is_crossed else 0)


def _lower(score: int, gap: int) -> int:
    """Return the score of a best member that another follows closely."""
    if gap >= CLEAR:
        return score
    if gap < 2:
        return min(score, AMBIGUOUS)
    return score - 2 * (CLEAR - gap)
