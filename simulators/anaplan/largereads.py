"""Large reads: a view or a list as pages of CSV, made in the background and fetched one by one."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from functools import partial
from typing import Any

from aiohttp import web

from simulators.anaplan import views
from simulators.anaplan.answers import PUBLIC_BASE, ApiError, Call, envelope, read_object
from simulators.anaplan.definitions import find_list
from simulators.anaplan.routing import Router
from simulators.anaplan.viewcalls import find_view
from simulators.anaplan.world import Model, ReadRequest

FORMS = ("TABULAR_MULTI_COLUMN", *views.SINGLE, views.GRID)
KeyedHandler = Callable[[Call, str], Awaitable[web.Response]]


def add_routes(router: Router) -> None:
    """Serve read requests of views and lists."""
    for kind in ("views", "lists"):
        base = f"/{kind}/*/readRequests"
        router.add_in_model("POST", base, start_view if kind == "views" else start_list)
        router.add_in_model("GET", f"{base}/*", get_request)
        router.add_in_model("DELETE", f"{base}/*", delete_request)
        router.add_in_model("GET", f"{base}/*/pages/*", get_page)


async def start_view(call: Call) -> web.Response:
    """`POST …/views/{id}/readRequests`."""
    view = find_view(call)
    form = (await read_object(call)).get("exportType", FORMS[0])
    if form not in FORMS:
        raise ApiError(400, f"exportType must be one of {', '.join(FORMS)}")
    with_empty = call.world.settings.reads_show_empty_rows
    lines = partial(views.export_lines, view, str(form), with_empty=with_empty)
    return _start(call, "view", view.id, lines)


async def start_list(call: Call) -> web.Response:
    """`POST …/lists/{id}/readRequests`."""
    found = find_list(call)
    with_ids = call.world.settings.list_csv_has_ids
    return _start(call, "list", found.id, partial(views.list_lines, found, with_ids=with_ids))


def _start(
    call: Call, kind: str, object_id: str, lines: Callable[[], Iterable[str]]
) -> web.Response:
    read = ReadRequest(kind, object_id, call.user.id, call.now)
    call.model.reads[read.id] = read
    settings = call.world.settings
    size, with_header = settings.read_page_bytes, settings.read_pages_have_header
    paged = _cut_anywhere if settings.read_pages_cut_rows else _pages

    def render() -> list[bytes]:
        return list(paged(lines(), size, with_header=with_header))

    work = _read(call.model, read, render, settings.task_seconds)
    read.work = asyncio.get_running_loop().create_task(work)
    return _answer(call, read)


async def _read(
    model: Model, read: ReadRequest, render: Callable[[], list[bytes]], seconds: float
) -> None:
    async with model.lock:
        read.state = "IN_PROGRESS"
        read.pages = await asyncio.to_thread(render)
        await asyncio.sleep(seconds)
    read.state = "COMPLETE"


def _pages(lines: Iterable[str], size: int, *, with_header: bool) -> Iterator[bytes]:
    """Pages of whole lines; the header stands on the first one only, or on each."""
    page, header = bytearray(), b""
    for number, line in enumerate(lines):
        raw = line.encode()
        if with_header and number == 0:
            header = raw
        if len(page) > len(header) and len(page) + len(raw) > size:
            yield bytes(page)
            page[:] = header
        page += raw
    yield bytes(page)


def _cut_anywhere(lines: Iterable[str], size: int, *, with_header: bool) -> Iterator[bytes]:
    """Pages of `size` bytes, whatever row that cuts through; a repeated header comes on top."""
    raw = "".join(lines).encode()
    header = raw[: raw.find(b"\n") + 1] if with_header else b""
    for start in range(0, max(len(raw), 1), size):
        yield (header if start else b"") + raw[start : start + size]


def _answer(call: Call, read: ReadRequest) -> web.Response:
    base = f"{PUBLIC_BASE}/models/{call.model.id}/{read.kind}s/{read.object_id}"
    body: dict[str, Any] = {
        "requestId": read.id,
        "requestState": read.state,
        "url": f"{base}/readRequests/{read.id}",
        f"{read.kind}Id": int(read.object_id),
        "availablePages": len(read.pages),
        "successful": read.state == "COMPLETE",
    }
    key = f"{read.kind}ReadRequest"
    return envelope(call, key, body, key)


def _find(call: Call) -> ReadRequest:
    """The request of the path; 404 for a stranger's and for one that nobody used for long."""
    read = call.model.reads.get(call.ids[1])
    minutes = call.world.settings.read_request_minutes
    if read is not None and call.now - read.used_at > minutes * 60:
        del call.model.reads[read.id]
        read = None
    if read is None or (read.object_id, read.user_id) != (call.ids[0], call.user.id):
        raise ApiError(404, "Not Found")
    read.used_at = call.now
    return read


async def get_request(call: Call) -> web.Response:
    """`GET …/readRequests/{id}`."""
    return _answer(call, _find(call))


async def get_page(call: Call) -> web.Response:
    """`GET …/readRequests/{id}/pages/{n}`, from 0; can be read while others are made."""
    read, text = _find(call), call.ids[2]
    number = int(text) if text.isascii() and text.isdecimal() else -1
    if not 0 <= number < len(read.pages):
        raise ApiError(404, "Not Found")
    return web.Response(body=read.pages[number], content_type="text/csv", charset="utf-8")


async def delete_request(call: Call) -> web.Response:
    """`DELETE …/readRequests/{id}`: stopped if it runs, and forgotten unless it may stay."""
    read = _find(call)
    if not call.world.settings.deleted_reads_stay:
        del call.model.reads[read.id]
    if read.work is not None and not read.work.done():
        read.work.cancel()
        await asyncio.gather(read.work, return_exceptions=True)
        read.state = "CANCELLED"
    return _answer(call, read)
