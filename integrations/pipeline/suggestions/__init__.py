"""Which list member of Anaplan to suggest for a code of QAD that has none.

A member that carries the code itself is suggested first. Else names are compared, and a parent
that mapped siblings share speaks for or against. Between two that are as good nothing is
guessed: the score falls.
"""

from collections.abc import Mapping, Sequence

from integrations.pipeline.suggestions.choosing import Chooser
from integrations.pipeline.suggestions.kinds import Code, Member, Suggestion
from integrations.pipeline.suggestions.prepared import PreparedMembers, prepare_members

__all__ = ["Code", "Member", "PreparedMembers", "Suggestion", "prepare_members", "suggest"]


def suggest(
    codes: Sequence[Code],
    members: Sequence[Member] | PreparedMembers,
    known: Mapping[str, str],
    least: int = 50,
) -> list[Suggestion]:
    """Return the best member for each code that is not in `known`, best first.

    `known` holds the member text of each code that is mapped already; such codes speak for
    their siblings when they stand among `codes`. No score is below `least`. Members that serve
    many calls are prepared once.
    """
    prepared = members if isinstance(members, PreparedMembers) else prepare_members(members)
    chooser = Chooser(codes, prepared, known)
    found = [chooser.choose(code) for code in chooser.open_codes]
    kept = [item for item in found if item is not None and item.score >= least]
    return sorted(kept, key=lambda item: (-item.score, item.code))
