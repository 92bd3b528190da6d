"""The gates on what was read: units without rows, and units with far more or fewer than usual."""

from collections.abc import Iterator, Sequence

from integrations.models import Position, Run, RunState, RunUnit
from integrations.pipeline.policies import Gate, Policies, is_abnormal
from integrations.services.states import Slice
from integrations.transport.errors import IntegrationError

LOADED = (RunState.RECONCILED, RunState.PARTIAL, RunState.UNVERIFIED)
EARLIER_UNITS = 3
FEWEST_ROWS = 20
"""Units with so few rows on both sides are never of abnormal volume."""


def check_volumes(work: Slice, run: Run) -> None:
    """Raise for what the sync's policies block, and warn of the rest.

    QAD answers 200 with no rows for much that is wrong: where nothing at all was read, nothing
    proves that the reading works, and no policy makes that a zero. Raises IntegrationError:
    qad_nothing_read, qad_unit_emptied, qad_volume_abnormal.
    """
    policies = Policies.parse(run.sync.policies)
    with work.read():
        units = list(run.units.all())
        empty = [unit for unit in units if not unit.rows]
        if empty and len(empty) == len(units):
            raise IntegrationError("qad_nothing_read", units=len(empty))
        before = _earlier(run)
        found = [
            *_apply(policies.empty_gate, _emptied(run, empty, before)),
            *_apply(policies.volume_gate, _abnormal(units, before, policies.volume_share)),
        ]
    if found:
        with work.commit() as fresh:
            new = [warning for warning in found if warning not in fresh.warnings]
            Run.objects.filter(pk=fresh.pk).update(warnings=[*fresh.warnings, *new])


def _apply(gate: Gate, errors: Iterator[IntegrationError]) -> list[dict[str, str]]:
    if gate == "off":
        return []
    found = list(errors)
    if found and gate == "block":
        raise found[0]
    return [{"code": error.code, "message": error.message} for error in found]


def _earlier(run: Run) -> dict[str, list[RunUnit]]:
    """Return what runs read that came to a load, per entity, newest first, each period once."""
    rows = (
        RunUnit.objects.filter(
            organization_id=run.organization_id,
            run__sync_id=run.sync_id,
            run__state__in=LOADED,
            is_read=True,
            rows__gt=0,
        )
        .exclude(run_id=run.pk)
        .order_by("entity", "-year_period", "-run_id")
        .distinct("entity", "year_period")
    )
    found: dict[str, list[RunUnit]] = {}
    for row in rows:
        found.setdefault(row.entity, []).append(row)
    return found


def _emptied(
    run: Run, empty: Sequence[RunUnit], before: dict[str, list[RunUnit]]
) -> Iterator[IntegrationError]:
    loaded = Position.objects.filter(organization_id=run.organization_id, sync_id=run.sync_id)
    if not empty or not loaded.exists():
        return
    for unit in empty:
        known = {row.year_period for row in before.get(unit.entity, ())}
        if unit.year_period in known:
            yield IntegrationError("qad_unit_emptied", entity=unit.entity, period=unit.year_period)


def _abnormal(
    units: Sequence[RunUnit], before: dict[str, list[RunUnit]], share: int
) -> Iterator[IntegrationError]:
    """Compare with the last reading of the unit, or with the periods before a new one."""
    for unit in units:
        usual = _usual(unit, before.get(unit.entity, []))
        few = max(unit.rows, usual or 0) < FEWEST_ROWS
        if unit.rows and usual and not few and is_abnormal(unit.rows, usual, share):
            yield IntegrationError(
                "qad_volume_abnormal",
                entity=unit.entity,
                period=unit.year_period,
                rows=unit.rows,
                usual=usual,
                share=share,
            )


def _usual(unit: RunUnit, earlier: Sequence[RunUnit]) -> int | None:
    same = [row.rows for row in earlier if row.year_period == unit.year_period]
    if same:
        return same[0]
    older = [row.rows for row in earlier if row.year_period < unit.year_period][:EARLIER_UNITS]
    return sum(older) // len(older) if older else None
