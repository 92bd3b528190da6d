"""Replay: a new run over kept rows under today's mapping, phases 2 to 5.

Of a plan the export is kept, so all of it is mapped anew; of a plan that was sent to QAD only the
refused rows are sent again.
"""

from collections.abc import Collection
from copy import copy

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
from integrations.selectors.exceptions import list_open_of_sync
from integrations.selectors.mappings import current_version
from integrations.services.plans.pushing import replay_push
from integrations.services.rows import build_target
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
            parent, parts=parts, selection=sorted(set(exception_ids)), requested_by=requested_by
        )


def replay_held(
    *,
    organization: Organization,
    sync_id: int,
    requested_by: str,
    units: Collection[tuple[str, str, str]] | None = None,
) -> Run:
    """Replay all records of a sync that are open now, whichever run has listed them.

    With `units` only those that waited for a member of one of these (dimension, code, unit).

    The replay is the child of the newest of these runs. Where that one has loaded nothing because
    of codes without a member, all of it is replayed.
    Raises Refused: replay_nothing_open, and what all replays raise.
    """
    with tenant(organization.pk):
        lock_sync(sync_id)
        found = list_open_of_sync(organization, sync_id, units)
        if not found:
            raise Refused("replay_nothing_open")
        parent = _parent(organization, max(run_id for _, run_id, _ in found))
        if parent.error_code == "unmapped_blocked":
            parts = {unit.part for unit in parent.units.all()}
            return _start(parent, parts=parts, selection=None, requested_by=requested_by)
        parts = {part for _, _, part in found}
        chosen = sorted(pk for pk, _, _ in found)
        return _start(
            parent, parts=parts, selection=chosen, requested_by=requested_by, of_all_runs=True
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


def _start(
    parent: Run,
    *,
    parts: set[str],
    selection: list[int] | None,
    requested_by: str,
    of_all_runs: bool = False,
) -> Run:
    lock_sync(parent.sync_id)
    active = Run.objects.filter(
        organization_id=parent.organization_id, sync_id=parent.sync_id, state__in=ACTIVE
    ).first()
    if active is not None:
        is_same = active.parent_id == parent.pk and active.selection == selection
        if is_same and active.mapping_version == current_version(parent.organization):
            return active
        raise Refused("sync_is_busy", run=active.pk)
    units = units_to_replay(parent, parts, of_all_runs=of_all_runs)
    run = create_run(
        parent.sync,
        kind=RunKind.REPLAY,
        requested_by=requested_by,
        periods=sorted({unit.year_period for unit in units}) or parent.periods,
        parent=parent,
        selection=selection,
    )
    for unit in units:
        unit.pk, unit.run_id, unit.group = None, run.pk, ""
        unit.save(force_insert=True)
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


def units_to_replay(
    parent: Run, parts: Collection[str], *, of_all_runs: bool = False
) -> list[RunUnit]:
    """Return the newest complete reading of each unit: older rows never undo newer ones.

    The units that share a target group with a chosen one come along, by the mapping of then or
    of today, since a cell is only ever sent with its full value.
    """
    newest = _newest_readings(parent)
    known = {unit.part: unit for unit in parent.units.all()}
    if of_all_runs:
        periods = {part.rpartition("/")[2] for part in parts}
        known = {
            part: unit for part, unit in newest.items() if str(unit.year_period) in periods
        } | {part: newest[part] for part in parts if part in newest}
    today = _groups_today(parent, known.values())
    chosen = [unit for part, unit in known.items() if part in parts]
    then = {unit.group for unit in chosen if unit.group}
    now = {today[unit.part] for unit in chosen}
    return [
        newest[part]
        for part, unit in known.items()
        if part in newest and (part in parts or unit.group in then or today[part] in now)
    ]


def _newest_readings(parent: Run) -> dict[str, RunUnit]:
    units = RunUnit.objects.filter(
        organization_id=parent.organization_id,
        run__sync_id=parent.sync_id,
        is_read=True,
        read_by=F("run"),
    )
    return {unit.part: unit for unit in units.order_by("run_id")}


def _groups_today(parent: Run, units: Collection[RunUnit]) -> dict[str, str]:
    """Return the group on which each unit falls today; one without members stands alone."""
    alone = {unit.part: f"?{unit.part}" for unit in units}
    version = current_version(parent.organization)
    if version is None or "accounts" not in parent.plan:
        return alone
    today = copy(parent)
    today.mapping_version = version
    today.periods = sorted({unit.year_period for unit in units})
    target = build_target(today)
    found = {}
    for unit in units:
        rules = target.rules(unit)
        entity = rules.member("entity", unit.entity)
        period = rules.member("period", str(unit.year_period))
        found[unit.part] = f"{entity}|{period}" if entity and period else alone[unit.part]
    return found
