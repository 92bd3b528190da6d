"""Uploads and downloads: chunks of private files, whole files, outputs of exports."""

import asyncio

from aiohttp import web

from simulators.anaplan import occupancy
from simulators.anaplan.answers import ApiError, Call, envelope, page_answer, read_object
from simulators.anaplan.catalogue import file_row
from simulators.anaplan.contents import Content
from simulators.anaplan.routing import Router
from simulators.anaplan.world import FileSource, count
from simulators.bodies import read_pieces
from simulators.faults import fault_of

OCTETS = "application/octet-stream"
MOST_CHUNKS = 1000


def add_routes(router: Router) -> None:
    """Serve uploads and downloads."""
    router.add_in_model("POST", "/files/*", set_chunk_count)
    router.add_in_model("PUT", "/files/*", put_file)
    router.add_in_model("GET", "/files/*", get_file)
    router.add_in_model("DELETE", "/files/*", delete_file)
    router.add_in_model("POST", "/files/*/complete", complete)
    router.add_in_model("GET", "/files/*/chunks", list_chunks)
    router.add_in_model("PUT", "/files/*/chunks/*", put_chunk)
    router.add_in_model("GET", "/files/*/chunks/*", get_chunk)


async def set_chunk_count(call: Call) -> web.Response:
    """`POST …/files/{id}`: start an upload; an id that is not there creates a data source."""
    body = await read_object(call)
    chunks = body.get("chunkCount", -1)
    if not isinstance(chunks, int) or isinstance(chunks, bool) or not -1 <= chunks <= MOST_CHUNKS:
        raise ApiError(400, "chunkCount must be a number from -1 to 1000")
    source = call.model.files.get(call.ids[0]) or _create_source(call)
    if not call.world.settings.incomplete_keeps_old:
        call.model.contents.delete(call.user.id, source.id)
    call.model.contents.begin(call.user.id, source.id, chunks, call.now)
    return envelope(call, "file", file_row(call, source), "file")


def _create_source(call: Call) -> FileSource:
    if call.ids[0] in call.model.exports:
        raise ApiError(400, "An export's file cannot be uploaded")
    occupancy.check_structure(call)
    numbers = [int(found) for found in call.model.files]
    source = FileSource(str(max([*numbers, 113_000_000_000]) + 1), call.ids[0])
    call.model.files[source.id] = source
    count(call.request.app, "files_created")
    return source


async def put_chunk(call: Call) -> web.Response:
    """`PUT …/files/{id}/chunks/{n}`: raw bytes, plain or gzipped."""
    file_id, number = _find_source(call).id, _chunk_number(call)
    raw = await read_pieces(call.request)
    size = sum(map(len, raw))
    if not size:
        raise ApiError(400, "The chunk is empty")
    count(call.request.app, "chunk_puts")
    count(call.request.app, "chunk_bytes", size)
    if fault_of(call.request, "lose_chunk") is not None:
        raw = []
    if not call.model.contents.put(call.user.id, file_id, number, raw, call.now):
        raise ApiError(404, "Not Found")
    return _no_content()


async def put_file(call: Call) -> web.Response:
    """`PUT …/files/{id}`: a whole small file at once."""
    source = _find_source(call)
    raw = await read_pieces(call.request)
    call.model.contents.replace(call.user.id, source.id, [raw], call.now)
    return _no_content()


async def complete(call: Call) -> web.Response:
    """`POST …/files/{id}/complete`: the upload can be read from now on."""
    source = _find_source(call)
    if not await read_object(call) and call.world.settings.complete_needs_body:
        raise ApiError(500, "Internal Server Error")
    call.model.contents.complete(call.user.id, source.id, call.now)
    return envelope(call, "file", file_row(call, source), "file")


async def list_chunks(call: Call) -> web.Response:
    """`GET …/files/{id}/chunks`."""
    file_id = _find_file(call)
    chunks = call.model.contents.count(call.user.id, file_id)
    if not chunks and call.world.settings.default_downloads:
        default = call.model.contents.default(file_id)
        chunks = default.count if default is not None else 0
    rows = [{"id": str(number), "name": f"Chunk {number}"} for number in range(chunks)]
    return page_answer(call, "chunks", rows, "chunk")


async def get_chunk(call: Call) -> web.Response:
    """`GET …/files/{id}/chunks/{n}`."""
    content = _read_content(call)
    raw = await asyncio.to_thread(content.chunk, _chunk_number(call))
    if raw is None:
        raise ApiError(404, "Not Found")
    return web.Response(body=raw, content_type=OCTETS)


async def get_file(call: Call) -> web.Response:
    """`GET …/files/{id}`: the whole content."""
    content = _read_content(call)
    raw = await asyncio.to_thread(content.whole)
    return web.Response(body=raw, content_type=OCTETS)


async def delete_file(call: Call) -> web.Response:
    """`DELETE …/files/{id}`: removes the user's own content."""
    call.model.contents.delete(call.user.id, _find_file(call))
    return _no_content()


def _find_source(call: Call) -> FileSource:
    source = call.model.files.get(call.ids[0])
    if source is None:
        raise ApiError(404, "Not Found")
    return source


def _find_file(call: Call) -> str:
    file_id = call.ids[0]
    if file_id not in call.model.files and file_id not in call.model.exports:
        raise ApiError(404, "Not Found")
    return file_id


def _read_content(call: Call) -> Content:
    settings, file_id = call.world.settings, _find_file(call)
    content = call.model.contents.read(call.user.id, file_id, call.now, settings.private_hours)
    if content is None and settings.default_downloads:
        content = call.model.contents.default(file_id)
    if content is None or not content.chunks:
        raise ApiError(404, "Not Found")
    return content


def _chunk_number(call: Call) -> int:
    text = call.ids[1]
    if not (text.isascii() and text.isdecimal()) or int(text) >= MOST_CHUNKS:
        raise ApiError(404, "Not Found")
    return int(text)


def _no_content() -> web.Response:
    answer = web.Response(status=204)
    answer.headers.popall("Content-Type", None)
    return answer
