"""The grid of a run's units: entities down, periods across, each with its state."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, Q, Sum, When

from integrations.fields import AmountField
from integrations.models import CellDifference, RecordException, Run, RunGroup, RunUnit
from integrations.selectors.figures import Lines, lines_of, state_of, sums
from integrations.selectors.tieouts import members_of

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Unit:
    """One square of the grid: an entity and a period as Anaplan names them.

    `differing` counts accounts, `cells` target cells that nothing explains. `gaps` are the net
    amounts, QAD less Anaplan, per currency where they are not zero.
    """

    entity: str
    period: str
    accounts: int
    differing: int
    cells: int
    records: int
    state: str
    gaps: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """All units of a run; a place without a line is None."""

    periods: list[str]
    rows: list[tuple[str, list[Unit | None]]]

    @property
    def units(self) -> list[Unit]:
        """Return all units of the grid."""
        return [unit for _, row in self.rows for unit in row if unit]

    def unit(self, entity: str, period: str) -> Unit | None:
        """Return one unit, None where the grid has no such square."""
        found = (unit for unit in self.units if (unit.entity, unit.period) == (entity, period))
        return next(found, None)


def get_grid(run: Run) -> Grid:
    """Return the grid in the order of the run's groups, which is that of the calendar."""
    units = _units(run)
    if not units:
        return Grid([], [])
    known = list(dict.fromkeys(_places_of_parts(run).values()))
    places = known + sorted(units.keys() - set(known))
    entities = list(dict.fromkeys(entity for entity, _ in places))
    periods = _in_order(places)
    rows = [(entity, [units.get((entity, period)) for period in periods]) for entity in entities]
    return Grid(periods, rows)


def _places_of_parts(run: Run) -> dict[str, Place]:
    """Return where each unit of QAD stands; a code without a member stands for itself."""
    rows = RunGroup.objects.filter(organization_id=run.organization_id, run=run)
    groups = {group.name: group for group in rows}
    units = RunUnit.objects.filter(organization_id=run.organization_id, run=run)
    ordered = sorted(
        (unit for unit in units if unit.group in groups), key=lambda u: groups[u.group].number
    )
    return {
        unit.part: (
            groups[unit.group].entity or unit.entity,
            groups[unit.group].period or str(unit.year_period),
        )
        for unit in ordered
    }


def _count_records(run: Run) -> Counter[Place]:
    """Count the listed records of each place once, however many measures they carry."""
    places = _places_of_parts(run)
    records = RecordException.objects.filter(organization_id=run.organization_id, run=run)
    counts: Counter[Place] = Counter()
    for group in records.values("part").annotate(records=Count("pk")).order_by("part"):
        if group["part"] in places:
            counts[places[group["part"]]] += group["records"]
    return counts


def _in_order(places: Sequence[Place]) -> list[str]:
    """Return the periods so that each entity's own order is kept."""
    order: list[str] = []
    last: dict[str, str] = {}
    for entity, period in places:
        if period not in order:
            before = last.get(entity)
            order.insert(order.index(before) + 1 if before else len(order), period)
        last[entity] = period
    return order


def _units(run: Run) -> dict[Place, Unit]:
    lines = lines_of(run)
    counted = lines.values("entity", "period").annotate(
        accounts=Count("account", distinct=True),
        differing=Count("account", distinct=True, filter=Q(is_equal=False)),
        **sums(),
    )
    gaps = _gaps(lines)
    cells = _unexplained_cells(run)
    records = _count_records(run)
    units = {}
    for group in counted.order_by("entity", "period"):
        place = (group["entity"], group["period"])
        wrong = sum(1 for members in cells if members.issuperset(place))
        units[place] = Unit(
            entity=place[0],
            period=place[1],
            accounts=group["accounts"],
            differing=group["differing"],
            cells=wrong,
            records=records[place],
            state="differs" if wrong else state_of(group),
            gaps=tuple(gaps.get(place, ())),
        )
    return units


def _gaps(lines: Lines) -> dict[Place, list[tuple[str, Decimal]]]:
    """Return the net differences per unit; from debit less credit where no net is loaded."""
    net = lines.filter(measure="net")
    chosen = net if net.exists() else lines.filter(measure__in=("debit", "credit"))
    signed = Case(
        When(measure="credit", then=-F("difference")),
        default=F("difference"),
        output_field=AmountField(),
    )
    groups: Any = (
        chosen.values("entity", "period", "currency")
        .annotate(gap=Sum(signed))
        .exclude(gap=0)
        .order_by("currency")
    )
    gaps: dict[Place, list[tuple[str, Decimal]]] = {}
    for group in groups:
        if group["gap"] is not None:
            place = (group["entity"], group["period"])
            gaps.setdefault(place, []).append((group["currency"], group["gap"]))
    return gaps


def _unexplained_cells(run: Run) -> list[frozenset[str]]:
    """Return the members of each cell that differs without a reason.

    Sums of lines do not show two cells whose amounts were swapped; these do.
    """
    rows = CellDifference.objects.filter(
        organization_id=run.organization_id, run=run, is_explained=False
    )
    keys = rows.values_list("cell_key", flat=True).distinct()
    return [frozenset(members_of(run, key)) for key in keys]
