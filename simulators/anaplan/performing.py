"""Works out what one action does to a model; the change itself comes last, so it can be left."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from simulators.anaplan import sources
from simulators.anaplan.deleting import delete_by_action
from simulators.anaplan.doubles import round_cells
from simulators.anaplan.dumping import render_dump
from simulators.anaplan.exporting import ExportJob
from simulators.anaplan.importing import ImportJob, Taker
from simulators.anaplan.listing import ListTaker
from simulators.anaplan.modelfile import ImportPart
from simulators.anaplan.plans import FileFormat, Refusal, build_plan, format_of
from simulators.anaplan.rows import RowTaker
from simulators.anaplan.tasks import Task, detail, outcome
from simulators.anaplan.world import Dump, Model, World

SHOWN_PROBLEMS = 20
NO_FILE = Refusal("uploadedFileNoLongerAvailable", "The uploaded file is no longer available.")


@dataclass(slots=True)
class Prepared:
    """What an action will do: nothing in the model has changed before `apply` is called."""

    result: dict[str, Any]
    apply: Callable[[], None]


async def prepare(world: World, model: Model, task: Task, kind: str, object_id: str) -> Prepared:
    """Do the slow part of an import, export or delete action in a thread."""
    if kind == "imports":
        return await _prepare_import(world, model, task, model.imports[object_id])
    if kind == "exports":
        return await asyncio.to_thread(_prepare_export, world, model, task, object_id)
    action = model.actions[object_id]
    result = outcome(object_id, action.name, [], successful=True)
    return Prepared(result, lambda: _forget(delete_by_action(model, action)))


def _forget(_count: int) -> None:
    """Deletions report no counts."""


def refused(object_id: str, name: str, refusal: Refusal) -> Prepared:
    """An action that fails as a whole and changes nothing."""
    details = [detail(refusal.text, refusal.kind)]
    return Prepared(outcome(object_id, name, details, successful=False), lambda: None)


async def _prepare_import(world: World, model: Model, task: Task, part: ImportPart) -> Prepared:
    taker = _taker(world, model, task, part)
    if isinstance(taker, Refusal):
        return refused(part.id, part.name, taker)
    pieces = _pieces(world, model, task, part)
    if isinstance(pieces, Refusal):
        return refused(part.id, part.name, pieces)
    form = format_of(part) if part.file_id else FileFormat()
    job = ImportJob(
        form,
        taker,
        rows_to_lose=_rows_to_lose(task),
        stray_refuses_row=world.settings.stray_delimiter_refuses_row,
    )
    await asyncio.to_thread(job.read, pieces)
    if job.refusal is not None:
        return refused(part.id, part.name, job.refusal)
    dump = await asyncio.to_thread(render_dump, job.header, taker.exceptions)

    def apply() -> None:
        taker.write()
        if world.settings.cells_are_double and isinstance(taker, RowTaker):
            round_cells(taker.grid, taker.written())
        model.dumps.pop((part.id, task.user_id), None)
        if taker.exceptions and not task.has_fault("dump_gone"):
            model.dumps[part.id, task.user_id] = Dump(task.id, dump, world.clock.now())

    return Prepared(_import_result(part, job, task), apply)


def _pieces(world: World, model: Model, task: Task, part: ImportPart) -> Iterable[bytes] | Refusal:
    """The bytes that an import reads: its user's file, the default file, or a view or list."""
    if not part.file_id:
        return sources.pieces(world, model, part.source)
    now, hours = world.clock.now(), world.settings.private_hours
    content = model.contents.read(task.user_id, part.file_id, now, hours)
    content = content or model.contents.default(part.file_id)
    return NO_FILE if content is None else content.pieces()


def _rows_to_lose(task: Task) -> int:
    if task.fault is None or task.fault.kind != "ignore_rows":
        return 0
    return int(task.fault.params.get("rows", 1))


def _taker(world: World, model: Model, task: Task, part: ImportPart) -> Taker | Refusal:
    if part.list:
        return ListTaker(model.dimension(part.list), part)
    answers = {
        found.get("entityType", ""): found.get("entityName", "")
        for found in task.parameters
        if found.get("importId", part.id) == part.id
    }
    plan = build_plan(model, part, answers)
    if isinstance(plan, Refusal):
        return plan
    plan.drops_warned = world.settings.warned_rows_are_dropped
    plan.first_text_wins = world.settings.first_text_wins
    return RowTaker(plan)


def _import_result(part: ImportPart, job: ImportJob, task: Task) -> dict[str, Any]:
    taker = job.taker
    failed = sum(found.status == "E" for found in taker.exceptions)
    warned = len(taker.exceptions) - failed
    total = taker.rows + job.lost
    counts_lost = task.fault is not None and bool(task.fault.params.get("counted"))
    ignored = taker.ignored + (job.lost if counts_lost else 0)
    good = total - failed - warned - ignored
    created = taker.created if isinstance(taker, ListTaker) else 0
    target = part.list or part.module
    kind = "hierarchyRowsProcessed" if part.list else "lineItemRowsProcessed"
    words = f"{target}: {good} ({created}/{good - created}) rows successful, {ignored} ignored "
    if taker.exceptions:
        kind += "WithFailures"
        words = (
            f"{target}: {good} ({created}/{good - created}) rows successful, "
            f"{warned} (0/{warned}) rows has warnings, {failed} failed, {ignored} ignored"
        )
    values = {
        "hierarchyName" if part.list else "moduleName": target,
        "successRowCount": good,
        "successCreateCount": created,
        "successUpdateCount": good - created,
        "warningsRowCount": warned,
        "warningsCreateCount": 0,
        "warningsUpdateCount": warned,
        "failedCount": failed,
        "ignoredCount": ignored,
        "totalRowCount": total,
        "totalCreateCount": created,
        "totalUpdateCount": good - created + warned,
        "invalidCount": failed,
        "updatedCount": good - created + warned,
        "renamedCount": 0,
        "createdCount": created,
    }
    details = [detail(words, kind, values), *_problems(taker)]
    return outcome(part.id, part.name, details, successful=True, dump=bool(taker.exceptions))


def _problems(taker: Taker) -> list[Any]:
    """The commonest problems of the rows, each with how often it was met."""
    counts = Counter(problem for found in taker.exceptions for problem in found.problems)
    return [
        detail(words, kind, count=count)
        for (kind, words), count in counts.most_common(SHOWN_PROBLEMS)
    ]


def _prepare_export(world: World, model: Model, task: Task, export_id: str) -> Prepared:
    part = model.exports[export_id]
    job = ExportJob(model, part, world.settings)
    chunks = [[raw] for raw in job.chunks(world.settings.export_chunk_bytes)]
    details = [detail(f"{part.name}: {job.rows} rows exported", "exportSucceeded")]
    return Prepared(
        outcome(export_id, part.name, details, successful=True),
        lambda: model.contents.replace(task.user_id, export_id, chunks, world.clock.now()),
    )
