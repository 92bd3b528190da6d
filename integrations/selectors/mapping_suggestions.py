"""Which member to suggest for codes without one, from what both systems have on their lists."""

import hashlib
import json
from bisect import bisect
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import lru_cache

from accounts.models import Organization
from integrations.models import ListMember, MemberList, QadCode
from integrations.pipeline.rules import Rule
from integrations.pipeline.suggestions import (
    Code,
    Member,
    PreparedMembers,
    Suggestion,
    prepare_members,
    suggest,
)
from integrations.selectors.unmapped import UnmappedCode

EVIDENCE = 400
LISTS_KEPT = 8
Suggested = tuple[UnmappedCode, Suggestion | None]
Sure = list[tuple[UnmappedCode, Suggestion]]


def suggestions_for(
    organization: Organization, dimension: str, codes: Collection[str], rules: Collection[Rule]
) -> dict[str, Suggestion]:
    """Return the best suggestion for each of some codes of a dimension, inside an open scope.

    Without a list that was read, the members that rules name already are all there are. Codes
    that are mapped next to them speak for their siblings.
    """
    if not codes:
        return {}
    own = [rule for rule in rules if rule.dimension == dimension]
    known = {rule.code: rule.member for rule in _evidence(own, codes) if rule.member}
    listed = _listed(organization, dimension)
    members = (
        listed
        if listed and listed.members
        else [Member(rule.member, rule.member) for rule in own if rule.member]
    )
    found = suggest(_codes(organization, dimension, {*codes, *known}), members, known)
    return {suggestion.code: suggestion for suggestion in found if suggestion.code in codes}


def with_suggestions(
    organization: Organization, codes: Collection[UnmappedCode], rules: Collection[Rule]
) -> list[Suggested]:
    """Return codes each with its best suggestion, in their order, inside an open scope."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for code in codes:
        wanted[code.dimension].add(code.code)
    found = {
        dimension: suggestions_for(organization, dimension, some, rules)
        for dimension, some in wanted.items()
    }
    return [(code, found[code.dimension].get(code.code)) for code in codes]


def digest_of(found: Sure) -> str:
    """Return what tells these codes and members from any others."""
    shown = [[code.dimension, code.code, suggestion.member] for code, suggestion in found]
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()


def sure_ones(found: Iterable[Suggested], least: int) -> Sure:
    """Return the plain codes whose suggestion has a score, and that no draft changes."""
    return [
        (code, suggestion)
        for code, suggestion in found
        if suggestion and suggestion.score >= least and code.is_plain and not code.drafted
    ]


def members_of(organization: Organization, dimension: str) -> MemberList | None:
    """Return the list that a dimension is mapped to; None where none is chosen."""
    return MemberList.objects.filter(organization=organization, dimension=dimension).first()


def _evidence(rules: Sequence[Rule], codes: Collection[str]) -> list[Rule]:
    """Return the rules of single codes that stand next to some codes: neighbours tell the most.

    All of thousands would take seconds.
    """
    exact = sorted((rule for rule in rules if rule.kind == "exact"), key=lambda rule: rule.code)
    names = [rule.code for rule in exact]
    near = max(1, EVIDENCE // 2 // max(1, len(codes)))
    places: set[int] = set()
    for at in (bisect(names, code) for code in codes):
        places.update(range(max(0, at - near), min(len(exact), at + near)))
    return [exact[at] for at in sorted(places)]


def _listed(organization: Organization, dimension: str) -> PreparedMembers | None:
    """Return the members of the dimension's list; None where none was read."""
    chosen = members_of(organization, dimension)
    if chosen is None or chosen.read_at is None:
        return None
    return _prepare_list(organization.pk, chosen.pk, chosen.read_at)


@lru_cache(maxsize=LISTS_KEPT)
def _prepare_list(organization_id: int, list_id: int, _read_at: datetime) -> PreparedMembers:
    """Make the members of a list ready, as one reading left them: only a reading changes them."""
    rows = ListMember.objects.filter(
        organization=organization_id, member_list=list_id, missing_since=None
    )
    return prepare_members(
        Member(*row) for row in rows.values_list("text", "code", "name", "parent")
    )


def _codes(organization: Organization, dimension: str, codes: Collection[str]) -> list[Code]:
    rows = QadCode.objects.filter(
        organization=organization, dimension=dimension, code__in=codes, missing_since=None
    ).order_by("code", "domain")
    named = {code: Code(code, name, parent) for code, name, parent in rows.values_list(
        "code", "name", "parent"
    )}  # fmt: skip
    return [named.get(code, Code(code)) for code in sorted(codes)]
