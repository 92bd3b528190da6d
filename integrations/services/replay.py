"""Replay: a new run over kept rows under today's mapping, phases 2 to 5.

Of a plan the export is kept, so all of it is mapped anew; of a plan that was sent to QAD only the
refused rows are sent again.
"""

from collections.abc import Iterable

from django.db.models import F

from accounts.errors import Refused
from accounts.models import Organization
from audit.actions import Action
from audit.context import acting
from audit.tenancy import tenant
from audit.trail import record_event
from integrations.models import (
    ExceptionState,
    RecordException,
    Run,
    RunKind,
    RunUnit,
)
from integrations.models.runs import ACTIVE
from integrations.services.plans.pushing import replay_push
from integrations.services.states import lock_sync
from integrations.services.syncs import create_run


def replay_run(*, organization: Organization, run_id: int, requested_by: str) -> Run:
    """Replay everything that is due in a run's units; what Anaplan already holds is not sent."""
    with tenant(organization.pk):
        parent = _parent(organization, run_id)
        if parent.kind == RunKind.PUBLISH:
            return replay_push(parent, requested_by=requested_by, selection=None)
        parts = {unit.part for unit in parent.units.all()}
        return _start(parent, parts=parts, selection=None, requested_by=requested_by)


def replay_records(
    *, organization: Organization, run_id: int, exception_ids: list[int], requested_by: str
) -> Run:
    """Replay chosen exceptions of a run: only the cells that their rows fall on are sent,
    each with its full value."""
    with tenant(organization.pk):
        parent = _parent(organization, run_id)
        chosen = RecordException.objects.filter(
            organization=organization, run=parent, pk__in=exception_ids
        )
        found = list(chosen.values_list("pk", "part"))
        if len(found) != len(set(exception_ids)):
            raise Refused("records_unknown", run=run_id)
        if parent.kind == RunKind.PUBLISH:
            return replay_push(parent, requested_by=requested_by, selection=exception_ids)
        parts = {part for _, part in found}
        return _start(
            parent, parts=parts, selection=sorted(exception_ids), requested_by=requested_by
        )


def _parent(organization: Organization, run_id: int) -> Run:
    run = (
        Run.objects.select_related("sync", "sync__organization")
        .filter(organization=organization, pk=run_id)
        .first()
    )
    if run is None:
        raise Refused("run_unknown", run=run_id)
    if run.is_active:
        raise Refused("run_still_active", run=run_id)
    has_rows = run.plan.get("sha256") if run.sync.brings_plan else _has_units(run)
    if run.kind != RunKind.PUBLISH and not has_rows:
        raise Refused("replay_has_no_rows", run=run_id)
    return run


def _has_units(run: Run) -> bool:
    return run.units.filter(is_read=True).exists()


def _start(parent: Run, *, parts: set[str], selection: list[int] | None, requested_by: str) -> Run:
    lock_sync(parent.sync_id)
    active = Run.objects.filter(
        organization_id=parent.organization_id, sync_id=parent.sync_id, state__in=ACTIVE
    ).first()
    if active is not None:
        if active.parent_id == parent.pk and active.selection == selection:
            return active
        raise Refused("sync_is_busy", run=active.pk)
    run = create_run(
        parent.sync,
        kind=RunKind.REPLAY,
        requested_by=requested_by,
        periods=parent.periods,
        parent=parent,
        selection=selection,
    )
    _take_newest_rows(run, parent, parts)
    if selection:
        RecordException.objects.filter(pk__in=selection, state=ExceptionState.OPEN).update(
            tries=F("tries") + 1
        )
    with acting(run_id=run.pk):
        record_event(
            Action.REPLAY_QUEUED,
            subject=("run", run.pk),
            data={"of": parent.pk, "records": len(selection) if selection else "all"},
        )
    return run


def _take_newest_rows(run: Run, parent: Run, parts: Iterable[str]) -> None:
    """Give the replay the units' newest complete reading: older rows never undo newer ones.

    The units that share a target group with a chosen one come along, since a cell is only
    ever sent with its full value.
    """
    for name in _groups_of(parent, parts):
        units = parent.units.filter(group=name) if name else parent.units.all()
        for unit in units:
            newest = (
                RunUnit.objects.filter(
                    organization_id=run.organization_id,
                    run__sync_id=run.sync_id,
                    entity=unit.entity,
                    year_period=unit.year_period,
                    is_read=True,
                    read_by=F("run"),
                )
                .order_by("-run_id")
                .first()
            )
            if newest is None:
                continue
            newest.pk = None
            newest.run_id = run.pk
            newest.group = ""
            newest.save(force_insert=True)


def _groups_of(parent: Run, parts: Iterable[str]) -> list[str]:
    chosen = set(parts)
    return sorted({unit.group for unit in parent.units.all() if unit.part in chosen})
