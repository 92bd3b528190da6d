"""What a fault does to an answer, whichever system it hits."""

import asyncio
import contextlib
import json
import socket
import struct
import time
import zlib
from collections.abc import Awaitable, Callable, Mapping
from email.utils import formatdate
from typing import Any

from aiohttp import web

from simulators import exactjson
from simulators.faults import FAULT, WEAK_POINTS, Fault, FaultBook, Handler
from simulators.pagefaults import duplicate_rows, repeat_page, shift_rows

HTML_BODY = (
    "<!DOCTYPE html><html><head><title>Sign in</title></head>"
    "<body><h1>Sign in</h1><p>Please sign in to continue.</p></body></html>"
)


async def carry_out(
    book: FaultBook, fault: Fault, request: web.Request, handler: Handler
) -> web.StreamResponse:
    """Answer a call under a fault; kinds of the system itself are left to its handler."""
    if fault.kind in book.own_kinds:
        request[FAULT] = fault
        return await handler(request)
    return await _GENERIC[fault.kind](fault, request, handler)


def cut_connection(request: web.Request) -> None:
    """Reset the connection of a call so that the client gets no answer at all."""
    transport = request.transport
    if transport is None:
        return
    raw = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def _status(fault: Fault, _request: web.Request, _handler: Handler) -> web.StreamResponse:
    body = fault.params.get("body", "")
    text = body if isinstance(body, str) else json.dumps(body)
    kind = "text/plain" if isinstance(body, str) else "application/json"
    headers = {"Content-Type": kind}
    headers.update(_texts(fault.params.get("headers", {})))
    return web.Response(status=int(fault.params.get("status", 500)), text=text, headers=headers)


async def _html(fault: Fault, _request: web.Request, _handler: Handler) -> web.StreamResponse:
    body = str(fault.params.get("body", HTML_BODY))
    status = int(fault.params.get("status", 200))
    return web.Response(status=status, text=body, content_type="text/html")


async def _reset(_fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    with contextlib.suppress(web.HTTPException):
        await handler(request)
    cut_connection(request)
    return web.Response()


async def _drop(_fault: Fault, request: web.Request, _handler: Handler) -> web.StreamResponse:
    cut_connection(request)
    return web.Response()


async def _slow(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    await asyncio.sleep(float(fault.params.get("seconds", 1.0)))
    return await handler(request)


async def _truncate(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    """Cut the body; with `"length": "whole"` the header still announces all of it."""
    answer = await handler(request)
    if not isinstance(answer, web.Response) or not isinstance(answer.body, bytes):
        return answer
    keep = int(fault.params.get("bytes", len(answer.body) // 2))
    if fault.params.get("length") != "whole":
        answer.body = answer.body[:keep]
        return answer
    stream = web.StreamResponse(status=answer.status, headers={"Content-Type": _kind(answer)})
    stream.content_length = len(answer.body)
    await stream.prepare(request)
    await stream.write(answer.body[:keep])
    cut_connection(request)
    return stream


async def _empty(fault: Fault, _request: web.Request, _handler: Handler) -> web.StreamResponse:
    return web.Response(status=int(fault.params.get("status", 200)))


def _kind(answer: web.Response) -> str:
    return answer.headers.get("Content-Type", "application/octet-stream")


def _texts(raw: Mapping[str, object]) -> dict[str, str]:
    return {str(name): str(value) for name, value in raw.items()}


async def _rate_limited(
    fault: Fault, request: web.Request, _handler: Handler
) -> web.StreamResponse:
    """429; `retry_after` is sent as it is given, "date" as the moment `seconds` from now."""
    headers = {}
    if "retry_after" in fault.params:
        wait = str(fault.params["retry_after"])
        later = time.time() + float(fault.params.get("seconds", 1))
        headers["Retry-After"] = formatdate(later, usegmt=True) if wait == "date" else wait
    body = request.app[WEAK_POINTS].too_many
    return web.json_response(body, status=429, headers=headers)


async def _content_type(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    answer = await handler(request)
    answer.headers["Content-Type"] = str(fault.params.get("as", "text/plain"))
    return answer


async def _bomb(fault: Fault, _request: web.Request, _handler: Handler) -> web.StreamResponse:
    """A gzip body that grows a thousandfold: `megabytes` of blanks."""
    size = int(fault.params.get("megabytes", 300))
    packer = zlib.compressobj(9, wbits=31)
    blanks = b" " * 1_000_000
    body = b"".join([*(packer.compress(blanks) for _ in range(size)), packer.flush()])
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    return web.Response(body=body, headers=headers)


async def _drip(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    """The body in pieces of `bytes`, with `seconds` before each."""
    answer = await handler(request)
    if not isinstance(answer, web.Response) or not isinstance(answer.body, bytes):
        return answer
    stream = web.StreamResponse(status=answer.status, headers={"Content-Type": _kind(answer)})
    stream.content_length = len(answer.body)
    await stream.prepare(request)
    step = max(1, int(fault.params.get("bytes", 1)))
    for start in range(0, len(answer.body), step):
        await asyncio.sleep(float(fault.params.get("seconds", 0.1)))
        await stream.write(answer.body[start : start + step])
    return stream


async def _extra_fields(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    extra = fault.params.get("fields", {"unheardOf": {"deep": [1, None]}})
    return _altered(await handler(request), lambda found: {**found, **extra})


async def _missing_fields(
    fault: Fault, request: web.Request, handler: Handler
) -> web.StreamResponse:
    gone = set(fault.params.get("fields", ()))
    return _altered(
        await handler(request), lambda found: {n: v for n, v in found.items() if n not in gone}
    )


async def _token_revoked(
    fault: Fault, request: web.Request, handler: Handler
) -> web.StreamResponse:
    """All tokens end, with `refresh` the refresh tokens too; the call finds that out first."""
    request.app[WEAK_POINTS].revoke(request.app, bool(fault.params.get("refresh", False)))
    return await handler(request)


async def _message_form(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    """Messages in another form: `as` an object, a list, null or missing; or other words, `text`."""
    names = frozenset(fault.params.get("names", request.app[WEAK_POINTS].messages))
    manner = str(fault.params.get("as", "text" if "text" in fault.params else "object"))

    def reform(found: dict[str, Any]) -> dict[str, Any]:
        return {
            name: _reformed(value, manner, fault) if name in names else value
            for name, value in found.items()
            if name not in names or manner != "missing"
        }

    return _altered(await handler(request), reform)


def _reformed(value: object, manner: str, fault: Fault) -> object:
    if isinstance(value, list):
        return [_reformed(item, manner, fault) for item in value]
    if not isinstance(value, str):
        return value
    forms = {"object": {"text": value}, "list": [value], "null": None}
    return forms.get(manner, fault.params.get("text", ""))


def _altered(answer: web.StreamResponse, alter: exactjson.Alter) -> web.StreamResponse:
    """Alter each object of a JSON answer; amounts keep their own digits."""
    if not isinstance(answer, web.Response) or not isinstance(answer.body, bytes):
        return answer
    try:
        found = exactjson.read(answer.body, alter)
    except ValueError:
        return answer
    answer.body = exactjson.write(found)
    return answer


_GENERIC: dict[str, Callable[[Fault, web.Request, Handler], Awaitable[web.StreamResponse]]] = {
    "status": _status,
    "html": _html,
    "reset": _reset,
    "drop": _drop,
    "slow": _slow,
    "truncate": _truncate,
    "empty": _empty,
    "rate_limited": _rate_limited,
    "content_type": _content_type,
    "bomb": _bomb,
    "drip": _drip,
    "extra_fields": _extra_fields,
    "missing_fields": _missing_fields,
    "repeat_page": repeat_page,
    "shift_rows": shift_rows,
    "duplicate_rows": duplicate_rows,
    "token_revoked": _token_revoked,
    "message_form": _message_form,
}
