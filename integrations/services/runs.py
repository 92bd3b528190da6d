"""Moving a run: claim it, work for one slice, say when it is due again."""

import errno
import logging
import uuid
from random import uniform
from time import monotonic
from typing import Any, Protocol

from billiard.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, InterfaceError
from django.db.models.functions import Now
from django.utils import timezone

from audit.actions import Action
from audit.context import acting
from audit.trail import record_event
from integrations import queue
from integrations.encryption import SealBroken
from integrations.models import DueRun, Load, Phase, Run, RunKind, RunState
from integrations.services.leases import wake_waiting
from integrations.services.phases import (
    collect,
    extract,
    load,
    map_rows,
    plan_extract,
    plan_map,
    plan_prove,
    plan_push,
    plan_reconcile,
    plan_store,
    reconcile,
)
from integrations.services.phases.steps import End, Next, Step, Wait
from integrations.services.profile_gate import ask_for_check_after
from integrations.services.reference import ask_after
from integrations.services.states import ClaimLost, Slice, claim_run, move, release
from integrations.transport.errors import IntegrationError

logger = logging.getLogger(__name__)

LONGEST_BACKOFF = 60.0
# What the system says where a sorted run finds no room: the disk, a quota or a limit.
DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
HINTS_A_TICK = 500


class PhaseModule(Protocol):
    """What each phase offers: one step of work on a claimed run."""

    def advance(self, work: Slice) -> Step:
        """Work on the run until a step is done, and say what comes next."""
        ...


PHASES: dict[str, PhaseModule] = {
    Phase.EXTRACT: extract,
    Phase.MAP: map_rows,
    Phase.LOAD: load,
    Phase.COLLECT: collect,
    Phase.RECONCILE: reconcile,
}
PLAN_PHASES: dict[str, PhaseModule] = {
    Phase.EXTRACT: plan_extract,
    Phase.MAP: plan_map,
    Phase.LOAD: plan_store,
    Phase.RECONCILE: plan_reconcile,
}
PUBLISH_PHASES: dict[str, PhaseModule] = {Phase.LOAD: plan_push, Phase.RECONCILE: plan_prove}

# Waiting for a turn, or for books that stand still, is no failure, however often it happens:
# only the deadline ends it.
HELD_BACK = frozenset({"anaplan_rate_limited", "qad_turn_late", "qad_rows_moved"})
# How often in a row a phase may fail in passing before the run is given up. From the start of
# the import on only the deadline ends the run: its end must be known.
PATIENCE: dict[str, int] = {Phase.EXTRACT: 4, Phase.MAP: 4}


def phases_of(run: Run) -> dict[str, PhaseModule]:
    """Return what a run does in each phase: load actuals, bring a plan back, or send it on."""
    if run.kind == RunKind.PUBLISH:
        return PUBLISH_PHASES
    return PLAN_PHASES if run.sync.brings_plan else PHASES


def hint_due_runs() -> None:
    """Hint at every run that is due; the workers' claims sort out who moves it."""
    due = DueRun.objects.filter(due_at__lte=Now()).order_by("due_at")[:HINTS_A_TICK]
    for organization_id, run_id in due.values_list("organization_id", "run_id"):
        queue.send_hint(organization_id, run_id)


def advance_run(organization_id: int, run_id: int) -> float | None:
    """Claim a run and move it for one slice.

    Returns the seconds until it is due again, or None where it has ended or somebody else
    moves it. Hints at the next slice by itself.
    """
    work = claim_run(organization_id, run_id)
    if work is None:
        return None
    with acting(run_id=run_id):
        try:
            wait = _work(work)
        except ClaimLost:
            logger.info("run %s was taken over by another worker", run_id)
            return None
    if wait is not None:
        release(work, wait=wait)
        queue.send_hint(organization_id, run_id, wait=wait)
    return wait


def _work(work: Slice) -> float | None:
    while True:
        began = monotonic()
        phase, step = _take_step(work)
        work.seconds[phase] = work.seconds.get(phase, 0.0) + monotonic() - began
        if isinstance(step, Next):
            _enter(work, step.phase)
        elif isinstance(step, Wait):
            return _wait(work, step)
        elif isinstance(step, End):
            _end(work, step)
            return None
        if work.is_over:
            return 0.0


def _take_step(work: Slice) -> tuple[str, Step]:
    with work.commit() as run:
        phase = run.phase
        module = phases_of(run)[phase]
        overdue = run.deadline < timezone.now()
        cancelled = run.cancel_requested and phase in (Phase.EXTRACT, Phase.MAP)
    if cancelled:
        return phase, End(RunState.CANCELLED)
    try:
        step = module.advance(work)
        return phase, _end_overdue(work, step) if overdue and isinstance(step, Wait) else step
    except IntegrationError as error:
        return phase, _after_error(work, phase, error, overdue=overdue)
    except SealBroken:
        return phase, End(RunState.FAILED, error=IntegrationError("secret_unreadable"))
    except (ClaimLost, SoftTimeLimitExceeded, DatabaseError, InterfaceError):
        raise
    except Exception as bug:
        if isinstance(bug, OSError) and bug.errno in DISK_FULL:
            full = IntegrationError("disk_full", str(bug))
            return phase, _after_error(work, phase, full, overdue=overdue)
        return phase, _after_bug(work, bug)


def _end_overdue(work: Slice, step: Wait) -> Step:
    """End a run that still waits past its deadline; unknown once the import may have started."""
    if _may_have_started(work):
        return End(RunState.UNKNOWN, error=step.error or IntegrationError("import_unclear"))
    return End(RunState.DEFERRED, error=step.error)


def _after_bug(work: Slice, bug: Exception) -> Step:
    """End the run on a case that nobody thought of; its reference leads to the log."""
    reference = uuid.uuid4().hex[:12]
    logger.exception("run %s met a bug, reference %s", work.run_id, reference)
    error = IntegrationError("internal", f"{type(bug).__name__}", reference=reference)
    return End(RunState.UNKNOWN if _may_have_started(work) else RunState.FAILED, error=error)


def _after_error(work: Slice, phase: str, error: IntegrationError, *, overdue: bool) -> Step:
    logger.warning("run %s, %s: %s %s", work.run_id, phase, error.code, error.detail)
    with work.commit() as run:
        failures = run.failures + (error.code not in HELD_BACK)
        Run.objects.filter(pk=run.pk).update(failures=failures)
    if error.kind != "transient":
        return End(RunState.UNKNOWN if _may_have_started(work) else RunState.FAILED, error=error)
    if overdue:
        return End(RunState.UNKNOWN if _may_have_started(work) else RunState.DEFERRED, error=error)
    if failures >= PATIENCE.get(phase, failures + 1):
        return End(RunState.FAILED, error=error)
    backoff = uniform(0.5, 1.0) * min(LONGEST_BACKOFF, 2.0 ** min(failures, 10))  # noqa: S311
    return Wait(max(error.retry_after or 0.0, backoff), error=error)


def _may_have_started(work: Slice) -> bool:
    """Tell whether the import may be running without this run knowing its end."""
    with work.read() as run:
        return Load.objects.filter(run=run, intended_at__isnull=False, outcome="").exists()


def _enter(work: Slice, phase: Phase) -> None:
    with work.commit() as run:
        Run.objects.filter(pk=run.pk).update(
            phase=phase,
            step="",
            failures=0,
            timings=_timings(work, run),
            **_reason(None),
        )


def _wait(work: Slice, step: Wait) -> float:
    with work.commit() as run:
        fields: dict[str, Any] = {**_reason(step.error), "timings": _timings(work, run)}
        changed = step.error is not None and run.error_code != fields["error_code"]
        if run.state != RunState.WAITING:
            move(run, RunState.WAITING, **fields)
        else:
            Run.objects.filter(pk=run.pk).update(**fields)
        if changed:
            record_event(
                Action.RUN_WAITING,
                subject=("run", run.pk),
                data={"code": fields["error_code"], "phase": run.phase},
            )
    return step.seconds


def _end(work: Slice, step: End) -> None:
    with work.commit() as run:
        fields: dict[str, Any] = {**_reason(step.error), "timings": _timings(work, run)}
        move(run, step.state, **fields)
        load.give_up_lease(run)
        wake_waiting(run)
        ask_after(run)
        if step.error:
            ask_for_check_after(run, step.error.code)
        record_event(
            Action.RUN_FINISHED,
            subject=("run", run.pk),
            data={
                "state": str(step.state),
                "phase": run.phase,
                "counts": run.counts,
                **({"code": step.error.code} if step.error else {}),
            },
        )


def _reason(error: IntegrationError | None) -> dict[str, str]:
    if error is None:
        return {"error_code": "", "error_message": "", "error_detail": ""}
    return {
        "error_code": error.code,
        "error_message": error.message,
        "error_detail": error.detail[:2_000],
    }


def _timings(work: Slice, run: Run) -> dict[str, float]:
    """Add the slice's working seconds per phase to the run's; waiting does not count."""
    timings = dict(run.timings)
    for phase, seconds in work.seconds.items():
        timings[phase] = round(timings.get(phase, 0.0) + seconds, 3)
    work.seconds.clear()
    return timings
