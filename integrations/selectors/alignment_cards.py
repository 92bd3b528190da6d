"""How the lists of each dimension stand: how long they are, when they were read, what differs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat, NullIf

from accounts.models import Organization
from audit.catalogue import CATALOGUE
from integrations.models import CodeList, ListMember, MemberList, QadCode, RuleKind, Sync
from integrations.pipeline.code_lists import LISTED
from integrations.pipeline.streams import DATA_SETS
from integrations.selectors.alignment import LOST, UNUSED
from integrations.selectors.alignment_counts import Counts, count_lists
from integrations.selectors.codes_of_rules import DimensionRules, Matter
from integrations.selectors.mappings import DIMENSIONS, current_version
from integrations.selectors.references import list_loads, used_dimensions

LIST_DATA_SETS = {
    data_set.mapped_as: name for name, data_set in DATA_SETS.items() if data_set.mapped_as
}
"""The data set that loads the list of a dimension, where there is one."""


@dataclass(frozen=True, slots=True)
class Card:
    """How the lists of a dimension stand.

    `read_at` is when all of QAD's lists were read last, None while one never was; `troubles`
    are the titles of what kept a list from being read.
    """

    dimension: str
    codes: int
    members: int
    mapped: int
    counts: Mapping[str, int]
    member_list: MemberList | None
    read_at: datetime | None
    troubles: Sequence[str]

    @property
    def label(self) -> str:
        """What people call the dimension."""
        return dict(DIMENSIONS)[self.dimension]

    @property
    def differences(self) -> int:
        """How many differences nobody has marked as seen; that a member has no code is none."""
        return sum(self.counts.values()) - self.counts[UNUSED]

    @property
    def difference_words(self) -> str:
        """How many differences there are, and how many of them are grave."""
        lost = self.counts[LOST]
        return f"{self.differences:,}" + (f", {lost:,} grave" if lost else "")

    @property
    def is_grave(self) -> bool:
        """Whether the mapping uses a member that is not there: rows on it are refused."""
        return bool(self.counts[LOST])


@dataclass(frozen=True, slots=True)
class Push:
    """The sync that adds codes to a list, and how many it would add."""

    sync: Sync
    codes: int


def list_matters(organization: Organization) -> list[Matter]:
    """Return the dimensions that syncs use or that have a list, inside an open scope."""
    syncs = list_loads(organization)
    used = {name for names in used_dimensions(syncs).values() for name in names}
    chosen = {
        row.dimension: row
        for row in MemberList.objects.select_related("target").filter(organization=organization)
    }
    version = current_version(organization)
    shown = [name for name in LISTED if name in used or name in chosen]
    return [
        Matter(rules, chosen.get(rules.dimension))
        for rules in DimensionRules.of_all(organization, version, shown)
    ]


def make_cards(matters: Sequence[Matter]) -> list[Card]:
    """Count what both lists of each dimension of an organization have."""
    counts = count_lists(matters)
    reads: dict[str, list[CodeList]] = defaultdict(list)
    for matter in matters[:1]:
        for row in CodeList.objects.filter(organization=matter.organization).order_by("read_at"):
            reads[row.dimension].append(row)
    return [
        _make_card(matter, counts[matter.dimension], reads[matter.dimension]) for matter in matters
    ]


def _make_card(matter: Matter, counts: Counts, reads: Sequence[CodeList]) -> Card:
    moments = [row.read_at for row in reads]
    codes = {row.error_code: None for row in reads if row.error_code}
    if matter.members is not None and matter.members.error_code:
        codes[matter.members.error_code] = None
    return Card(
        dimension=matter.dimension,
        codes=counts.codes,
        members=counts.members,
        mapped=counts.mapped,
        counts=counts.notes,
        member_list=matter.members,
        read_at=None if None in moments else min(filter(None, moments), default=None),
        troubles=[CATALOGUE[code].title if code in CATALOGUE else code for code in codes],
    )


def find_push(matter: Matter) -> Push | None:
    """Return the sync that loads the chosen list, with the codes that it would add."""
    if matter.members is None:
        return None
    sync = (
        Sync.objects.filter(
            organization=matter.organization,
            data_set=LIST_DATA_SETS.get(matter.dimension, "?"),
            target=matter.members.target_id,
            model_id=matter.members.model_id,
            export_name=matter.members.list_name,
        )
        .order_by("pk")
        .first()
    )
    return Push(sync, _count_lacking(matter, sync)) if sync is not None else None


def _distinct(rows: QuerySet[Any]) -> int:
    return int(rows.aggregate(found=Count("code", distinct=True))["found"])


def _count_lacking(matter: Matter, sync: Sync) -> int:
    """Count the codes whose member, mapped or made by the sync's convention, is not there."""
    exact = matter.rules.rows().filter(
        kind=RuleKind.EXACT, code=OuterRef("code"), domain__in=["", OuterRef("domain")]
    )
    mapped = Subquery(exact.order_by("-domain", "position").values("member")[:1])
    first, _, last = sync.conventions.get("member_code", "{code}").partition("{code}")
    made = Concat(Value(first), F("code"), Value(last))
    there = ListMember.objects.filter(
        organization=matter.organization, member_list=matter.members, missing_since=None
    ).annotate(key=Coalesce(NullIf(F("code"), Value("")), F("name")))
    rows = QadCode.objects.filter(
        organization=matter.organization,
        dimension=matter.dimension,
        source=sync.source_id,
        domain__in=[place["domain"] for place in sync.entities],
        missing_since=None,
    ).annotate(wanted=Coalesce(NullIf(mapped, Value("")), made))
    return _distinct(rows.exclude(wanted__in=there.values("key")))
