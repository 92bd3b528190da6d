"""Codes without a member: what they hold, by the amount at stake, and what is ready to go."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from accounts.models import Organization
from integrations.models import QadCode
from integrations.pipeline.mapping_changes import Parts
from integrations.pipeline.rules import Rule, RuleKey
from integrations.selectors.code_finding import CodeFinder
from integrations.selectors.drafts import Standing
from integrations.selectors.held_records import Held, HeldBy, Place, by_run, list_held
from integrations.selectors.stakes import (
    KnownCode,
    PeriodAmount,
    Stake,
    heaviest,
    list_codes_with_rows,
    list_periods,
    read_amounts,
)

Where = set[tuple[str, int]]
"""Domains and periods."""


@dataclass(slots=True)
class UnmappedCode:
    """A QAD code without a member.

    `names` are what QAD calls it, several where its domains differ: then one member for all of
    them would be a guess. `own` is what the exact rule of the code has, `drafted` what the open
    draft wants of it. `is_partly` tells that a rule takes it in another domain or period.
    """

    dimension: str
    code: str
    names: list[str] = field(default_factory=list)
    stake: Stake = field(default_factory=Stake)
    held_by: list[HeldBy] = field(default_factory=list)
    own: Parts = ()
    drafted: Parts = ()
    is_partly: bool = False

    @property
    def records(self) -> int:
        """How many open records wait for it."""
        return sum(held.records for held in self.held_by)

    @property
    def means_several(self) -> bool:
        """Whether QAD means different things by it in different domains."""
        return len({name.casefold() for name in self.names}) > 1

    @property
    def is_plain(self) -> bool:
        """Whether one member for all times and domains moves nothing that has one."""
        return not self.means_several and not self.is_partly and is_blank(self.own)


@dataclass(frozen=True, slots=True)
class Desk:
    """Codes without a member, gravest first, and codes whose records have one by now and wait."""

    unmapped: list[UnmappedCode]
    ready: list[UnmappedCode]


def narrow(codes: Iterable[UnmappedCode], dimension: str, text: str) -> list[UnmappedCode]:
    """Return the codes of a dimension whose code or name holds a text; blank means any."""
    wanted = text.strip().casefold()
    return [
        code
        for code in codes
        if dimension in ("", code.dimension)
        and any(wanted in said.casefold() for said in (code.code, *code.names))
    ]


def is_blank(parts: Parts) -> bool:
    """Whether parts leave a code without a member at all times."""
    return all(not part.member and not part.valid_from and not part.valid_to for part in parts)


def read_desk(organization: Organization, standing: Standing) -> Desk:
    """Return what the desk shows, inside an open scope."""
    finder = CodeFinder(standing.rules)
    lacking = _Lacking(organization, finder)
    waiting, ready = _part(list_held(organization), finder)
    places = {*lacking.places, *waiting, *_new(organization, standing.rules, finder)}
    unmapped = {place: UnmappedCode(*place) for place in places}
    _put_stakes(organization, unmapped, lacking.places)
    names = _names(organization)
    for place, code in unmapped.items():
        key = RuleKey(place[0], "", "exact", place[1], "")
        code.names = names.get(place, [])
        code.held_by = by_run(waiting.get(place, ()))
        code.own = standing.approved.get(key, ())
        code.drafted = standing.parts(key) if key in standing.changes else ()
        code.is_partly = place in lacking.partly or place in ready
    return Desk(
        sorted(unmapped.values(), key=_gravest),
        [UnmappedCode(*place, held_by=by_run(held)) for place, held in sorted(ready.items())],
    )


def read_code(
    organization: Organization, standing: Standing, dimension: str, code: str
) -> UnmappedCode | None:
    """Return one code of the desk; None where it is not there (any more)."""
    place = (dimension, code)
    codes = read_desk(organization, standing).unmapped
    return next((found for found in codes if (found.dimension, found.code) == place), None)


def _part(
    held: Iterable[Held], finder: CodeFinder
) -> tuple[dict[Place, list[Held]], dict[Place, list[Held]]]:
    """Part records that wait for a member from those that have one by now, by code."""
    waiting: dict[Place, list[Held]] = defaultdict(list)
    ready: dict[Place, list[Held]] = defaultdict(list)
    for each in held:
        (ready if each.is_taken(finder) else waiting)[each.place].append(each)
    return dict(waiting), dict(ready)


def _gravest(code: UnmappedCode) -> tuple[object, ...]:
    return -code.stake.weight, -code.records, code.dimension, code.code


class _Lacking:
    """Codes that rows have and nobody takes: where so, and which are taken elsewhere."""

    def __init__(self, organization: Organization, finder: CodeFinder) -> None:
        self.places: dict[Place, Where] = defaultdict(set)
        taken: set[Place] = set()
        periods = list_periods(organization)
        for known in list_codes_with_rows(organization):
            where = self._where(known, periods, finder)
            if where:
                self.places[known.dimension, known.code] |= where
            if len(where) < sum(known.first <= period <= known.last for period in periods):
                taken.add((known.dimension, known.code))
        self.partly = taken & self.places.keys()

    def _where(self, known: KnownCode, periods: Iterable[int], finder: CodeFinder) -> Where:
        return {
            (known.domain, period)
            for period in periods
            if known.first <= period <= known.last
            and not finder.shares(known.dimension, known.code, domain=known.domain, period=period)
        }


def _new(organization: Organization, rules: Iterable[Rule], finder: CodeFinder) -> Iterator[Place]:
    """Yield codes that QAD has, that no row has had yet and that nobody takes."""
    mapped = {rule.dimension for rule in rules}
    rows = QadCode.objects.filter(
        organization=organization, dimension__in=mapped, is_active=True, missing_since=None
    ).order_by("dimension", "code")
    for dimension, domain, code in rows.values_list("dimension", "domain", "code"):
        if not finder.shares(dimension, code, domain=domain):
            yield dimension, code


def _put_stakes(
    organization: Organization,
    unmapped: dict[Place, UnmappedCode],
    lacking: dict[Place, Where],
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
