"""What a change of the mapping moves: amounts by code, from member to member."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from heapq import nsmallest

from accounts.models import Organization
from integrations.models import Run, RunUnit, Sync, UnmappedPolicy
from integrations.pipeline.amounts import to_text
from integrations.pipeline.period_names import name_periods
from integrations.pipeline.period_states import is_closed
from integrations.pipeline.rules import ROW_DIMENSIONS, WHOLE, Rule, RuleKey, Share, Shares
from integrations.pipeline.splits import cut
from integrations.selectors.code_finding import CodeFinder
from integrations.selectors.moved_codes import changed_keys, moved_codes
from integrations.selectors.stakes import Amounts, PeriodAmount, read_amounts
from integrations.selectors.unit_amounts import UNIT_DIMENSIONS, UnitAmount, read_unit_amounts

CODES_LISTED = 100
ANY_ENTITY = ""
NOBODY = ""
ZERO = Decimal(0)


@dataclass(slots=True)
class CodeEffect:
    """A code whose rows go elsewhere: from whom, to whom, how much, and in which periods."""

    sync: str
    dimension: str
    code: str
    before: Shares
    after: Shares
    amounts: Amounts = field(default_factory=dict)
    rows: int = 0
    periods: set[int] = field(default_factory=set)

    @property
    def weight(self) -> Decimal:
        """The largest of its amounts without its sign."""
        return max(map(abs, self.amounts.values()), default=ZERO)


@dataclass(frozen=True, slots=True)
class MemberEffect:
    """What a member has less or more in one sync and currency; "" stands for codes of nobody."""

    sync: str
    dimension: str
    member: str
    currency: str
    before: Decimal
    after: Decimal

    @property
    def by(self) -> Decimal:
        """How much more it has."""
        return self.after - self.before


@dataclass(slots=True)
class Effect:
    """All that a change moves. `restated_by` names by sync the periods that were read when they
    were closed in QAD.

    `codes` are the heaviest of the `code_count` that move. `unknown` are changed keys of
    entities, periods and currencies of which no amounts are kept. What is split is cut as a sum
    here and row by row in a run: single cents may fall on another part, the total never changes.
    """

    codes: list[CodeEffect] = field(default_factory=list)
    members: list[MemberEffect] = field(default_factory=list)
    restated_by: dict[int, list[int]] = field(default_factory=dict)
    unknown: list[RuleKey] = field(default_factory=list)
    code_count: int = 0
    rows: int = 0

    @property
    def restated(self) -> list[int]:
        """The closed periods that it restates in any sync."""
        return sorted({period for periods in self.restated_by.values() for period in periods})


def read_effect(
    organization: Organization, before: Sequence[Rule], after: Sequence[Rule]
) -> Effect:
    """Return what rules instead of others would move of all that runs have read."""
    changed = changed_keys(before, after)
    old, new = ([rule for rule in rules if rule.dimension in changed] for rules in (before, after))
    was, will = CodeFinder(old), CodeFinder(new)
    tally = _Tally(organization)
    for dimension in changed:
        if dimension in ROW_DIMENSIONS:
            for codes in moved_codes(organization, changed[dimension], was, will):
                tally.add(dimension, read_amounts(organization, dimension, codes), was, will)
    unknown: list[RuleKey] = []
    for dimension in changed:
        if dimension in UNIT_DIMENSIONS:
            units = list(read_unit_amounts(organization, dimension, changed[dimension]))
            unknown += _without_amounts(changed[dimension], units)
            tally.add_units(dimension, units, old, new)
    return tally.effect(unknown)


class _Tally:
    """Adds up what moves; of codes it keeps the heaviest alone."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self._syncs = {sync.pk: sync for sync in Sync.objects.filter(organization=organization)}
        self._codes: list[CodeEffect] = []
        self._code_count = self._rows = 0
        self._members: dict[tuple[str, str, str, str], list[Decimal]] = defaultdict(
            lambda: [ZERO, ZERO]
        )
        self._touched: set[tuple[int, str, int]] = set()

    def add(
        self,
        dimension: str,
        amounts: Iterable[PeriodAmount],
        was: CodeFinder,
        will: CodeFinder,
    ) -> None:
        """Add what moves of all amounts of some codes."""
        codes: dict[tuple[object, ...], CodeEffect] = {}
        for found in amounts:
            sync = self._syncs[found.sync_id]
            rest = _suspense_of(sync, dimension)
            old = was.shares_of(dimension, found) or rest
            new = will.shares_of(dimension, found) or rest
            if _plain(old) == _plain(new):
                continue
            key = (sync.name, found.code, _plain(old), _plain(new))
            effect = CodeEffect(sync.name, dimension, found.code, old, new)
            _add(codes.setdefault(key, effect), found)
            for side, shares in enumerate((old, new)):
                for member, amount in _cut(found.net, shares):
                    self._members[sync.name, dimension, member, found.currency][side] += amount
            self._rows += found.rows
            self._touched.add((found.sync_id, found.entity, found.year_period))
        self._code_count += len(codes)
        self._codes = nsmallest(
            CODES_LISTED,
            [*self._codes, *codes.values()],
            key=lambda effect: (-effect.weight, effect.code),
        )

    def add_units(
        self,
        dimension: str,
        units: Sequence[UnitAmount],
        old: Sequence[Rule],
        new: Sequence[Rule],
    ) -> None:
        """Add what moves of whole units, where the sync's file has the dimension."""
        without = _without_currency(self._organization) if dimension == "currency" else set()
        for sync_id in {unit.sync_id for unit in units} - without:
            own = [unit for unit in units if unit.sync_id == sync_id]
            was, will = (CodeFinder(_named(self._syncs[sync_id], own, side)) for side in (old, new))
            self.add(dimension, [unit.as_code(dimension) for unit in own], was, will)

    def effect(self, unknown: list[RuleKey]) -> Effect:
        """Return all that moves, the heaviest first."""
        members = sorted(
            self._members.items(), key=lambda item: (-abs(item[1][1] - item[1][0]), item[0])
        )
        return Effect(
            self._codes,
            [MemberEffect(*key, *sums) for key, sums in members],
            _closed_of(self._organization, self._touched),
            unknown,
            self._code_count,
            self._rows,
        )


def _named(sync: Sync, units: Sequence[UnitAmount], rules: Sequence[Rule]) -> list[Rule]:
    """Return the rules with the periods that a sync names by itself."""
    periods = {unit.year_period for unit in units}
    return name_periods(sync.conventions.get("period_name", ""), periods, rules)


def _without_amounts(keys: Iterable[RuleKey], units: Iterable[UnitAmount]) -> list[RuleKey]:
    """Return the keys that no unit with amounts has a code of."""
    return [
        key
        for key in keys
        if not any(
            key.fits(code) and key.domain in ("", domain)
            for domain, code in {(unit.domain, unit.as_code(key.dimension).code) for unit in units}
        )
    ]


def _without_currency(organization: Organization) -> set[int]:
    """Return the syncs whose newest run had no column for the currency."""
    runs = Run.objects.filter(organization=organization, plan__has_key="bindings")
    newest = runs.order_by("sync_id", "-pk").distinct("sync_id")
    bindings = newest.values_list("sync_id", "plan__bindings")
    return {sync_id for sync_id, bound in bindings if "currency" not in bound.values()}


def _suspense_of(sync: Sync, dimension: str) -> Shares:
    """Return who takes what the rules leave out; nobody where it is held."""
    member = sync.suspense_members.get(dimension)
    if sync.unmapped_policy != UnmappedPolicy.SUSPENSE or not member:
        return ()
    return (Share(member, member, WHOLE),)


def _plain(shares: Shares) -> tuple[tuple[str, Decimal], ...]:
    return tuple((share.member, share.weight) for share in shares)


def _add(effect: CodeEffect, found: PeriodAmount) -> None:
    effect.amounts[found.currency] = effect.amounts.get(found.currency, ZERO) + found.net
    effect.rows += found.rows
    effect.periods.add(found.year_period)


def _cut(amount: Decimal, shares: Shares) -> list[tuple[str, Decimal]]:
    if not shares:
        return [(NOBODY, amount)]
    parts = cut(_in_cents(amount), [share.weight for share in shares])
    return [(share.member, Decimal(part)) for share, part in zip(shares, parts, strict=True)]


def _in_cents(amount: Decimal) -> str:
    """Return an amount with the decimals that it has, two at least, as rows have them."""
    whole, _, fraction = to_text(amount).partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"


def _closed_of(
    organization: Organization, touched: set[tuple[int, str, int]]
) -> dict[int, list[int]]:
    """Return by sync which touched periods were closed when it read them last."""
    rows = (
        RunUnit.objects.filter(
            organization=organization,
            run__sync_id__in={sync_id for sync_id, _, _ in touched},
            year_period__in={period for _, _, period in touched},
            is_read=True,
        )
        .order_by("run__sync_id", "entity", "year_period", "-run_id")
        .distinct("run__sync_id", "entity", "year_period")
        .values_list("run__sync_id", "entity", "year_period", "period_status")
    )
    closed: dict[int, set[int]] = defaultdict(set)
    for sync_id, entity, period, status in rows:
        is_touched = touched & {(sync_id, entity, period), (sync_id, ANY_ENTITY, period)}
        if is_touched and is_closed(status):
            closed[sync_id].add(period)
    return {sync_id: sorted(periods) for sync_id, periods in closed.items()}
