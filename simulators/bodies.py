"""Keeps a large body in the pieces that its socket gave, without the copies of parsing HTTP."""

import asyncio
import os
from contextlib import suppress

from aiohttp import web
from aiohttp.helpers import DEFAULT_CHUNK_SIZE
from aiohttp.http import HttpRequestParser
from aiohttp.web_protocol import MAX_MSG_QUEUE_SIZE

PIECE_BYTES = 1 << 18
# What is there already is taken in one turn of the loop, but not for so long that others wait.
PIECES_A_TURN = 32


async def read_pieces(request: web.Request) -> list[bytes]:
    """The whole body of a call in order; a large plain one is never joined."""
    transport, size = request.transport, request.content_length
    if transport is None or size is None or not _is_plain(request, transport, size):
        return [await request.read()]
    pieces: list[bytes] = []
    while piece := request.content.read_nowait():
        pieces.append(piece)
        size -= len(piece)
    if size:
        transport.set_protocol(_Rest(request, transport, pieces, size))
        # It ends when the body is whole, and breaks off when the connection or the server ends.
        await request.content.readany()
    return pieces


def _is_plain(request: web.Request, transport: asyncio.Transport, size: int) -> bool:
    """Whether there is more to come of a body that arrives byte by byte as it will be kept."""
    return (
        not request.content.is_eof()
        and size <= request.client_max_size
        and "Content-Encoding" not in request.headers
        and transport.get_extra_info("sslcontext") is None
    )


class _Rest(asyncio.Protocol):
    """Has a connection until the rest of a body has come, and then gives it back.

    Nothing is written meanwhile: aiohttp drains an answer before it begins with the next call.
    """

    def __init__(
        self, request: web.Request, transport: asyncio.Transport, pieces: list[bytes], missing: int
    ) -> None:
        self._owner: web.RequestHandler = request.protocol
        self._content = request.content
        self._transport = transport
        self._pieces = pieces
        self._missing = missing

    def data_received(self, data: bytes) -> None:
        """Some more has come; what follows the body is the owner's again."""
        self._pieces.append(data[: self._missing])
        following = data[self._missing :]
        self._missing -= len(self._pieces[-1])
        self._take_what_is_there()
        if self._missing:
            return
        _start_parsing_anew(self._owner)
        self._transport.set_protocol(self._owner)
        self._content.feed_eof()
        if following:
            self._owner.data_received(following)

    def _take_what_is_there(self) -> None:
        """Read on without a turn of the loop for each piece; the loop meets ends and errors."""
        descriptor = self._transport.get_extra_info("socket").fileno()
        with suppress(OSError):
            for _ in range(PIECES_A_TURN):
                if not self._missing:
                    return
                piece = os.read(descriptor, min(self._missing, PIECE_BYTES))
                if not piece:
                    return
                self._pieces.append(piece)
                self._missing -= len(piece)

    def connection_lost(self, exc: Exception | None) -> None:
        """The owner ends the call."""
        self._owner.connection_lost(exc)


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
