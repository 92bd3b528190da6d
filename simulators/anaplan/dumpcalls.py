"""The calls that fetch failure dumps, whole or in chunks."""

from aiohttp import web

from simulators.anaplan.answers import ApiError, Call, page_answer
from simulators.anaplan.routing import Router
from simulators.anaplan.tasks import KINDS
from simulators.faults import fault_of


def add_routes(router: Router) -> None:
    """Serve the dumps of imports and of the imports of processes."""
    for path, handler in (
        ("", get_dump),
        ("/chunks", list_dump_chunks),
        ("/chunks/*", get_dump_chunk),
    ):
        router.add_in_model("GET", f"/imports/*/tasks/*/dump{path}", handler)
        for kind in KINDS:
            router.add_in_model("GET", f"/{kind}/*/tasks/*/dumps/*{path}", handler)


async def get_dump(call: Call) -> web.Response:
    """`GET …/dump`: the whole dump."""
    dump = _dump(call)
    if dump is None:
        return _missing(call.world.settings.no_dump_status)
    return web.Response(body=dump, content_type="text/plain", charset="utf-8")


async def list_dump_chunks(call: Call) -> web.Response:
    """`GET …/dump/chunks`."""
    dump = _dump(call)
    if dump is None:
        return _missing(call.world.settings.no_dump_chunks_status)
    chunks = -(-len(dump) // call.world.settings.dump_chunk_bytes)
    rows = [{"id": str(number), "name": f"Chunk {number}"} for number in range(chunks)]
    return page_answer(call, "chunks", rows, "chunk")


async def get_dump_chunk(call: Call) -> web.Response:
    """`GET …/dump/chunks/{n}`."""
    size, text = call.world.settings.dump_chunk_bytes, call.ids[-1]
    number = int(text) if text.isascii() and text.isdecimal() else -1
    dump = _dump(call) or b""
    chunk = dump[number * size : (number + 1) * size] if number >= 0 else b""
    if not chunk:
        raise ApiError(404, "Not Found")
    return web.Response(body=chunk, content_type="application/octet-stream")


def _missing(status: int) -> web.Response:
    if status == 204:
        return web.Response(status=204)
    raise ApiError(status, "Not Found")


def _dump(call: Call) -> bytes | None:
    """The dump of the task of the path: only the latest of its import and user still has one."""
    if fault_of(call.request, "dump_gone") is not None:
        return None
    is_nested = "/dumps/" in call.path
    import_id = call.ids[2] if is_nested else call.ids[0]
    key = (import_id, call.user.id)
    dump = call.model.dumps.get(key)
    if dump is None or dump.task_id != call.ids[1]:
        return None
    if call.now - dump.used_at > call.world.settings.private_hours * 3600:
        del call.model.dumps[key]
        return None
    dump.used_at = call.now
    return dump.content
