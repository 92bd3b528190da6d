"""One load at a time per Anaplan model, over all workers and organizations."""

from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Now

from audit.actions import Action
from audit.trail import record_event
from integrations import queue
from integrations.models import Connection, DueRun, ModelLease, Run, RunState
from integrations.models.runs import ACTIVE
from integrations.pipeline.streams import DATA_SETS
from integrations.services.manners import customer_of
from integrations.transport.errors import IntegrationError

WAITS_FOR_A_RUN = ("model_leased", "lists_first")


def lease_key(connection: Connection, model_id: str) -> str:
    """Name the model as Anaplan itself does after a sign-in."""
    return f"{customer_of(connection)}/{model_id}"


def take_lease(run: Run, key: str) -> int | None:
    """Take or renew the lease on a model; return its fencing number, None while another has it.

    A renewed lease keeps its number; one that changes hands, or has expired, gets the next.
    """
    ModelLease.objects.get_or_create(key=key)
    until = Now() + timedelta(seconds=settings.MODEL_LEASE_SECONDS)
    mine = ModelLease.objects.filter(key=key, run_id=run.pk, expires_at__gt=Now())
    if not mine.update(expires_at=until):
        free = ModelLease.objects.filter(key=key).filter(
            Q(run_id__isnull=True) | Q(expires_at__lte=Now())
        )
        taken = free.update(
            fence=F("fence") + 1,
            organization_id=run.organization_id,
            run_id=run.pk,
            expires_at=until,
        )
        if not taken:
            return None
        record_event(Action.LEASE_TAKEN, subject=("model", key.partition("/")[2]))
    return ModelLease.objects.values_list("fence", flat=True).get(key=key)


def check_fence(run: Run, key: str, fence: int | None) -> None:
    """Renew the lease if this run still holds it with this number; raise otherwise.

    Called right before the call that can't be taken back.
    """
    until = Now() + timedelta(seconds=settings.MODEL_LEASE_SECONDS)
    mine = ModelLease.objects.filter(key=key, run_id=run.pk, expires_at__gt=Now())
    held = mine.filter(fence=-1 if fence is None else fence)
    if not held.update(expires_at=until):
        raise IntegrationError("lease_lost")


def release_lease(run: Run, key: str) -> None:
    """Give the lease back; nothing happens where this run does not hold it."""
    freed = ModelLease.objects.filter(key=key, run_id=run.pk).update(
        run_id=None, organization_id=None, expires_at=None
    )
    if freed:
        record_event(Action.LEASE_RELEASED, subject=("model", key.partition("/")[2]))
        wake_waiting(run)


def wake_waiting(run: Run) -> None:
    """Let the organization's runs that wait for this model be due now, in the open transaction.

    They would look again by themselves some seconds later.
    """
    waiting = Run.objects.filter(
        organization_id=run.organization_id,
        sync__target_id=run.sync.target_id,
        state=RunState.WAITING,
        error_code__in=WAITS_FOR_A_RUN,
    )
    for run_id in waiting.values_list("pk", flat=True):
        Run.objects.filter(pk=run_id, state=RunState.WAITING).update(not_before=Now())
        DueRun.objects.filter(run_id=run_id).update(due_at=Now())
        queue.hint_run(run.organization_id, run_id)


def list_ahead(run: Run) -> int | None:
    """Return the run of a list that has to end before this one loads the same model.

    Data may fall on members that the list brings. A list that was asked for later is not waited
    for, so that no two runs wait for each other.
    """
    lists = [name for name, data_set in DATA_SETS.items() if data_set.is_list]
    if run.sync.data_set in lists:
        return None
    runs = Run.objects.filter(organization=run.organization, state__in=ACTIVE, pk__lt=run.pk)
    runs = runs.filter(sync__data_set__in=lists, sync__model_id=run.sync.model_id)
    return runs.order_by("pk").values_list("pk", flat=True).first()
