"""What a change of the mapping moves: amounts by code, from member to member."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from accounts.models import Organization
from integrations.models import RunUnit, Sync, UnmappedPolicy
from integrations.pipeline.amounts import to_text
from integrations.pipeline.period_states import is_closed
from integrations.pipeline.rules import ROW_DIMENSIONS, WHOLE, Rule, Share, Shares
from integrations.pipeline.splits import cut
from integrations.selectors.code_finding import CodeFinder
from integrations.selectors.stakes import Amounts, PeriodAmount, read_amounts

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

    What is split is cut as a sum here and row by row in a run: single cents may fall on another
    part, the total never changes.
    """

    codes: list[CodeEffect] = field(default_factory=list)
    members: list[MemberEffect] = field(default_factory=list)
    restated_by: dict[int, list[int]] = field(default_factory=dict)

    @property
    def restated(self) -> list[int]:
        """The closed periods that it restates in any sync."""
        return sorted({period for periods in self.restated_by.values() for period in periods})

    @property
    def rows(self) -> int:
        """How many rows go elsewhere."""
        return sum(effect.rows for effect in self.codes)


def read_effect(
    organization: Organization, before: Sequence[Rule], after: Sequence[Rule]
) -> Effect:
    """Return what rules instead of others would move of all that runs have read."""
    was, will = CodeFinder(before), CodeFinder(after)
    syncs = {sync.pk: sync for sync in Sync.objects.filter(organization=organization)}
    codes: dict[tuple[object, ...], CodeEffect] = {}
    members: dict[tuple[str, str, str, str], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    touched: set[tuple[int, int]] = set()
    for dimension in _changed_dimensions(before, after):
        for found in read_amounts(organization, dimension):
            sync = syncs[found.sync_id]
            rest = _suspense_of(sync, dimension)
            old = was.shares_of(dimension, found) or rest
            new = will.shares_of(dimension, found) or rest
            if _plain(old) == _plain(new):
                continue
            key = (sync.name, dimension, found.code, _plain(old), _plain(new))
            effect = CodeEffect(sync.name, dimension, found.code, old, new)
            _add(codes.setdefault(key, effect), found)
            for side, shares in enumerate((old, new)):
                for member, amount in _cut(found.net, shares):
                    members[sync.name, dimension, member, found.currency][side] += amount
            touched.add((found.sync_id, found.year_period))
    return Effect(
        sorted(codes.values(), key=lambda effect: (-effect.weight, effect.code)),
        [
            MemberEffect(*key, *sums)
            for key, sums in sorted(members.items(), key=lambda item: -abs(item[1][1] - item[1][0]))
        ],
        _closed_of(organization, touched),
    )


def _suspense_of(sync: Sync, dimension: str) -> Shares:
    """Return who takes what the rules leave out; nobody where it is held."""
    member = sync.suspense_members.get(dimension)
    if sync.unmapped_policy != UnmappedPolicy.SUSPENSE or not member:
        return ()
    return (Share(member, member, WHOLE),)


def _changed_dimensions(before: Sequence[Rule], after: Sequence[Rule]) -> list[str]:
    changed = set(before) ^ set(after)
    return sorted({rule.dimension for rule in changed} & set(ROW_DIMENSIONS))


def _plain(shares: Shares) -> tuple[tuple[str, Decimal], ...]:
    return tuple((share.member, share.weight) for share in shares)


def _add(effect: CodeEffect, found: PeriodAmount) -> None:
    effect.amounts[found.currency] = effect.amounts.get(found.currency, ZERO) + found.net
    effect.rows += found.rows
    effect.periods.add(found.year_period)


def _cut(amount: Decimal, shares: Shares) -> list[tuple[str, Decimal]]:
    if not shares:
        return [(NOBODY, amount)]
    parts = cut(to_text(amount), [share.weight for share in shares])
    return [(share.member, Decimal(part)) for share, part in zip(shares, parts, strict=True)]


def _closed_of(organization: Organization, touched: set[tuple[int, int]]) -> dict[int, list[int]]:
    """Return by sync which touched periods were closed when it read them last."""
    rows = (
        RunUnit.objects.filter(
            organization=organization,
            run__sync_id__in={sync_id for sync_id, _ in touched},
            year_period__in={period for _, period in touched},
            is_read=True,
        )
        .order_by("run__sync_id", "entity", "year_period", "-run_id")
        .distinct("run__sync_id", "entity", "year_period")
        .values_list("run__sync_id", "year_period", "period_status")
    )
    closed: dict[int, set[int]] = defaultdict(set)
    for sync_id, period, status in rows:
        if (sync_id, period) in touched and is_closed(status):
            closed[sync_id].add(period)
    return {sync_id: sorted(periods) for sync_id, periods in closed.items()}
