"""Stopping all runs of an organization: by asking, and in the end by force."""

from accounts.errors import Refused
from accounts.models import Organization
from audit.actions import Action
from audit.context import acting
from audit.trail import record_event
from integrations.models import Load, ModelLease, Run, RunState
from integrations.models.runs import ACTIVE
from integrations.services.leases import release_lease
from integrations.services.states import move
from integrations.services.syncs import cancel_run


def ask_all_to_stop(organization: Organization, *, requested_by: str) -> int:
    """Ask every run that is under way to stop before its next step; needs an open scope."""
    active = Run.objects.filter(organization=organization, state__in=ACTIVE)
    asked = 0
    for run_id in active.order_by("pk").values_list("pk", flat=True):
        try:
            cancel_run(organization=organization, run_id=run_id, requested_by=requested_by)
        except Refused:
            # It has ended by itself since the list was read.
            continue
        asked += 1
    return asked


def end_all_runs(organization: Organization) -> int:
    """End every run that is still under way, whoever moves it; needs an open scope.

    A worker in the middle of one loses its claim. A run whose import may have started ends as
    unknown, since nobody will read back what became of it.
    """
    active = Run.objects.filter(organization=organization, state__in=ACTIVE)
    ended = 0
    for run in active.select_for_update().order_by("pk"):
        _end(run)
        ended += 1
    return ended


def _end(run: Run) -> None:
    for lease in ModelLease.objects.filter(run_id=run.pk):
        release_lease(run, lease.key)
    unclear = Load.objects.filter(run=run, intended_at__isnull=False, outcome="").exists()
    if unclear and run.state != RunState.RUNNING:
        move(run, RunState.RUNNING)
    state = RunState.UNKNOWN if unclear else RunState.CANCELLED
    move(run, state)
    with acting(run_id=run.pk):
        record_event(
            Action.RUN_FINISHED,
            subject=("run", run.pk),
            data={"state": str(state), "phase": run.phase, "counts": run.counts},
        )
