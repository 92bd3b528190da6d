"""Asking for runs, and taking the wish back."""

from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now

from accounts.errors import Refused
from accounts.models import Organization
from accounts.services.deeds import lock_organization
from audit.actions import Action
from audit.context import acting
from audit.tenancy import tenant
from audit.trail import record_event
from integrations import queue
from integrations.models import DueRun, Run, RunKind, RunState, Sync
from integrations.models.runs import ACTIVE
from integrations.pipeline.streams import DATA_SETS
from integrations.selectors.mappings import current_version
from integrations.services.profile_gate import refuse_unusable
from integrations.services.states import lock_sync, move


def find_sync(organization: Organization, name: str) -> Sync:
    """Return a sync by name, inside an open scope; refuse a name that is not there."""
    rows = Sync.objects.select_related("organization", "source__organization")
    rows = rows.select_related("target__organization")
    sync = rows.filter(organization=organization, name=name).first()
    if sync is None:
        raise Refused("sync_unknown", name=name)
    return sync


def in_order(organization: Organization) -> list[Sync]:
    """Return all syncs in the order in which they are run, inside an open scope.

    Data may fall on members that a list brings, and a plan is compared with the data.
    """
    rows = Sync.objects.filter(organization=organization).order_by("name")
    return sorted(rows, key=lambda sync: (sync.brings_plan, not is_list(sync)))


def is_list(sync: Sync) -> bool:
    """Whether a sync loads members of a list."""
    return not sync.brings_plan and DATA_SETS[sync.data_set].is_list


def has_periods(sync: Sync) -> bool:
    """Whether a sync is run over periods: neither lists nor plans are."""
    return not sync.brings_plan and not is_list(sync)


def start_run(
    *,
    organization: Organization,
    sync_id: int,
    periods: list[int] | None,
    requested_by: str,
    may_join: bool = True,
) -> Run:
    """Queue a run over the given periods (year*100+period), or over all the calendar has.

    A sync has one active run at most: where one is under way, that one is returned, or
    `sync_is_busy` refused if joining it is not wanted. What the last check of the instance
    profile found to be wrong is refused as `profile_not_usable`. A plan comes whole: periods of
    one are refused as `plan_has_no_periods`.
    """
    with tenant(organization.pk):
        lock_sync(sync_id)
        sync = Sync.objects.filter(organization=organization, pk=sync_id).first()
        if sync is None:
            raise Refused("sync_unknown", name=str(sync_id))
        active = Run.objects.filter(organization=organization, sync=sync, state__in=ACTIVE).first()
        if active is not None and not may_join:
            raise Refused("sync_is_busy", run=active.pk)
        if active is not None:
            return active
        if sync.brings_plan and periods:
            raise Refused("plan_has_no_periods", name=sync.name)
        if not sync.brings_plan:
            refuse_unusable(sync)
        run = create_run(sync, kind=RunKind.LOAD, requested_by=requested_by, periods=periods or [])
        with acting(run_id=run.pk):
            record_event(
                Action.RUN_QUEUED,
                subject=("run", run.pk),
                data={"sync": sync.name, "periods": periods or "all"},
            )
        return run


def create_run(
    sync: Sync,
    *,
    kind: RunKind,
    requested_by: str,
    periods: list[int],
    parent: Run | None = None,
    selection: list[int] | None = None,
) -> Run:
    """Make a queued run with today's mapping version and hint at it, in the open scope.

    Raises Refused: organization_closing, mapping_missing.
    """
    if lock_organization(sync.organization_id).is_closing:
        raise Refused("organization_closing")
    version = current_version(sync.organization)
    if version is None:
        raise Refused("mapping_missing")
    run = Run.objects.create(
        organization=sync.organization,
        sync=sync,
        kind=kind,
        parent=parent,
        selection=selection,
        requested_by=requested_by,
        periods=sorted(periods),
        mapping_version=version,
        not_before=Now(),
        deadline=Now() + timedelta(minutes=settings.RUN_DEADLINE_MINUTES),
    )
    DueRun.objects.create(run_id=run.pk, organization_id=sync.organization_id, due_at=Now())
    queue.hint_run(sync.organization_id, run.pk)
    return run


def cancel_run(*, organization: Organization, run_id: int, requested_by: str) -> None:
    """Ask a run to stop; a run that nobody moves stops at once.

    A running one stops before its next step. Where an import is already under way, Anaplan is
    asked to cancel it and its answer decides what is true.
    """
    with tenant(organization.pk):
        run = Run.objects.select_for_update().filter(organization=organization, pk=run_id).first()
        if run is None:
            raise Refused("run_unknown", run=run_id)
        if not run.is_active:
            raise Refused("run_has_ended", run=run_id, state=run.get_state_display().lower())
        untouched = run.state == RunState.QUEUED
        with acting(run_id=run_id):
            record_event(Action.RUN_CANCELLED, subject=("run", run_id), data={"by": requested_by})
        if untouched:
            move(run, RunState.CANCELLED)
            return
        Run.objects.filter(pk=run_id).update(cancel_requested=True, not_before=Now())
        DueRun.objects.filter(run_id=run_id).update(due_at=Now())
        queue.hint_run(organization.pk, run_id)
