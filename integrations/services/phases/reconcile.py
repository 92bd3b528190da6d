"""Phase 5, reconcile: read back what Anaplan holds, compare every cell, compute the state."""

from django.utils import timezone

from audit.actions import Action
from audit.trail import record_event
from integrations.models import Run, RunState
from integrations.pipeline.outcome import verdict
from integrations.services import clients
from integrations.services.crashpoints import crashpoint
from integrations.services.file_end import FileEnd
from integrations.services.judgement import close_old_exceptions, judge
from integrations.services.phases.steps import Again, End, Step, poll_again
from integrations.services.proof import prove_group
from integrations.services.readback import borrow_read_back, read_back, read_list
from integrations.services.rows import target_of
from integrations.services.sign_offs import find_reopened, reopen
from integrations.services.states import Slice
from integrations.services.targets import Target
from integrations.transport.errors import IntegrationError

EXPORTING, READ, UNREAD = "exporting", "read", "unread"


def advance(work: Slice) -> Step:
    """Start the read-back, wait for it, read it, tie out group by group, and end the run."""
    with work.read() as run:
        group = run.groups.filter(is_tied_out=False).first()
        target = target_of(work, run)
    can_read = run.plan.get("export_id") or target.data_set.is_list
    if run.step not in (READ, UNREAD) and can_read:
        borrowed = borrow_read_back(work, run) if run.step != EXPORTING else None
        if borrowed is not None:
            _set_step(work, READ, {"read_back": borrowed})
            return Again()
        return _try_to_read_back(work, run, target)
    if group is not None:
        end = FileEnd.of(work, run)
        with work.together(rows=group.counts["cells"]):
            prove_group(work, run, group, target, end, is_read=run.step == READ)
        crashpoint("reconcile.after_group")
        return Again()
    crashpoint("reconcile.before_end")
    return _finish(work, find_reopened(run))


def _try_to_read_back(work: Slice, run: Run, target: Target) -> Step:
    """Read back; where that can't be done, go on without: the run is unverified then."""
    try:
        return _read_back(work, run, target)
    except IntegrationError as error:
        if error.kind == "transient" and run.deadline > timezone.now():
            raise
        _set_step(work, UNREAD, {"read_back_error": {"code": error.code, "facts": error.facts}})
        return Again()


def _read_back(work: Slice, run: Run, target: Target) -> Step:
    client = clients.anaplan_of(work, run)
    if target.data_set.is_list:
        summary = read_list(work, run, client, target)
        _set_step(work, READ, {"read_back": summary | {"at": timezone.now().isoformat()}})
        return Again()
    if run.step != EXPORTING:
        task_id = client.start_export(run.plan["export_id"])
        _set_step(work, EXPORTING, {"read_back_task": task_id, "read_back_polls": 0})
        crashpoint("reconcile.exported")
        return poll_again(0)
    task = client.get_task("exports", run.plan["export_id"], run.plan["read_back_task"])
    if not task.is_final and run.deadline < timezone.now():
        raise IntegrationError("anaplan_export_failed", name=run.plan["export_name"])
    if not task.is_final:
        polls = run.plan["read_back_polls"]
        _set_step(work, EXPORTING, {"read_back_polls": polls + 1})
        return poll_again(polls)
    outcome = verdict(task, 0)
    if outcome.state in ("failed", "cancelled"):
        raise IntegrationError(
            "anaplan_export_failed", outcome.reason, name=run.plan["export_name"]
        )
    summary = read_back(work, run, client, target)
    _set_step(work, READ, {"read_back": summary | {"at": timezone.now().isoformat()}})
    crashpoint("reconcile.read_back")
    return Again()


def _set_step(work: Slice, step: str, plan: dict[str, object]) -> None:
    with work.commit() as run:
        Run.objects.filter(pk=run.pk).update(step=step, plan={**run.plan, **plan}, failures=0)


def _finish(work: Slice, contradicted: dict[int, str]) -> Step:
    """Compute the end state from what was counted and compared."""
    with work.commit() as run:
        judgement = judge(run)
        Run.objects.filter(pk=run.pk).update(counts=judgement.counts)
        run.counts = judgement.counts
        if judgement.state in (RunState.RECONCILED, RunState.PARTIAL):
            close_old_exceptions(run)
        reopen(run, contradicted)
        record_event(
            Action.TIED_OUT,
            subject=("run", run.pk),
            data={"state": str(judgement.state), "counts": judgement.counts},
        )
    return End(judgement.state, error=judgement.error)
