"""Which units a run reads: open periods each time, closed ones at the rhythm of the policy."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from integrations.models import Run, RunUnit
from integrations.pipeline.period_states import is_closed
from integrations.pipeline.policies import Policies

Key = tuple[str, int]


def choose_due(run: Run, units: Sequence[RunUnit], policies: Policies) -> list[RunUnit]:
    """Return the units that are due, inside an open scope; periods asked for are always due.

    A run is never left without any: where nothing is due, the newest period is read.
    """
    if run.periods:
        return list(units)
    closed = [unit for unit in units if is_closed(unit.period_status)]
    is_open = [unit for unit in units if not is_closed(unit.period_status)]
    due = [] if policies.final_only else is_open
    due += _closed_due(run, closed, policies)
    if not due and units:
        allowed = closed or units
        newest = max(unit.year_period for unit in allowed)
        due = [unit for unit in allowed if unit.year_period == newest]
    return due


def _closed_due(run: Run, closed: Sequence[RunUnit], policies: Policies) -> list[RunUnit]:
    before = _last_read(run)
    periods = sorted({unit.year_period for unit in closed}, reverse=True)
    count = policies.closed_periods
    watched = set(periods if count is None else periods[:count])
    young = timezone.now() - timedelta(hours=policies.closed_hours)
    due = []
    for unit in closed:
        last = before.get((unit.entity, unit.year_period))
        has_changed = last is not None and last.period_status != unit.period_status
        is_old = last is None or last.run.created_at <= young
        if has_changed or (unit.year_period in watched and is_old):
            due.append(unit)
    return due


def _last_read(run: Run) -> dict[Key, RunUnit]:
    """Return the newest complete reading of each unit of the sync."""
    rows = (
        RunUnit.objects.filter(
            organization_id=run.organization_id, run__sync_id=run.sync_id, is_read=True
        )
        .exclude(run_id=run.pk)
        .select_related("run")
        .order_by("entity", "year_period", "-run_id")
        .distinct("entity", "year_period")
    )
    return {(row.entity, row.year_period): row for row in rows}
