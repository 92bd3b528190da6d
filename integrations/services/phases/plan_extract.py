"""Plan, extract: the export started once, and its output kept chunk by chunk as it came."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from audit.actions import Action
from audit.trail import record_event
from integrations.anaplan.client import AnaplanClient
from integrations.models import Evidence, Phase, Run
from integrations.pipeline.blocks import pack
from integrations.pipeline.outcome import verdict
from integrations.services import clients
from integrations.services.drift import check_target
from integrations.services.evidence import Kept, forget, iter_blocks, keep
from integrations.services.phases.steps import Again, Next, Step, Wait, poll_again
from integrations.services.plans.reading import (
    describe,
    export_place,
    resolve_export,
    shows_currency,
)
from integrations.services.states import Slice
from integrations.transport.errors import IntegrationError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KEPT_OF_PARENT = ("definition", "currencies", "export_id", "exported_at", "sha256")
OF_ONE_EXPORT = ("known_tasks", "intended_at", "task", "polls", "chunks", "exported_at")


def advance(work: Slice) -> Step:
    """Resolve the export, start it or find it started, wait for it, and fetch its chunks."""
    with work.read() as run:
        pass
    if run.parent is not None:
        return _take_over(work, run.parent)
    if not run.plan:
        return _plan(work, run)
    client = clients.anaplan_of(work, run)
    if "task" not in run.plan:
        return _find_started(work, run, client) if "known_tasks" in run.plan else _start(work, run)
    if "chunks" not in run.plan:
        return _await(work, run, client)
    return _fetch(work, run, client)


def _take_over(work: Slice, parent: Run) -> Step:
    """A replay reads the export that the earlier run has kept, and asks Anaplan for none."""
    plan = {name: parent.plan[name] for name in KEPT_OF_PARENT}
    _note(work, export_run=parent.plan.get("export_run", parent.pk), **plan)
    return Next(Phase.MAP)


def _plan(work: Slice, run: Run) -> Step:
    client = clients.anaplan_of(work, run)
    found = check_target(run.organization, run.sync, client)
    export_id, layout = resolve_export(found, run.sync)
    currencies: dict[str, str] = {}
    if not shows_currency(layout):
        rows = clients.qad_of(work, run).read_all("entity", workspace=None)
        currencies = {row.entity: row.base_currency for row in rows}
    definition = describe(client, export_id)
    _note(work, export_id=export_id, definition=definition, currencies=currencies)
    return Again()


def _start(work: Slice, run: Run) -> Step:
    """Note the intent, start the export, note its task: three separate commits."""
    client = clients.anaplan_of(work, run)
    export_id = run.plan["export_id"]
    known = [task.id for task in client.list_tasks("exports", export_id)]
    with work.commit():
        _note(work, known_tasks=known, intended_at=timezone.now().isoformat(), polls=0)
        record_event(Action.EXPORT_INTENDED, subject=("export", export_id))
    try:
        task_id = client.start_export(export_id)
    except IntegrationError as error:
        if error.code == "anaplan_start_unclear":
            return Wait(1.0, error=error)
        _forget_export(work)
        raise
    return _note_started(work, run, task_id, Action.EXPORT_STARTED)


def _note_started(work: Slice, run: Run, task_id: str, action: Action) -> Step:
    with work.commit():
        _note(work, task=task_id)
        record_event(action, subject=("export", run.plan["export_id"]), data={"task": task_id})
    return poll_again(0)


def _find_started(work: Slice, run: Run, client: AnaplanClient) -> Step:
    """Look for the export that was about to be started: exactly one new task is adopted.

    With none in time, or several, it is started again: an export changes nothing in the model.
    """
    known = set(run.plan["known_tasks"])
    tasks = client.list_tasks("exports", run.plan["export_id"])
    new = [task.id for task in tasks if task.id not in known]
    if len(new) == 1:
        return _note_started(work, run, new[0], Action.EXPORT_ADOPTED)
    intended_at = parse_datetime(run.plan["intended_at"]) or timezone.now()
    wait = settings.START_GRACE_SECONDS - (timezone.now() - intended_at).total_seconds()
    if not new and wait > 0:
        return Wait(wait, IntegrationError("anaplan_start_unclear", retry_after=wait))
    _forget_export(work)
    return Again()


def _await(work: Slice, run: Run, client: AnaplanClient) -> Step:
    export_id, name = run.plan["export_id"], run.sync.export_name
    task = client.get_task("exports", export_id, run.plan["task"])
    if not task.is_final:
        _note(work, polls=run.plan["polls"] + 1)
        return poll_again(run.plan["polls"])
    outcome = verdict(task, 0)
    if outcome.state != "ok":
        raise IntegrationError("anaplan_export_failed", outcome.reason, name=name)
    chunks = client.file_chunks(export_id)
    if not chunks:
        raise IntegrationError("anaplan_file_empty", what=name)
    exported_at = EPOCH + timedelta(milliseconds=task.created_ms)
    if not task.created_ms:
        exported_at = timezone.now()
    _note(work, chunks=chunks, exported_at=exported_at.isoformat())
    return Again()


def _fetch(work: Slice, run: Run, client: AnaplanClient) -> Step:
    """Fetch the chunks that are not kept yet, each in a commit of its own."""
    place, chunks = export_place(run), run.plan["chunks"]
    with work.read():
        kept = Evidence.objects.filter(run=run, kind=place.kind).count()
    for number in range(kept, len(chunks)):
        block = pack(client.read_chunk(run.plan["export_id"], chunks[number]))
        with work.commit() as fresh:
            keep(place, [Kept(number + 1, block, rows=0)])
            Run.objects.filter(pk=fresh.pk).update(failures=0)
            data = {"chunk": number + 1, "of": len(chunks), "sha256": block.sha256}
            record_event(Action.EXPORT_KEPT, subject=("export", run.plan["export_id"]), data=data)
        if work.is_over:
            return Again()
    _refuse_moved(work, run, client)
    whole = hashlib.sha256()
    for raw in iter_blocks(place):
        whole.update(raw)
    _note(work, sha256=whole.hexdigest())
    return Next(Phase.MAP)


def _refuse_moved(work: Slice, run: Run, client: AnaplanClient) -> None:
    """Drop what was read where the export ran again meanwhile: its chunks may be of both."""
    export_id = run.plan["export_id"]
    own = {*run.plan["known_tasks"], run.plan["task"]}
    tasks = client.list_tasks("exports", export_id)
    is_same = client.file_chunks(export_id) == run.plan["chunks"]
    if is_same and all(task.id in own for task in tasks):
        return
    with work.commit():
        forget(export_place(run))
        _forget_export(work)
    raise IntegrationError("plan_export_moved", retry_after=1.0, name=run.sync.export_name)


def _note(work: Slice, **plan: Any) -> None:
    with work.commit() as run:
        run.plan = {**run.plan, **plan}
        Run.objects.filter(pk=run.pk).update(plan=run.plan)


def _forget_export(work: Slice) -> None:
    with work.commit() as run:
        run.plan = {name: v for name, v in run.plan.items() if name not in OF_ONE_EXPORT}
        Run.objects.filter(pk=run.pk).update(plan=run.plan)
