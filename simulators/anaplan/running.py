"""Runs the tasks of a model one after the other, each with the model to itself."""

import asyncio
import logging
import time
from typing import Any

from aiohttp import web

from simulators.anaplan.checking import find_step
from simulators.anaplan.performing import Prepared, prepare, refused
from simulators.anaplan.plans import Refusal
from simulators.anaplan.results import change_words, empty_values, gather
from simulators.anaplan.tasks import Task
from simulators.anaplan.world import WORLD, Model, World
from simulators.server import COUNTERS

TICK = 0.02
CANCELLING_SECONDS = 0.1


class Cancelled(Exception):
    """The task was cancelled before its change was made."""


def enqueue(app: web.Application, model: Model, task: Task) -> None:
    """Put a task at the end of its model's queue."""
    model.tasks[task.id] = task
    model.waiting.append(task)
    if model.worker is None or model.worker.done():
        model.worker = asyncio.get_running_loop().create_task(_work(app, model))


def cancel(world: World, model: Model, task: Task, email: str) -> None:
    """Ask a task to stop; one that waits need not begin, one that has ended stays as it is."""
    if task.is_final:
        return
    task.cancel_is_asked = True
    task.cancelled_by = email
    task.state = "CANCELLING"
    if task not in model.waiting:
        return
    model.waiting.remove(task)
    if world.settings.queued_cancel_at_once:
        task.end_cancelled()
    else:
        asyncio.get_running_loop().call_later(CANCELLING_SECONDS, task.end_cancelled)


async def stop_workers(app: web.Application) -> None:
    """End all queues when the server ends."""
    for model in app[WORLD].models():
        reads = (read.work for read in model.reads.values())
        for running in (model.worker, model.opener, *reads):
            if running is not None:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)


async def _work(app: web.Application, model: Model) -> None:
    while model.waiting:
        async with model.lock:
            if not model.waiting:
                return
            task = model.waiting.popleft()
            model.running = task
            counters = app[COUNTERS]
            running = sum(found.running is not None for found in app[WORLD].models())
            counters.high("max_parallel_tasks", running)
            try:
                await _run(app[WORLD], model, task)
            finally:
                model.running = None
                model.serial += 1


async def _run(world: World, model: Model, task: Task) -> None:
    """Bring one task to its end, whatever happens on the way."""
    task.state, task.step = "IN_PROGRESS", "Processing ..."
    try:
        await _obstruct(task)
        result = await _carry_out(world, model, task)
    except Cancelled:
        task.end_cancelled()
        return
    except Exception as error:
        logging.getLogger(__name__).exception("Task %s broke", task.id)
        name = model.object_name(task.kind, task.object_id) or ""
        result = refused(task.object_id, name, Refusal("internalError", repr(error))).result
    if world.settings.values_are_empty:
        empty_values(result)
    if task.fault is not None and task.has_fault("task_other_words"):
        change_words(result, str(task.fault.params.get("text", "")))
    task.step = "Complete." if result["successful"] else "Failed."
    if task.has_fault("task_without_successful"):
        del result["successful"]
    task.result, task.progress, task.state = result, 1.0, "COMPLETE"


async def _obstruct(task: Task) -> None:
    """What a fault does to a task before anything is done."""
    while task.has_fault("task_never_ends"):
        await _pause(task, TICK)
    if task.has_fault("task_cancelled"):
        await _pause(task, TICK)
        raise Cancelled


async def _carry_out(world: World, model: Model, task: Task) -> dict[str, Any]:
    if task.has_fault("task_failed") and task.fault is not None:
        params = task.fault.params
        refusal = Refusal(
            str(params.get("type", "internalError")), str(params.get("text", "Internal error."))
        )
        name = model.object_name(task.kind, task.object_id) or ""
        return refused(task.object_id, name, refusal).result
    if task.kind == "processes":
        return await _run_process(world, model, task)
    return await _run_one(world, model, task, task.kind, task.object_id, share=1)


async def _run_one(
    world: World, model: Model, task: Task, kind: str, object_id: str, *, share: int
) -> dict[str, Any]:
    """One action: prepare, let the set time pass, and only then change the model."""
    started = time.monotonic()
    prepared: Prepared = await prepare(world, model, task, kind, object_id)
    left = world.settings.task_seconds / share - (time.monotonic() - started)
    await _pause(task, left)
    await asyncio.to_thread(prepared.apply)
    return prepared.result


async def _run_process(world: World, model: Model, task: Task) -> dict[str, Any]:
    """A process; where it is cancelled, the steps that were done are rolled back too."""
    bring_back = await asyncio.to_thread(model.remember)
    try:
        return await _run_steps(world, model, task)
    except Cancelled:
        if not world.settings.cancel_keeps_steps:
            bring_back()
        raise


async def _run_steps(world: World, model: Model, task: Task) -> dict[str, Any]:
    """A process: what was done before a failing step stays done, later steps are not run."""
    part = model.processes[task.object_id]
    nested: list[dict[str, Any]] = []
    for number, step in enumerate(part.steps):
        kind, object_id = find_step(model, step) or ("", "")
        result = await _run_one(world, model, task, kind, object_id, share=len(part.steps))
        nested.append(result)
        task.progress = (number + 1) / len(part.steps)
        if not result["successful"] and world.settings.process_stops_at_failure:
            break
    return gather(part, nested, world.settings)


async def _pause(task: Task, seconds: float) -> None:
    """Let time pass in which the task can be cancelled and its progress grows."""
    end = time.monotonic() + seconds
    while not task.cancel_is_asked and (left := end - time.monotonic()) > 0:
        await asyncio.sleep(min(TICK, left))
        if seconds > TICK:
            task.progress = max(task.progress, min(0.95, 1 - left / seconds))
    if task.cancel_is_asked:
        raise Cancelled
