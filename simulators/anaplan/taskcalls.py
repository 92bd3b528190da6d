"""The calls that start, watch and cancel tasks."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from simulators.anaplan import occupancy
from simulators.anaplan.answers import (
    ApiError,
    Call,
    envelope,
    json_answer,
    page_answer,
    read_object,
)
from simulators.anaplan.roles import check_granted
from simulators.anaplan.routing import ApiHandler, Router
from simulators.anaplan.running import cancel, enqueue
from simulators.anaplan.tasks import KINDS, Task
from simulators.anaplan.world import count
from simulators.faults import FAULT

FAULT_KINDS = (
    "task_cancelled",
    "task_failed",
    "task_never_ends",
    "task_without_successful",
    "task_other_words",
    "dump_gone",
    "ignore_rows",
)
COUNTER_NAMES = {
    "imports": "import_posts",
    "exports": "export_posts",
    "actions": "action_posts",
    "processes": "process_posts",
}


KindHandler = Callable[[Call, str], Awaitable[web.StreamResponse]]


def add_routes(router: Router) -> None:
    """Serve the tasks of all four kinds."""
    for kind in KINDS:
        router.add_in_model("POST", f"/{kind}/*/tasks", _of_kind(kind, start_task))
        router.add_in_model("GET", f"/{kind}/*/tasks", _of_kind(kind, list_tasks))
        router.add_in_model("GET", f"/{kind}/*/tasks/*", _of_kind(kind, get_task))
        router.add_in_model("DELETE", f"/{kind}/*/tasks/*", _of_kind(kind, cancel_task))


def _of_kind(kind: str, handler: KindHandler) -> ApiHandler:
    async def answer(call: Call) -> web.StreamResponse:
        return await handler(call, kind)

    return answer


async def start_task(call: Call, kind: str) -> web.Response:
    """`POST …/tasks`: a new task at the end of the model's queue."""
    count(call.request.app, COUNTER_NAMES[kind])
    name = call.model.object_name(kind, call.ids[0])
    if name is None:
        raise ApiError(call.world.settings.unknown_task_status, "Not Found")
    check_granted(call, call.ids[0], name)
    occupancy.check_task_may_wait(call)
    body = await read_object(call)
    locale = body.get("localeName")
    if call.world.settings.locale_is_needed and not (isinstance(locale, str) and locale):
        raise ApiError(400, "localeName is required")
    parameters = body.get("mappingParameters", [])
    if not isinstance(parameters, list) or not all(map(_is_parameter, parameters)):
        raise ApiError(400, "mappingParameters must be a list of entityType and entityName")
    fault = call.request.get(FAULT)
    task = Task(
        kind,
        call.ids[0],
        call.user.id,
        call.world.clock.milliseconds(),
        parameters=parameters,
        fault=fault if fault is not None and fault.kind in FAULT_KINDS else None,
    )
    enqueue(call.request.app, call.model, task)
    return _task_answer(call, task.row())


def _is_parameter(found: object) -> bool:
    return isinstance(found, dict) and all(
        isinstance(found.get(name, ""), str) for name in ("entityType", "entityName")
    )


def _task_answer(call: Call, body: dict[str, Any]) -> web.Response:
    """A task in one of the forms in which the service was seen to show it."""
    form = call.world.settings.task_answer
    if form == "full":
        return envelope(call, "task", body, "task")
    is_new = call.request.method == "POST"
    shown = {"taskId": body["taskId"]} if is_new else body
    return json_answer(call.request, shown if form == "bare" else {"task": shown})


async def list_tasks(call: Call, kind: str) -> web.Response:
    """`GET …/tasks`: newest first; an unknown action has none."""
    tasks = [t for t in call.model.tasks.values() if (t.kind, t.object_id) == (kind, call.ids[0])]
    order = call.request.query.get("sort", "-creationTime")
    rows = [task.row() for task in tasks]
    return page_answer(call, "tasks", rows[::-1] if order.startswith("-") else rows, "task")


async def get_task(call: Call, kind: str) -> web.Response:
    """`GET …/tasks/{id}`."""
    return _task_answer(call, _find_task(call, kind).body())


async def cancel_task(call: Call, kind: str) -> web.Response:
    """`DELETE …/tasks/{id}`."""
    task = _find_task(call, kind)
    if task.is_final and call.world.settings.ended_cancel_status:
        raise ApiError(call.world.settings.ended_cancel_status, "The task has ended")
    cancel(call.world, call.model, task, call.user.email)
    return _task_answer(call, task.body())


def _find_task(call: Call, kind: str) -> Task:
    task = call.model.tasks.get(call.ids[1])
    if task is None or (task.kind, task.object_id) != (kind, call.ids[0]):
        raise ApiError(404, "Not Found")
    return task
