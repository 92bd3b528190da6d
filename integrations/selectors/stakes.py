"""The money on codes, as the last runs have read it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Max, Min, Sum
from django.db.models.functions import Abs

from accounts.models import Organization
from integrations.models import CodeAmount
from integrations.pipeline.grid_rows import Money

Amounts = dict[str, Decimal]


class KnownCode(NamedTuple):
    """A code that rows have had in a domain, with the first and the last of their periods."""

    dimension: str
    domain: str
    code: str
    first: int
    last: int


class PeriodAmount(NamedTuple):
    """What one code comes to in a period of a sync: its net, and all nets without their sign.

    `entity` is "" where the entities of the domain are added up.
    """

    sync_id: int
    domain: str
    code: str
    year_period: int
    currency: str
    net: Decimal
    weight: Decimal
    rows: int
    entity: str = ""


@dataclass(slots=True)
class Stake:
    """What is at stake on a code in one sync: nets by currency, the weight that sorts them."""

    amounts: Amounts = field(default_factory=dict)
    weights: Amounts = field(default_factory=dict)
    rows: int = 0
    periods: set[int] = field(default_factory=set)

    @property
    def weight(self) -> Decimal:
        """The largest of its weights; currencies are never added up."""
        return max(self.weights.values(), default=Decimal(0))

    @property
    def money(self) -> list[Money]:
        """What the code comes to by currency: the net and what is at stake."""
        return [
            Money(currency, net, self.weights[currency])
            for currency, net in sorted(self.amounts.items())
        ]

    def add(self, found: PeriodAmount) -> None:
        """Add what one period comes to."""
        zero = Decimal(0)
        self.amounts[found.currency] = self.amounts.get(found.currency, zero) + found.net
        self.weights[found.currency] = self.weights.get(found.currency, zero) + found.weight
        self.rows += found.rows
        self.periods.add(found.year_period)


def list_codes_with_rows(organization: Organization) -> list[KnownCode]:
    """Return every code that rows have had, by dimension and domain."""
    rows = CodeAmount.objects.filter(organization=organization).values_list(
        "dimension", "domain", "code"
    )
    dated = rows.annotate(first=Min("year_period"), last=Max("year_period"))
    return [KnownCode(*row) for row in dated.order_by("dimension", "code", "domain")]


def list_periods(organization: Organization) -> list[int]:
    """Return the periods of which amounts are known, oldest first."""
    rows = CodeAmount.objects.filter(organization=organization).order_by("year_period")
    return list(rows.values_list("year_period", flat=True).distinct())


def read_amounts(
    organization: Organization, dimension: str, codes: Collection[str] | None = None
) -> list[PeriodAmount]:
    """Return what codes of a dimension come to by sync, domain, period and currency."""
    rows = CodeAmount.objects.filter(organization=organization, dimension=dimension)
    if codes is not None:
        rows = rows.filter(code__in=codes)
    sums = rows.values_list("sync_id", "domain", "code", "year_period", "currency").annotate(
        net=Sum("amount"), weight=Sum(Abs("amount")), count=Sum("rows")
    )
    return [PeriodAmount(*row) for row in sums.order_by()]


def heaviest(amounts: Iterable[PeriodAmount]) -> dict[str, Stake]:
    """Return per code what is at stake in the sync where that is most; syncs are not added up.

    The same money is in the balances and in the spend.
    """
    stakes: dict[tuple[str, int], Stake] = {}
    for found in amounts:
        stakes.setdefault((found.code, found.sync_id), Stake()).add(found)
    best: dict[str, Stake] = {}
    for (code, _), stake in sorted(stakes.items(), key=lambda item: item[0]):
        if code not in best or stake.weight > best[code].weight:
            best[code] = stake
    return best
