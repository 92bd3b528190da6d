"""Faults on command: which calls they hit, and what they do to the answer."""

import asyncio
import contextlib
import json
import re
import socket
import struct
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

GENERIC_KINDS = frozenset({"status", "html", "reset", "drop", "slow", "truncate", "empty"})

HTML_BODY = (
    "<!DOCTYPE html><html><head><title>Sign in</title></head>"
    "<body><h1>Sign in</h1><p>Please sign in to continue.</p></body></html>"
)


class BadFault(ValueError):
    """A fault that was described wrongly; the text says which member and why."""


@dataclass(slots=True)
class Fault:
    """One fault: hits calls whose path (with or without its query) matches, lets `after` pass.

    `times` is how many calls it spoils, -1 for all of them.
    """

    path: re.Pattern[str]
    kind: str
    method: str | None = None
    after: int = 0
    times: int = 1
    params: dict[str, Any] = field(default_factory=dict)
    seen: int = 0
    done: int = 0

    def is_about(self, method: str, path: str, query: str) -> bool:
        """Whether a call is one of those that this fault counts."""
        if self.method is not None and self.method != method:
            return False
        if self.path.search(path):
            return True
        return bool(query) and self.path.search(f"{path}?{query}") is not None

    @property
    def is_due(self) -> bool:
        """Whether the call just counted is to be spoiled."""
        return self.seen > self.after and (self.times < 0 or self.done < self.times)

    def describe(self) -> dict[str, Any]:
        """The fault as JSON, with how many calls it saw and spoiled."""
        return {
            "path": self.path.pattern,
            "kind": self.kind,
            "method": self.method,
            "after": self.after,
            "times": self.times,
            **self.params,
            "seen": self.seen,
            "done": self.done,
        }


def parse_fault(raw: object, own_kinds: frozenset[str]) -> Fault:
    """Build a fault from its JSON form; BadFault names what is wrong."""
    if not isinstance(raw, dict):
        raise BadFault(f"A fault is an object, not {type(raw).__name__}.")
    known = GENERIC_KINDS | own_kinds
    kind = raw.get("kind")
    if kind not in known:
        raise BadFault(f"Unknown kind {kind!r}; known are: {', '.join(sorted(known))}.")
    pattern = raw.get("path", "")
    method = raw.get("method")
    numbers = {name: raw.get(name, default) for name, default in (("after", 0), ("times", 1))}
    for name, number in numbers.items():
        if not isinstance(number, int) or isinstance(number, bool):
            raise BadFault(f"{name!r} must be a whole number, not {number!r}.")
    try:
        path = re.compile(str(pattern))
    except re.error as error:
        raise BadFault(f"'path' is no regular expression: {error}.") from error
    named = {"path", "method", "after", "times", "kind", "seen", "done"}
    return Fault(
        path=path,
        kind=str(kind),
        method=str(method).upper() if method else None,
        params={name: value for name, value in raw.items() if name not in named},
        **numbers,
    )


FAULT = web.RequestKey("fault", Fault)
"""Key of a request under which a handler finds a fault that its own system carries out."""


class FaultBook:
    """All faults that are set, and the choice of the one that a call gets."""

    def __init__(self, own_kinds: Iterable[str] = ()) -> None:
        self.own_kinds = frozenset(own_kinds)
        self.faults: list[Fault] = []

    def add(self, raw: object) -> list[Fault]:
        """Set one fault or a list of them; all or, on a BadFault, none."""
        items = raw if isinstance(raw, list) else [raw]
        added = [parse_fault(item, self.own_kinds) for item in items]
        self.faults.extend(added)
        return added

    def clear(self) -> None:
        """Forget all faults."""
        self.faults.clear()

    def take(self, method: str, path: str, query: str) -> Fault | None:
        """Count the call in every fault that is about it and return the first that is due."""
        chosen: Fault | None = None
        for fault in self.faults:
            if not fault.is_about(method, path, query):
                continue
            fault.seen += 1
            if chosen is None and fault.is_due:
                fault.done += 1
                chosen = fault
        return chosen

    async def carry_out(
        self, fault: Fault, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Answer a call under a fault; kinds of the system itself are left to its handler."""
        if fault.kind in self.own_kinds:
            request[FAULT] = fault
            return await handler(request)
        return await _GENERIC[fault.kind](fault, request, handler)


def fault_of(request: web.Request, *kinds: str) -> Fault | None:
    """The fault that this call got, when it is one of `kinds`."""
    fault = request.get(FAULT)
    return fault if fault is not None and fault.kind in kinds else None


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


_GENERIC: dict[str, Callable[[Fault, web.Request, Handler], Awaitable[web.StreamResponse]]] = {
    "status": _status,
    "html": _html,
    "reset": _reset,
    "drop": _drop,
    "slow": _slow,
    "truncate": _truncate,
    "empty": _empty,
}
