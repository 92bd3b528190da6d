"""Differences between QAD's lists, the mapping and Anaplan's lists, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, Max, Q, QuerySet

from accounts.models import Organization
from integrations.models import ListMember, QadCode, Sync
from integrations.selectors.codes_of_rules import Matter, with_plain_codes
from integrations.selectors.touches import Touch, touch_of_member, touches_of

NOTES_A_PAGE = 50
LOST, GONE, RENAMED, DEACTIVATED, UNMAPPED, UNUSED = (
    "lost", "gone", "renamed", "deactivated", "unmapped", "unused",
)  # fmt: skip
CHANGED_AT = {
    GONE: "missing_since",
    DEACTIVATED: "inactive_since",
    RENAMED: "renamed_at",
    UNMAPPED: "first_seen_at",
}
"""Kinds of differences that people mark as seen, and when each has come up."""
KINDS = (LOST, GONE, DEACTIVATED, RENAMED, UNMAPPED, UNUSED)


@dataclass(frozen=True, slots=True)
class Note:
    """One difference: of a code in all its domains, or of a member."""

    kind: str
    code: str
    name: str
    touch: Touch
    since: datetime | None = None
    former_name: str = ""
    domains: Sequence[str] = ()
    source_id: int | None = None
    is_noted: bool = False


@dataclass(frozen=True, slots=True)
class NotePage:
    """A stretch of the differences of one kind, how many there are, and when the last came up."""

    notes: Sequence[Note]
    total: int
    until: datetime | None = None


def codes_of(matter: Matter) -> QuerySet[Any]:
    """Return the dimension's codes, of all sources."""
    rows = QadCode.objects.filter(organization=matter.organization, dimension=matter.dimension)
    return with_plain_codes(rows)


def changed_codes(matter: Matter, kind: str, *, with_noted: bool = False) -> QuerySet[Any]:
    """Return the codes of a kind of difference, those that were marked as seen only if asked."""
    changed_at, rows = CHANGED_AT[kind], codes_of(matter)
    if kind == UNMAPPED:
        rows = rows.filter(missing_since=None, is_active=True).exclude(matter.rules.held())
    elif kind == GONE:
        rows = rows.filter(missing_since__isnull=False)
    else:
        rows = rows.filter(missing_since=None, **{f"{changed_at}__isnull": False})
    if with_noted:
        return rows
    return rows.filter(Q(noted_at=None) | Q(noted_at__lt=F(changed_at)))


def lost_members(matter: Matter) -> QuerySet[Any]:
    """Return the members that the mapping uses and the list does not have, with their rules."""
    rows = matter.rules.rows().exclude(member="")
    if matter.members is None or matter.members.read_at is None:
        return rows.none()
    present = _present(matter).values("text")
    return rows.exclude(member__in=present).values("member").annotate(rules=Count("pk"))


def unused_members(matter: Matter) -> QuerySet[ListMember]:
    """Return the members, not parents of others, that no code is mapped to."""
    if matter.members is None:
        return ListMember.objects.none()
    used = matter.rules.rows().values("member")
    parents = _present(matter).values("parent")
    suspense = list_suspense(matter.organization)
    rows = _present(matter).exclude(text__in=used).exclude(name__in=parents)
    return rows.exclude(text__in=[names.get(matter.dimension, "") for names in suspense])


def list_suspense(organization: Organization) -> list[Mapping[str, str]]:
    """Return the members of each sync, by dimension, that take what has no member."""
    rows = Sync.objects.filter(organization=organization)
    return list(rows.values_list("suspense_members", flat=True))


def list_notes(
    matter: Matter, kind: str, *, text: str = "", page: int = 1, with_noted: bool = False
) -> NotePage:
    """Return a page of the differences of one kind whose code or name holds a text."""
    start = NOTES_A_PAGE * (page - 1)
    stretch = slice(start, start + NOTES_A_PAGE)
    if kind == LOST:
        lost = lost_members(matter).filter(member__icontains=text).order_by("member")
        return NotePage(_lost_notes(matter, list(lost[stretch])), lost.count())
    if kind == UNUSED:
        unused = unused_members(matter).filter(Q(text__icontains=text) | Q(name__icontains=text))
        found = unused.order_by("text")[stretch]
        members = [Note(kind, m.text, m.name, Touch(), m.first_seen_at) for m in found]
        return NotePage(members, unused.count())
    rows = changed_codes(matter, kind, with_noted=with_noted)
    rows = rows.filter(Q(code__icontains=text) | Q(name__icontains=text))
    groups = _grouped(rows, kind)
    shown = list(groups.order_by("-since", "code")[stretch])
    touches = touches_of(matter, {group["code"] for group in shown})
    notes = [_code_note(kind, group, touches[group["code"]]) for group in shown]
    until = rows.aggregate(last=Max(CHANGED_AT[kind]))["last"]
    return NotePage(notes, groups.count(), until)


def _present(matter: Matter) -> QuerySet[ListMember]:
    return ListMember.objects.filter(
        organization=matter.organization, member_list=matter.members, missing_since=None
    )


def _grouped(rows: QuerySet[Any], kind: str) -> QuerySet[Any, Any]:
    """Let a change that was made in several domains alike be one difference."""
    groups: QuerySet[Any, Any] = rows.values("source_id", "code", "name", "former_name").annotate(
        domains=ArrayAgg("domain", distinct=True, default=[]),
        since=Max(CHANGED_AT[kind]),
        noted=Max("noted_at"),
    )
    return groups


def _code_note(kind: str, group: Mapping[str, Any], touch: Touch) -> Note:
    return Note(
        kind,
        group["code"],
        group["name"],
        touch,
        since=group["since"],
        former_name=group["former_name"] if kind == RENAMED else "",
        domains=[domain for domain in group["domains"] if domain],
        source_id=group["source_id"],
        is_noted=group["noted"] is not None and group["noted"] >= group["since"],
    )


def _lost_notes(matter: Matter, found: Sequence[Mapping[str, Any]]) -> list[Note]:
    texts = [row["member"] for row in found]
    known = {
        member.text: member
        for member in ListMember.objects.filter(
            organization=matter.organization, member_list=matter.members, text__in=texts
        )
    }
    notes = []
    for row in found:
        member = known.get(row["member"])
        notes.append(
            Note(
                LOST,
                row["member"],
                member.name if member else "",
                touch_of_member(matter, row["member"], row["rules"]),
                since=member.missing_since if member else None,
            )
        )
    return notes
