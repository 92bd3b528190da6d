"""Codes without a member: what they hold, by the amount at stake, and what is ready to go."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import Count

from accounts.models import Organization
from integrations.models import ExceptionState, QadCode, RecordException
from integrations.pipeline.mapping_changes import Parts
from integrations.pipeline.rules import Rule, RuleKey
from integrations.selectors.code_finding import CodeFinder
from integrations.selectors.drafts import Standing
from integrations.selectors.mappings import current_version, read_rules
from integrations.selectors.stakes import (
    PeriodAmount,
    Stake,
    heaviest,
    list_codes_with_rows,
    list_periods,
    read_amounts,
)

Place = tuple[str, str]
"""Dimension and code."""


@dataclass(frozen=True, slots=True)
class HeldBy:
    """A run that holds records for a code, and how many of them are open."""

    run_id: int
    sync_id: int
    sync: str
    records: int


@dataclass(slots=True)
class UnmappedCode:
    """A QAD code without a member.

    `names` are what QAD calls it, several where its domains differ: then one member for all of
    them would be a guess. `drafted` is what the open draft wants of it.
    """

    dimension: str
    code: str
    names: list[str] = field(default_factory=list)
    stake: Stake = field(default_factory=Stake)
    held_by: list[HeldBy] = field(default_factory=list)
    drafted: Parts = ()

    @property
    def records(self) -> int:
        """How many open records wait for it."""
        return sum(held.records for held in self.held_by)

    @property
    def means_several(self) -> bool:
        """Whether QAD means different things by it in different domains."""
        return len({name.casefold() for name in self.names}) > 1


@dataclass(frozen=True, slots=True)
class Desk:
    """Codes without a member, gravest first, and codes that are mapped whose records wait."""

    unmapped: list[UnmappedCode]
    ready: list[UnmappedCode]


def read_desk(organization: Organization, standing: Standing) -> Desk:
    """Return what the desk shows, inside an open scope."""
    finder = CodeFinder(standing.rules)
    held = _held(organization)
    lacking = _lacking(organization, finder)
    unmapped = {
        place: UnmappedCode(*place)
        for place in (*lacking, *_new(organization, standing.rules, finder))
    }
    ready = []
    for place, runs in held.items():
        if place not in unmapped and finder.shares(*place):
            ready.append(UnmappedCode(*place, held_by=runs))
        else:
            unmapped.setdefault(place, UnmappedCode(*place)).held_by = runs
    _put_stakes(organization, unmapped, lacking)
    names = _names(organization)
    for place, code in unmapped.items():
        code.names = names.get(place, [])
        code.drafted = _drafted(standing, place)
    return Desk(sorted(unmapped.values(), key=_gravest), ready)


def count_waiting_codes(organization: Organization) -> int:
    """Return for how many codes open records wait, inside an open scope."""
    return len(_held(organization))


def syncs_that_hold(
    organization: Organization, codes: Collection[Place] | None
) -> list[tuple[int, str, set[Place]]]:
    """Return the syncs with open records that wait for codes, by name; which codes these are.

    Without `codes` all that are mapped today.
    """
    if codes is None:
        version = current_version(organization)
        finder = CodeFinder(read_rules(version) if version else ())
    found: dict[tuple[int, str], set[Place]] = defaultdict(set)
    for place, runs in _held(organization).items():
        if finder.shares(*place) if codes is None else place in codes:
            for held in runs:
                found[held.sync_id, held.sync].add(place)
    return [(*sync, places) for sync, places in sorted(found.items(), key=lambda item: item[0][1])]


def _gravest(code: UnmappedCode) -> tuple[object, ...]:
    return -code.stake.weight, -code.records, code.dimension, code.code


def _lacking(organization: Organization, finder: CodeFinder) -> dict[Place, set[tuple[str, int]]]:
    """Return codes that rows have and nobody takes, with the domains and periods where so."""
    found: dict[Place, set[tuple[str, int]]] = defaultdict(set)
    periods = list_periods(organization)
    for known in list_codes_with_rows(organization):
        for period in periods:
            if known.first <= period <= known.last and not finder.shares(
                known.dimension, known.code, domain=known.domain, period=period
            ):
                found[known.dimension, known.code].add((known.domain, period))
    return found


def _new(organization: Organization, rules: Iterable[Rule], finder: CodeFinder) -> Iterator[Place]:
    """Yield codes that QAD has, that no row has had yet and that nobody takes."""
    mapped = {rule.dimension for rule in rules}
    rows = QadCode.objects.filter(
        organization=organization, dimension__in=mapped, is_active=True, missing_since=None
    ).order_by("dimension", "code")
    for dimension, domain, code in rows.values_list("dimension", "domain", "code"):
        if not finder.shares(dimension, code, domain=domain):
            yield dimension, code


def _held(organization: Organization) -> dict[Place, list[HeldBy]]:
    rows = (
        RecordException.objects.filter(
            organization=organization, state=ExceptionState.OPEN, code__startswith="unmapped_"
        )
        .exclude(dimension="")
        .values_list("dimension", "member_code", "run_id", "sync_id", "sync__name")
        .annotate(records=Count("pk"))
        .order_by("dimension", "member_code", "-run_id")
    )
    found: dict[Place, list[HeldBy]] = defaultdict(list)
    for dimension, code, *run in rows:
        found[dimension, code].append(HeldBy(*run))
    return found


def _put_stakes(
    organization: Organization,
    unmapped: dict[Place, UnmappedCode],
    lacking: dict[Place, set[tuple[str, int]]],
) -> None:
    by_dimension: dict[str, list[str]] = defaultdict(list)
    for dimension, code in lacking:
        by_dimension[dimension].append(code)
    for dimension, codes in by_dimension.items():
        amounts: list[PeriodAmount] = [
            found
            for found in read_amounts(organization, dimension, codes)
            if (found.domain, found.year_period) in lacking[dimension, found.code]
        ]
        for code, stake in heaviest(amounts).items():
            unmapped[dimension, code].stake = stake


def _names(organization: Organization) -> dict[Place, list[str]]:
    rows = QadCode.objects.filter(organization=organization, missing_since=None)
    found: dict[Place, list[str]] = defaultdict(list)
    for dimension, code, name in rows.order_by("domain").values_list("dimension", "code", "name"):
        if name and name not in found[dimension, code]:
            found[dimension, code].append(name)
    return found


def _drafted(standing: Standing, place: Place) -> Parts:
    key = RuleKey(place[0], "", "exact", place[1], "")
    return standing.parts(key) if key in standing.changes else ()
