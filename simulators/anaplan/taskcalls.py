"""The calls that start, watch and cancel tasks, and that fetch failure dumps."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from simulators.anaplan.answers import ApiError, Call, envelope, page_answer, read_object
from simulators.anaplan.catalogue import find_named
from simulators.anaplan.routing import ApiHandler, Router
from simulators.anaplan.running import cancel, enqueue
from simulators.anaplan.tasks import KINDS, Task
from simulators.anaplan.world import count
from simulators.faults import FAULT, fault_of

FAULT_KINDS = (
    "task_cancelled",
    "task_failed",
    "task_never_ends",
    "task_without_successful",
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
    """Serve the tasks of all four kinds, and the dumps of imports and processes."""
    for kind in KINDS:
        router.add_in_model("POST", f"/{kind}/*/tasks", _of_kind(kind, start_task))
        router.add_in_model("GET", f"/{kind}/*/tasks", _of_kind(kind, list_tasks))
        router.add_in_model("GET", f"/{kind}/*/tasks/*", _of_kind(kind, get_task))
        router.add_in_model("DELETE", f"/{kind}/*/tasks/*", _of_kind(kind, cancel_task))
    for path, handler in (
        ("", get_dump),
        ("/chunks", list_dump_chunks),
        ("/chunks/*", get_dump_chunk),
    ):
        router.add_in_model("GET", f"/imports/*/tasks/*/dump{path}", handler)
        for kind in KINDS:
            router.add_in_model("GET", f"/{kind}/*/tasks/*/dumps/*{path}", handler)


def _of_kind(kind: str, handler: KindHandler) -> ApiHandler:
    async def answer(call: Call) -> web.StreamResponse:
        return await handler(call, kind)

    return answer


async def start_task(call: Call, kind: str) -> web.Response:
    """`POST …/tasks`: a new task at the end of the model's queue."""
    count(call.request.app, COUNTER_NAMES[kind])
    find_named(call.model, kind, call.ids[0])
    body = await read_object(call)
    if not isinstance(body.get("localeName"), str) or not body["localeName"]:
        raise ApiError(400, "localeName is required")
    parameters = body.get("mappingParameters", [])
    if not isinstance(parameters, list) or not all(isinstance(p, dict) for p in parameters):
        raise ApiError(400, "mappingParameters must be a list of objects")
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
    return envelope(call, "task", task.row(), "task")


async def list_tasks(call: Call, kind: str) -> web.Response:
    """`GET …/tasks`: newest first; an unknown action has none."""
    tasks = [t for t in call.model.tasks.values() if (t.kind, t.object_id) == (kind, call.ids[0])]
    order = call.request.query.get("sort", "-creationTime")
    rows = [task.row() for task in tasks]
    return page_answer(call, "tasks", rows[::-1] if order.startswith("-") else rows, "task")


async def get_task(call: Call, kind: str) -> web.Response:
    """`GET …/tasks/{id}`."""
    return envelope(call, "task", _find_task(call, kind).body(), "task")


async def cancel_task(call: Call, kind: str) -> web.Response:
    """`DELETE …/tasks/{id}`."""
    task = _find_task(call, kind)
    cancel(call.model, task, call.user.email)
    return envelope(call, "task", task.body(), "task")


def _find_task(call: Call, kind: str) -> Task:
    task = call.model.tasks.get(call.ids[1])
    if task is None or (task.kind, task.object_id) != (kind, call.ids[0]):
        raise ApiError(404, "Not Found")
    return task


async def get_dump(call: Call) -> web.Response:
    """`GET …/dump`: the whole dump."""
    return web.Response(body=_dump(call), content_type="text/plain", charset="utf-8")


async def list_dump_chunks(call: Call) -> web.Response:
    """`GET …/dump/chunks`."""
    chunks = -(-len(_dump(call)) // call.world.settings.dump_chunk_bytes)
    rows = [{"id": str(number), "name": f"Chunk {number}"} for number in range(chunks)]
    return page_answer(call, "chunks", rows, "chunk")


async def get_dump_chunk(call: Call) -> web.Response:
    """`GET …/dump/chunks/{n}`."""
    size, text = call.world.settings.dump_chunk_bytes, call.ids[-1]
    number = int(text) if text.isascii() and text.isdecimal() else -1
    chunk = _dump(call)[number * size : (number + 1) * size] if number >= 0 else b""
    if not chunk:
        raise ApiError(404, "Not Found")
    return web.Response(body=chunk, content_type="application/octet-stream")


def _dump(call: Call) -> bytes:
    """The dump of the task of the path: only the latest of its import and user still has one."""
    if fault_of(call.request, "dump_gone") is not None:
        raise ApiError(404, "Not Found")
    is_nested = "/dumps/" in call.path
    import_id = call.ids[2] if is_nested else call.ids[0]
    key = (import_id, call.user.id)
    dump = call.model.dumps.get(key)
    if dump is None or dump.task_id != call.ids[1]:
        raise ApiError(404, "Not Found")
    if call.now - dump.used_at > call.world.settings.private_hours * 3600:
        del call.model.dumps[key]
        raise ApiError(404, "Not Found")
    dump.used_at = call.now
    return dump.content
