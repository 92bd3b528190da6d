"""The grid of a run's units: entities down, periods across, each with its state."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from integrations.models import Run, RunGroup, RunUnit
from integrations.pipeline.amounts import EXACT
from integrations.selectors.exceptions import ExceptionSum
from integrations.selectors.figures import ZERO, add_up
from integrations.selectors.sign_offs import FINAL, PRELIMINARY, finality_of_places
from integrations.selectors.tieouts import PlaceSum

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Unit:
    """One square of the grid: an entity and a period as Anaplan names them.

    `lines` counts lines that are not equal, `cells` target cells that nothing explains. `gaps`
    are the net amounts, QAD less Anaplan, per currency where they are not zero. `finality` is
    "final" or "preliminary" by QAD's period status, "" where there is none.
    """

    entity: str
    period: str
    lines: int
    cells: int
    records: int
    state: str
    gaps: tuple[tuple[str, Decimal], ...]
    finality: str


@dataclass(frozen=True, slots=True)
class Grid:
    """All units of a run; a place without a line is None."""

    periods: list[str]
    rows: list[tuple[str, list[Unit | None]]]

    @property
    def units(self) -> list[Unit]:
        """Return all units of the grid."""
        return [unit for _, row in self.rows for unit in row if unit]

    @property
    def finality(self) -> str:
        """Say in one word or count how many units are final; "" where none has a period."""
        known = [unit.finality for unit in self.units if unit.finality]
        final = known.count(FINAL)
        if not known or final == len(known):
            return FINAL if known else ""
        return f"{final:,} of {len(known):,} units final" if final else PRELIMINARY

    @property
    def first(self) -> Unit | None:
        """Return the first unit that differs, else the first one."""
        return next((unit for unit in self.units if unit.state != "equal"), None) or next(
            iter(self.units), None
        )

    def unit(self, entity: str, period: str) -> Unit | None:
        """Return one unit, None where the grid has no such square."""
        found = (unit for unit in self.units if (unit.entity, unit.period) == (entity, period))
        return next(found, None)


def get_grid(run: Run, sums: Sequence[PlaceSum], exceptions: Sequence[ExceptionSum]) -> Grid:
    """Return the grid in the order of the run's groups, which is that of the calendar."""
    if not sums:
        return Grid([], [])
    groups = list(RunGroup.objects.filter(organization_id=run.organization_id, run=run))
    parts = list(RunUnit.objects.filter(organization_id=run.organization_id, run=run))
    places = _places_of_parts(parts, groups)
    units = _units(
        sums, groups, _count_records(places, exceptions), finality_of_places(groups, parts)
    )
    known = list(dict.fromkeys(places.values()))
    ordered = known + sorted(units.keys() - set(known))
    entities = list(dict.fromkeys(entity for entity, _ in ordered))
    periods = _in_order(ordered)
    rows = [(entity, [units.get((entity, period)) for period in periods]) for entity in entities]
    return Grid(periods, rows)


def _places_of_parts(units: Sequence[RunUnit], groups: Sequence[RunGroup]) -> dict[str, Place]:
    """Return where each unit of QAD stands; a code without a member stands for itself."""
    order = {group.name: place for place, group in enumerate(groups)}
    grouped = [(groups[order[unit.group]], unit) for unit in units if unit.group in order]
    grouped.sort(key=lambda pair: pair[0].number)
    return {
        unit.part: (group.entity or unit.entity, group.period or str(unit.year_period))
        for group, unit in grouped
    }


def _count_records(
    places: Mapping[str, Place], exceptions: Sequence[ExceptionSum]
) -> Counter[Place]:
    """Count the listed records of each place once, however many measures they carry."""
    counts: Counter[Place] = Counter()
    for found in exceptions:
        if found.part in places:
            counts[places[found.part]] += found.records
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


def _units(
    sums: Sequence[PlaceSum],
    groups: Sequence[RunGroup],
    records: Counter[Place],
    finality: Mapping[Place, str],
) -> dict[Place, Unit]:
    found: dict[Place, list[PlaceSum]] = {}
    for row in sums:
        found.setdefault((row.entity, row.period), []).append(row)
    # Sums do not show two cells whose amounts were swapped; the groups have counted them.
    cells: Counter[Place] = Counter()
    for group in groups:
        cells[group.entity, group.period] += group.counts.get("unexplained", 0)
    units = {}
    for place, rows in found.items():
        whole = add_up(row.figures for row in rows)
        units[place] = Unit(
            entity=place[0],
            period=place[1],
            lines=whole.differing,
            cells=cells[place],
            records=records[place],
            state="differs" if cells[place] else whole.state,
            gaps=_gaps(rows),
            finality=finality.get(place, ""),
        )
    return units


def _gaps(rows: Sequence[PlaceSum]) -> tuple[tuple[str, Decimal], ...]:
    """Return the differences per currency of what controls the rows: the net or the amount.

    Where neither is loaded it is debit less credit.
    """
    controls = [m for m in ("net", "amount", "members") if any(row.measure == m for row in rows)]
    gaps: dict[str, Decimal] = {}
    for row in rows:
        gap = row.figures.difference
        if gap is None or row.measure not in (controls[:1] or ("debit", "credit")):
            continue
        signed = gap.copy_negate() if row.measure == "credit" else gap
        gaps[row.currency] = EXACT.add(gaps.get(row.currency, ZERO), signed)
    return tuple((currency, gap) for currency, gap in sorted(gaps.items()) if gap)
