"""What depends on a code or on a member: rules, amounts, and runs that hold records of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, QuerySet

from integrations.models import CodeAmount, ExceptionState, RecordException, RuleKind
from integrations.selectors.codes_of_rules import Matter, held_by, with_plain_codes
from integrations.selectors.stakes import Stake, heaviest, read_amounts

Amounts = Sequence[tuple[str, Decimal]]


@dataclass(frozen=True, slots=True)
class Touch:
    """What depends on a code or a member.

    `members` are those that the code is mapped to; `amounts` net amounts by currency, in the
    sync where most is at stake; `runs` how many hold records of it.
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
    stakes = heaviest(read_amounts(matter.organization, matter.dimension, codes))
    counted = _held_records(matter, codes).values_list("member_code")
    held = dict(counted.annotate(Count("run", distinct=True)))
    return {
        code: Touch(
            len(members.get(code, ())) + matter.rules.count_patterns(code),
            tuple(dict.fromkeys(filter(None, members.get(code, ())))),
            _by_currency(stakes.get(code)),
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
    rows = CodeAmount.objects.filter(organization=matter.organization, dimension=matter.dimension)
    found = with_plain_codes(rows).filter(held).values_list("code", flat=True)
    codes = {*exact, *found.distinct()}
    read = read_amounts(matter.organization, matter.dimension, codes)
    stakes = heaviest(line._replace(code=member) for line in read)
    runs = _held_records(matter, codes).aggregate(runs=Count("run", distinct=True))["runs"]
    return Touch(rules, exact, _by_currency(stakes.get(member)), runs)


def _by_currency(stake: Stake | None) -> Amounts:
    return sorted(stake.amounts.items()) if stake else ()


def _held_records(matter: Matter, codes: Collection[str]) -> QuerySet[RecordException]:
    return RecordException.objects.filter(
        organization=matter.organization,
        state=ExceptionState.OPEN,
        dimension=matter.dimension,
        member_code__in=codes,
    )
