"""Phase 4, collect: wait for the import's end, keep its dump, give the model back."""

from collections.abc import Iterator

from django.db.models import F
from django.db.models.functions import Now

from audit.actions import Action
from audit.trail import record_event
from integrations.anaplan.client import AnaplanClient
from integrations.anaplan.types import Task
from integrations.models import EvidenceKind, Load, Phase, Run
from integrations.pipeline.blocks import pack
from integrations.pipeline.outcome import Outcome, read_dump, result_of, verdict
from integrations.services import clients
from integrations.services.crashpoints import crashpoint
from integrations.services.evidence import Kept, Place, forget, iter_blocks, keep
from integrations.services.leases import release_lease, take_lease
from integrations.services.phases.steps import Next, Step, poll_again
from integrations.services.states import Slice
from integrations.transport.errors import IntegrationError

DUMP_PIECE = 4_000_000


def advance(work: Slice) -> Step:
    """Ask for the task once; at its end keep everything that Anaplan says about it."""
    with work.read() as run:
        load = Load.objects.get(run=run)
    client = clients.anaplan_of(work, run)
    if run.cancel_requested:
        _ask_to_cancel(client, load)
    try:
        task = client.get_task(load.kind, load.action_id, load.task_id)
    except IntegrationError as error:
        if error.kind == "transient":
            raise
        return _settle_by_reading(work, load, error)
    if not task.is_final:
        return _poll_again(work, load, task)
    crashpoint("collect.final")
    outcome = verdict(task, load.lines, load.import_id)
    dump_lines = _keep_dump(work, run, load, client, task)
    crashpoint("collect.dumped")
    _note_end(work, load, task, outcome, dump_lines)
    return Next(Phase.RECONCILE)


def _poll_again(work: Slice, load: Load, task: Task) -> Step:
    with work.commit() as fresh:
        take_lease(fresh, fresh.plan["lease_key"])
        Load.objects.filter(pk=load.pk).update(
            task_state=task.state, progress=f"{task.progress:.0%}", polls=F("polls") + 1
        )
    crashpoint("collect.polled")
    return poll_again(load.polls)


def _settle_by_reading(work: Slice, load: Load, error: IntegrationError) -> Step:
    """Give up asking for the task: what Anaplan holds tells whether the import ran."""
    with work.commit() as run:
        Load.objects.filter(pk=load.pk).update(
            outcome="unknown", result={"reason": error.message, "counts": {}}, collected_at=Now()
        )
        warning = {"code": error.code, "message": error.message}
        Run.objects.filter(pk=run.pk).update(warnings=[*run.warnings, warning])
        release_lease(run, run.plan["lease_key"])
    return Next(Phase.RECONCILE)


def _ask_to_cancel(client: AnaplanClient, load: Load) -> None:
    """Ask once more or less: Anaplan's answer to the poll says what is true."""
    try:
        client.cancel_task(load.kind, load.action_id, load.task_id)
    except IntegrationError as error:
        if error.kind != "transient" and error.code != "anaplan_not_found":
            raise


def _keep_dump(work: Slice, run: Run, load: Load, client: AnaplanClient, task: Task) -> int:
    """Keep the failure dump at once: Anaplan drops it with the next import of the same user.

    Returns how many lines it names. A dump that is announced and gone is noted, not forgotten.
    """
    part = result_of(task, load.import_id)
    if part is None or not part.failure_dump_available:
        return 0
    place = Place(run.organization_id, run.pk, EvidenceKind.DUMP)
    with work.commit():
        forget(place)
    try:
        dump = client.iter_dump(load.import_id, load.task_id, process_id=load.process_id)
        for number, piece in enumerate(_pieces(dump), 1):
            with work.commit():
                keep(place, [Kept(number, pack(piece), rows=0)])
    except IntegrationError as error:
        if error.code != "anaplan_dump_gone":
            raise
        with work.commit() as fresh:
            warning = {"code": error.code, "message": error.message}
            Run.objects.filter(pk=fresh.pk).update(warnings=[*fresh.warnings, warning])
    return sum(1 for _ in read_dump(iter_blocks(place)))


def _pieces(stream: Iterator[bytes]) -> Iterator[bytes]:
    """Join small pieces of a download, so that each kept block is worth its row."""
    buffer = bytearray()
    for piece in stream:
        buffer += piece
        if len(buffer) >= DUMP_PIECE:
            yield bytes(buffer)
            buffer.clear()
    if buffer:
        yield bytes(buffer)


def _note_end(work: Slice, load: Load, task: Task, outcome: Outcome, dump_lines: int) -> None:
    with work.commit() as run:
        Load.objects.filter(pk=load.pk).update(
            task_state=task.state,
            progress="100%",
            outcome=outcome.state,
            result={
                "reason": outcome.reason,
                "counts": dict(outcome.counts),
                "steps": [step._asdict() for step in outcome.steps],
            },
            dump_lines=dump_lines,
            collected_at=Now(),
        )
        release_lease(run, run.plan["lease_key"])
        record_event(
            Action.CHUNK_LOADED,
            subject=("import", load.import_id),
            data={
                "task": load.task_id,
                "outcome": outcome.state,
                "counts": dict(outcome.counts),
                "reason": outcome.reason,
            },
        )
