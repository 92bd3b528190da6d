"""Below which member the siblings of a code stand."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from integrations.pipeline.suggestions.kinds import Code, Member
from integrations.pipeline.suggestions.prepared import PreparedMembers
from integrations.pipeline.suggestions.words import words_of

LEAST_SIBLINGS = 2


class ParentIndex:
    """The parent of members for each parent of codes, as mapped codes or equal names tell."""

    def __init__(
        self, codes: Sequence[Code], members: PreparedMembers, mapped: Mapping[str, str]
    ) -> None:
        self._used = frozenset(mapped.values())
        self._below = members.below
        seen: dict[str, Counter[str]] = defaultdict(Counter)
        for code in codes:
            member_of = members.by_text.get(mapped.get(code.code, ""))
            if member_of is not None and member_of.parent:
                seen[code.parent][member_of.parent] += 1
        self._parents: dict[str, str] = {}
        for parent in {code.parent for code in codes} - {""}:
            found = _agreed(seen[parent]) or members.parents.get(words_of(parent))
            if found:
                self._parents[parent] = found

    def is_below(self, code: Code, member: Member) -> bool | None:
        """Whether a member stands where the code's siblings do; None where that is not known."""
        parent = self._parents.get(code.parent)
        return member.parent == parent if parent and member.parent else None

    def below(self, code: Code) -> Sequence[Member]:
        """Return the members that stand where the code's siblings do."""
        return self._below.get(self._parents.get(code.parent, ""), ()) if code.parent else ()

    def is_used(self, member: Member) -> bool:
        """Whether a code is mapped to the member."""
        return member.text in self._used


def _agreed(seen: Counter[str]) -> str | None:
    """Return the parent that two of three siblings have; they are at least two."""
    for parent, times in seen.items():
        if times >= LEAST_SIBLINGS and times * 3 >= seen.total() * 2:
            return parent
    return None
