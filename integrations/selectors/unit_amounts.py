"""What whole units come to by currency, from the amounts that are kept by code."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q, Sum

from accounts.models import Organization
from integrations.models import CodeAmount
from integrations.pipeline.rules import ROW_DIMENSIONS, RuleKey
from integrations.selectors.stakes import PeriodAmount

UNIT_DIMENSIONS = ("entity", "period", "currency")
PERIOD_DIGITS = 6
_FIELDS = {"entity": "entity", "period": "year_period", "currency": "currency"}


class UnitAmount(NamedTuple):
    """What the rows of an entity and period of a sync come to in one currency."""

    sync_id: int
    domain: str
    entity: str
    year_period: int
    currency: str
    net: Decimal
    rows: int

    def as_code(self, dimension: str) -> PeriodAmount:
        """Return it as what a code of one of its own dimensions comes to."""
        code = str(getattr(self, _FIELDS[dimension]))
        place = (self.sync_id, self.domain, code, self.year_period, self.currency)
        return PeriodAmount(*place, self.net, abs(self.net), self.rows, self.entity)


def read_unit_amounts(
    organization: Organization, dimension: str, keys: list[RuleKey]
) -> Iterator[UnitAmount]:
    """Yield what the units come to that changed keys of one of their dimensions may hold.

    Each row stands once in every dimension that its file had: those of one dimension are added
    up, in each unit that with the most rows.
    """
    rows = CodeAmount.objects.filter(_may_hold(dimension, keys), organization=organization)
    found: dict[tuple[int, str, str, int], dict[str, list[UnitAmount]]] = defaultdict(dict)
    place = ("sync_id", "domain", "entity", "year_period", "currency")
    sums = rows.values_list("dimension", *place).annotate(net=Sum("amount"), count=Sum("rows"))
    for name, *line in sums.order_by(*place):
        unit = UnitAmount(*line)
        found[unit[:4]].setdefault(name, []).append(unit)
    for by_dimension in found.values():
        most = max(ROW_DIMENSIONS, key=lambda name: _count(by_dimension.get(name, [])))
        yield from by_dimension[most]


def _may_hold(dimension: str, keys: list[RuleKey]) -> Q:
    if any(key.kind != "exact" for key in keys):
        return Q()
    codes = {key.code for key in keys}
    if dimension == "period":
        periods = [code for code in codes if len(code) == PERIOD_DIGITS and code.isdecimal()]
        return Q(year_period__in=list(map(int, periods)))
    return Q(**{f"{_FIELDS[dimension]}__in": codes})


def _count(units: list[UnitAmount]) -> int:
    return sum(unit.rows for unit in units)
