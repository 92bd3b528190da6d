"""How many codes, members and differences dimensions have: all of them in a few questions.

Both sides are compared here. A database that is asked code by code, and has not looked at its
tables lately, takes many seconds for ten thousand.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from accounts.models import Organization
from integrations.models import ListMember, MappingRule, MappingVersion, QadCode, RuleKind
from integrations.selectors.alignment import (
    DEACTIVATED,
    GONE,
    KINDS,
    LOST,
    RENAMED,
    UNMAPPED,
    UNUSED,
    list_suspense,
)
from integrations.selectors.codes_of_rules import Matter


@dataclass(frozen=True, slots=True)
class Counts:
    """How long the lists of a dimension are; `notes` are the differences that nobody has seen."""

    codes: int
    mapped: int
    members: int
    notes: Mapping[str, int]


class _Code(NamedTuple):
    dimension: str
    source_id: int
    domain: str
    code: str
    name: str
    former_name: str
    is_active: bool
    first_seen_at: datetime
    inactive_since: datetime | None
    missing_since: datetime | None
    renamed_at: datetime | None
    noted_at: datetime | None


class _Rule(NamedTuple):
    dimension: str
    kind: str
    domain: str
    code: str
    member: str


class _Member(NamedTuple):
    dimension: str
    text: str
    name: str
    parent: str


def count_lists(matters: Sequence[Matter]) -> dict[str, Counts]:
    """Return the counts of dimensions of one organization's version, inside an open scope."""
    if not matters:
        return {}
    organization, version = matters[0].organization, matters[0].rules.version
    names = [matter.dimension for matter in matters]
    codes = _read_codes(organization, names)
    rules = _read_rules(organization, version, names)
    members = _read_members(organization, names)
    suspense = list_suspense(organization)
    counts = {}
    for matter in matters:
        name = matter.dimension
        mapped = _find_mapped(matter, codes[name], rules[name])
        used = {rule.member for rule in rules[name]}
        notes = _count_changes(codes[name], mapped)
        notes[LOST] = _count_lost(matter, used, members[name])
        kept = used.union(texts.get(name, "") for texts in suspense)
        notes[UNUSED] = _count_unused(kept, members[name])
        counts[name] = Counts(
            codes=len({code.code for code in codes[name] if code.missing_since is None}),
            mapped=len({code.code for code in mapped}),
            members=len(members[name]),
            notes={kind: notes[kind] for kind in KINDS},
        )
    return counts


def _read_codes(organization: Organization, names: Collection[str]) -> Mapping[str, list[_Code]]:
    rows = QadCode.objects.filter(organization=organization, dimension__in=names)
    found: dict[str, list[_Code]] = defaultdict(list)
    for row in rows.values_list(*_Code._fields):
        found[row[0]].append(_Code(*row))
    return found


def _read_rules(
    organization: Organization, version: MappingVersion | None, names: Collection[str]
) -> Mapping[str, list[_Rule]]:
    rows = MappingRule.objects.filter(
        organization=organization, version=version, dimension__in=names
    )
    found: dict[str, list[_Rule]] = defaultdict(list)
    for row in rows.values_list(*_Rule._fields):
        found[row[0]].append(_Rule(*row))
    return found


def _read_members(
    organization: Organization, names: Collection[str]
) -> Mapping[str, list[_Member]]:
    rows = ListMember.objects.filter(
        organization=organization, member_list__dimension__in=names, missing_since=None
    )
    found: dict[str, list[_Member]] = defaultdict(list)
    for row in rows.values_list("member_list__dimension", "text", "name", "parent"):
        found[row[0]].append(_Member(*row))
    return found


def _find_mapped(matter: Matter, codes: Iterable[_Code], rules: Iterable[_Rule]) -> set[_Code]:
    """Return the codes of QAD's present lists that a rule holds."""
    exact = {(rule.domain, rule.code) for rule in rules if rule.kind == RuleKind.EXACT}
    return {
        code
        for code in codes
        if code.missing_since is None
        and (
            not exact.isdisjoint([("", code.code), (code.domain, code.code)])
            or matter.rules.has_pattern(code.domain, code.code)
        )
    }


def _count_changes(codes: Iterable[_Code], mapped: Collection[_Code]) -> Counter[str]:
    """Count what has come up and nobody has seen; alike in several domains it is one."""
    found = {
        (kind, code.source_id, code.code, code.name, code.former_name)
        for code in codes
        for kind, moment in _changes(code, code in mapped)
        if moment is not None and (code.noted_at is None or code.noted_at < moment)
    }
    return Counter(kind for kind, *_ in found)


def _changes(code: _Code, is_mapped: bool) -> Iterator[tuple[str, datetime | None]]:
    if code.missing_since is not None:
        yield GONE, code.missing_since
        return
    yield DEACTIVATED, code.inactive_since
    yield RENAMED, code.renamed_at
    if code.is_active and not is_mapped:
        yield UNMAPPED, code.first_seen_at


def _count_lost(matter: Matter, used: Iterable[str], members: Iterable[_Member]) -> int:
    if matter.members is None or matter.members.read_at is None:
        return 0
    return len({text for text in used if text}.difference(member.text for member in members))


def _count_unused(kept: Collection[str], members: Sequence[_Member]) -> int:
    """Count the members, not parents of others, that nothing keeps."""
    parents = {member.parent for member in members}
    return sum(member.text not in kept and member.name not in parents for member in members)
