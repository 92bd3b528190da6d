"""Plan against actual, in QAD's own codes and to the last digit."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.errors import Refused
from accounts.models import Organization
from audit.tenancy import reading
from integrations.models import PlanValue, PlanVersion, Run, RunState, RunUnit, Sync
from integrations.pipeline.amounts import EXACT, negate, read_amounts
from integrations.pipeline.plans import PlanKey
from integrations.pipeline.streams import COST_CENTER_SPEND, GL_BALANCES, read_measure
from integrations.services.rows import UnitRows
from integrations.services.targets import Target

ACTUALS = (GL_BALANCES.name, COST_CENTER_SPEND.name)
PROVED = (RunState.RECONCILED, RunState.PARTIAL)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One place: what was posted and what was planned, None where nobody said anything.

    A place without a posting in a period that was read holds an actual of zero; one without a
    planned amount is a gap.
    """

    place: PlanKey
    actual: Decimal | None
    plan: Decimal | None

    @property
    def variance(self) -> Decimal | None:
        """Actual less plan; None where one of them is missing."""
        if self.actual is None or self.plan is None:
            return None
        return EXACT.subtract(self.actual, self.plan)


def find_actuals(organization: Organization, plan: Sync, name: str = "") -> Sync | None:
    """Return the sync whose actuals a plan is compared with: as named, else of the same QAD.

    Balances come before spend; lists and invoices are no actuals of accounts. In the open scope.
    Raises Refused: sync_unknown.
    """
    syncs = Sync.objects.filter(organization=organization, data_set__in=ACTUALS)
    if name:
        found = syncs.filter(name=name).first()
        if found is None:
            raise Refused("sync_unknown", name=name)
        return found
    rows = syncs.filter(source_id=plan.source_id).order_by("-pk")
    by_name = {sync.data_set: sync for sync in rows}
    return next((by_name[name] for name in ACTUALS if name in by_name), None)


def compare(
    organization: Organization, version: PlanVersion, actuals: Sync | None
) -> Iterator[Comparison]:
    """Yield every place of the plan and of the actuals, entity by entity and period by period."""
    with reading(organization.pk):
        units = _newest_units(organization, actuals) if actuals else {}
        planned: Any = PlanValue.objects.filter(organization=organization, version=version)
        places = {*units, *planned.values_list("entity", "year_period").distinct()}
    for entity, period in sorted(places):
        unit = units.get((entity, period))
        actual = _read_actuals(unit) if unit else {}
        with reading(organization.pk):
            plan = {
                PlanKey(v.entity, v.gl_account, v.cost_center, v.year_period, v.currency): v.amount
                for v in planned.filter(entity=entity, year_period=period)
            }
        nothing = Decimal(0) if unit else None
        for place in sorted({*actual, *plan}):
            yield Comparison(place, actual.get(place, nothing), plan.get(place))


def _newest_units(organization: Organization, sync: Sync) -> dict[tuple[str, int], RunUnit]:
    """Return the newest reading of each entity and period that a proof stands behind."""
    rows = RunUnit.objects.select_related("run__sync__source").filter(
        organization=organization, run__sync=sync, run__state__in=PROVED, is_read=True
    )
    return {(unit.entity, unit.year_period): unit for unit in rows.order_by("run_id")}


def _read_actuals(unit: RunUnit) -> dict[PlanKey, Decimal]:
    """Add up what QAD said of a unit, per place: sub-accounts and projects fall together.

    Signs are those that the sync's conventions give the model, in which the plan was made.
    """
    run: Run = unit.run
    target = Target.of(run, {})
    turned, currency = target.turned(unit), target.data_set.row_field("currency")
    sums: dict[PlanKey, Decimal] = {}
    for rows in UnitRows(unit, target).pages():
        nets = read_amounts(read_measure(target.data_set, rows, "net"))
        for row, net in zip(rows, nets, strict=True):
            in_currency = getattr(row, currency, "") or unit.currency
            place = PlanKey(
                row.entity, row.gl_account, row.cost_center, unit.year_period, in_currency
            )
            amount = Decimal(negate(net) if row.gl_account in turned else net)
            sums[place] = EXACT.add(sums.get(place, Decimal(0)), amount)
    return sums
