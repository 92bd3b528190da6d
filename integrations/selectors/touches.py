"""What depends on a code or on a member: rules, amounts, and runs that hold records of it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from integrations.models import CodeAmount, ExceptionState, RecordException, RuleKind
from integrations.selectors.held_codes import Matter, held_by, with_plain_codes

Amounts = Sequence[tuple[str, Decimal]]
Sums = dict[int, list[tuple[str, Decimal, int]]]
"""Per sync: currency, net amount and rows."""


@dataclass(frozen=True, slots=True)
class Touch:
    """What depends on a code or a member.

    `members` are those that the code is mapped to; `amounts` net amounts by currency, as the
    sync with most rows has them; `runs` how many hold records of it.
    """

    rules: int = 0
    members: Sequence[str] = ()
    amounts: Amounts = ()
    runs: int = 0


def touches_of(matter: Matter, codes: Collection[str]) -> dict[str, Touch]:
    """Return what depends on each code."""
    exact = matter.rules.rows().filter(kind=RuleKind.EXACT, code__in=codes)
    members: dict[str, list[str]] = {}
    for code, member in exact.order_by("position").values_list("code", "member"):
        members.setdefault(code, []).append(member)
    amounts = _amounts(matter, codes)
    held = _runs_holding(matter, codes)
    return {
        code: Touch(
            len(members.get(code, ())) + matter.rules.count_patterns(code),
            tuple(dict.fromkeys(filter(None, members.get(code, ())))),
            _pick(amounts.get(code, {})),
            held.get(code, 0),
        )
        for code in codes
    }


def touch_of_member(matter: Matter, member: str, rules: int) -> Touch:
    """Return what depends on a member: the amounts of all codes that its rules hold."""
    held = Q(pk__in=())
    exact = []
    for rule in matter.rules.rows().filter(member=member):
        if rule.kind == RuleKind.EXACT:
            exact.append(rule.code)
        else:
            held |= held_by(rule)
    rows = with_plain_codes(_amount_rows(matter)).filter(held | Q(code__in=exact))
    sums = rows.values_list("sync_id", "currency").annotate(Sum("amount"), Sum("rows"))
    found: Sums = {}
    for sync_id, *rest in sums:
        found.setdefault(sync_id, []).append(tuple(rest))
    return Touch(rules, exact, _pick(found), sum(_runs_holding(matter, exact).values()))


def _amount_rows(matter: Matter) -> QuerySet[CodeAmount]:
    return CodeAmount.objects.filter(organization=matter.organization, dimension=matter.dimension)


def _amounts(matter: Matter, codes: Iterable[str]) -> dict[str, Sums]:
    """Return per code and sync: currency, net amount and rows."""
    rows = _amount_rows(matter).filter(code__in=codes)
    found: dict[str, Sums] = {}
    sums = rows.values_list("code", "sync_id", "currency").annotate(Sum("amount"), Sum("rows"))
    for code, sync_id, *rest in sums:
        found.setdefault(code, {}).setdefault(sync_id, []).append(tuple(rest))
    return found


def _pick(by_sync: Mapping[int, Sequence[tuple[str, Decimal, int]]]) -> Amounts:
    """Take the amounts of the sync with most rows: two syncs may load the same books."""
    if not by_sync:
        return ()
    chosen = max(by_sync.values(), key=lambda lines: sum(rows for _, _, rows in lines))
    return sorted((currency, amount) for currency, amount, _ in chosen)


def _runs_holding(matter: Matter, codes: Iterable[str]) -> dict[str, int]:
    rows = RecordException.objects.filter(
        organization=matter.organization,
        state=ExceptionState.OPEN,
        dimension=matter.dimension,
        member_code__in=codes,
    )
    counted = rows.values_list("member_code").annotate(Count("run", distinct=True))
    return dict(counted)
