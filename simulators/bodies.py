"""Receives a large body where it stays, without the copies that parsing HTTP costs."""

import asyncio

from aiohttp import web
from aiohttp.helpers import DEFAULT_CHUNK_SIZE
from aiohttp.http import HttpRequestParser
from aiohttp.web_protocol import MAX_MSG_QUEUE_SIZE


async def read_body(request: web.Request) -> bytes | bytearray:
    """The whole body of a call; what a plain one still lacks goes from the socket into memory."""
    transport, size = request.transport, request.content_length
    if transport is None or size is None or not _is_plain(request, transport, size):
        return await request.read()
    body = bytearray(size)
    filled = 0
    while piece := request.content.read_nowait():
        body[filled : filled + len(piece)] = piece
        filled += len(piece)
    if filled < size:
        transport.set_protocol(_Rest(request, transport, memoryview(body)[filled:]))
        # It ends when the body is whole, and breaks off when the connection or the server ends.
        await request.content.readany()
    return body


def _is_plain(request: web.Request, transport: asyncio.Transport, size: int) -> bool:
    """Whether there is more to come of a body that arrives byte by byte as it will be kept."""
    return (
        not request.content.is_eof()
        and size <= request.client_max_size
        and "Content-Encoding" not in request.headers
        and transport.get_extra_info("sslcontext") is None
    )


class _Rest(asyncio.BufferedProtocol):
    """Has a connection until the rest of a body has come, and then gives it back."""

    def __init__(
        self, request: web.Request, transport: asyncio.Transport, missing: memoryview
    ) -> None:
        self._owner: web.RequestHandler = request.protocol
        self._content = request.content
        self._transport = transport
        self._missing = missing

    def get_buffer(self, _sizehint: int) -> memoryview:
        """Where the next bytes belong; never room for those of a call after this one."""
        return self._missing

    def buffer_updated(self, nbytes: int) -> None:
        """Some bytes have come."""
        self._missing = self._missing[nbytes:]
        if not self._missing:
            _start_parsing_anew(self._owner)
            self._transport.set_protocol(self._owner)
            self._content.feed_eof()

    def connection_lost(self, exc: Exception | None) -> None:
        """The owner ends the call."""
        self._owner.connection_lost(exc)

    def pause_writing(self) -> None:
        """An answer is under way already."""
        self._owner.pause_writing()

    def resume_writing(self) -> None:
        """An answer can go on."""
        self._owner.resume_writing()


def _start_parsing_anew(owner: web.RequestHandler) -> None:
    """Give a connection a parser such as it began with: its own waits for the body for ever."""
    owner._parser = HttpRequestParser(
        owner,
        asyncio.get_running_loop(),
        DEFAULT_CHUNK_SIZE,
        max_line_size=owner.max_line_size,
        max_field_size=owner.max_field_size,
        max_headers=owner.max_headers,
        payload_exception=web.RequestPayloadError,
        max_msg_queue_size=MAX_MSG_QUEUE_SIZE,
    )
