"""The grid of a run's units: entities down, periods across, each with its state."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, Count, F, Q, Sum, When

from integrations.fields import AmountField
from integrations.models import RecordException, Run, RunGroup, RunUnit
from integrations.selectors.figures import Lines, lines_of, state_of, sums

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
    groups = list(RunGroup.objects.filter(organization_id=run.organization_id, run=run))
    places = _places_of_parts(run, groups)
    units = _units(run, groups, places)
    if not units:
        return Grid([], [])
    known = list(dict.fromkeys(places.values()))
    ordered = known + sorted(units.keys() - set(known))
    entities = list(dict.fromkeys(entity for entity, _ in ordered))
    periods = _in_order(ordered)
    rows = [(entity, [units.get((entity, period)) for period in periods]) for entity in entities]
    return Grid(periods, rows)


def _places_of_parts(run: Run, groups: Sequence[RunGroup]) -> dict[str, Place]:
    """Return where each unit of QAD stands; a code without a member stands for itself."""
    order = {group.name: place for place, group in enumerate(groups)}
    units = RunUnit.objects.filter(organization_id=run.organization_id, run=run)
    grouped = [(groups[order[unit.group]], unit) for unit in units if unit.group in order]
    grouped.sort(key=lambda pair: pair[0].number)
    return {
        unit.part: (group.entity or unit.entity, group.period or str(unit.year_period))
        for group, unit in grouped
    }


def _count_records(run: Run, places: Mapping[str, Place]) -> Counter[Place]:
    """Count the listed records of each place once, however many measures they carry."""
    records = RecordException.objects.filter(organization_id=run.organization_id, run=run)
    counts: Counter[Place] = Counter()
    for group in records.values("part").annotate(records=Count("pk")).order_by("part"):
        if group["part"] in places:
            counts[places[group["part"]]] += group["records"]
    return counts


def _count_unexplained(groups: Sequence[RunGroup]) -> Counter[Place]:
    """Count the cells of each place that differ without a reason.

    Sums of lines do not show two cells whose amounts were swapped; these do.
    """
    counts: Counter[Place] = Counter()
    for group in groups:
        counts[group.entity, group.period] += group.counts.get("unexplained", 0)
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


def _units(run: Run, groups: Sequence[RunGroup], places: Mapping[str, Place]) -> dict[Place, Unit]:
    lines = lines_of(run)
    counted = lines.values("entity", "period").annotate(
        accounts=Count("account", distinct=True),
        differing=Count("account", distinct=True, filter=Q(is_equal=False)),
        **sums(),
    )
    gaps, records, cells = _gaps(lines), _count_records(run, places), _count_unexplained(groups)
    units = {}
    for row in counted.order_by("entity", "period"):
        place = (row["entity"], row["period"])
        units[place] = Unit(
            entity=place[0],
            period=place[1],
            accounts=row["accounts"],
            differing=row["differing"],
            cells=cells[place],
            records=records[place],
            state="differs" if cells[place] else state_of(row),
            gaps=tuple(gaps.get(place, ())),
        )
    return units


def _gaps(lines: Lines) -> dict[Place, list[tuple[str, Decimal]]]:
    """Return the net differences per unit; from debit less credit where no net is loaded."""
    debit, credit = Q(measure="debit"), Q(measure="credit")
    signed = Case(
        When(credit, then=-F("difference")), default=F("difference"), output_field=AmountField()
    )
    rows = lines.values("entity", "period", "currency").annotate(
        nets=Count("pk", filter=Q(measure="net")),
        net=Sum("difference", filter=Q(measure="net")),
        sides=Sum(signed, filter=debit | credit),
    )
    gaps: dict[Place, list[tuple[str, Decimal]]] = {}
    for row in rows.order_by("currency"):
        gap = row["net"] if row["nets"] else row["sides"]
        if gap:
            gaps.setdefault((row["entity"], row["period"]), []).append((row["currency"], gap))
    return gaps
