"""The application that both stand-ins are built on: recording, faults, look-ins, start and stop."""

import asyncio
import re
import signal
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from simulators.faults import BadFault, FaultBook, Handler
from simulators.recorder import Counters, Recorder, read_short_body

COUNTERS = web.AppKey("counters", Counters)
RECORDER = web.AppKey("recorder", Recorder)
FAULTS = web.AppKey("faults", FaultBook)
CONTEXT_ROOT = web.AppKey("context_root", str)
IN_FLIGHT = web.AppKey("in_flight", list[int])

LOOK_IN = "/_sim/"
LARGEST_BODY = 256 * 1024 * 1024
START_SECONDS = 30.0


def build_app(*, own_fault_kinds: Iterable[str] = (), context_root: str = "") -> web.Application:
    """An application with recording, faults and the shared look-ins under `/_sim/`.

    `own_fault_kinds` are carried out by the system's own handlers (`faults.fault_of`);
    a generic kind named here (for example "empty") is left to them as well.
    `context_root` is the path that the printed address ends with.
    """
    app = web.Application(middlewares=[_watch], client_max_size=LARGEST_BODY)
    app[COUNTERS] = Counters()
    app[RECORDER] = Recorder()
    app[FAULTS] = FaultBook(own_fault_kinds)
    app[CONTEXT_ROOT] = context_root.rstrip("/")
    app[IN_FLIGHT] = [0]
    app.router.add_get(f"{LOOK_IN}requests", _get_requests)
    app.router.add_delete(f"{LOOK_IN}requests", _delete_requests)
    app.router.add_get(f"{LOOK_IN}counters", _get_counters)
    app.router.add_delete(f"{LOOK_IN}counters", _delete_counters)
    app.router.add_get(f"{LOOK_IN}faults", _get_faults)
    app.router.add_post(f"{LOOK_IN}faults", _post_faults)
    app.router.add_delete(f"{LOOK_IN}faults", _delete_faults)
    return app


@web.middleware
async def _watch(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count and record a call, and let a fault have it when one is due."""
    if request.path.startswith(LOOK_IN):
        return await handler(request)
    app = request.app
    in_flight = app[IN_FLIGHT]
    in_flight[0] += 1
    counters = app[COUNTERS]
    counters.add("requests")
    counters.high("max_parallel", in_flight[0])
    started, status, name = time.monotonic(), 0, ""
    body = await read_short_body(request)
    try:
        book = app[FAULTS]
        due = book.take(request.method, request.path, request.query_string) if book.faults else None
        if due is not None:
            name = due.kind
            counters.add("faults")
            answer = await book.carry_out(due, request, handler)
        else:
            answer = await handler(request)
        status = 0 if name in ("reset", "drop") else answer.status
        return answer
    except web.HTTPException as error:
        status = error.status
        raise
    finally:
        in_flight[0] -= 1
        app[RECORDER].keep(request, status=status, started=started, body=body, fault=name)


async def _get_requests(request: web.Request) -> web.Response:
    query = request.query
    try:
        found = request.app[RECORDER].find(query.get("path", ""), query.get("method", "").upper())
    except re.error as error:
        raise web.HTTPBadRequest(text=f"'path' is no regular expression: {error}") from error
    return web.json_response({"requests": found, "count": len(found)})


async def _delete_requests(request: web.Request) -> web.Response:
    request.app[RECORDER].clear()
    return web.Response(status=204)


async def _get_counters(request: web.Request) -> web.Response:
    return web.json_response(request.app[COUNTERS].all())


async def _delete_counters(request: web.Request) -> web.Response:
    request.app[COUNTERS].clear()
    return web.Response(status=204)


async def _get_faults(request: web.Request) -> web.Response:
    return web.json_response([fault.describe() for fault in request.app[FAULTS].faults])


async def _post_faults(request: web.Request) -> web.Response:
    try:
        added = request.app[FAULTS].add(await request.json())
    except BadFault as error:
        return web.json_response({"error": str(error)}, status=400)
    except ValueError:
        return web.json_response({"error": "The body is not JSON."}, status=400)
    return web.json_response([fault.describe() for fault in added])


async def _delete_faults(request: web.Request) -> web.Response:
    request.app[FAULTS].clear()
    return web.Response(status=204)


@dataclass(slots=True)
class _Stop:
    """How another thread asks a served application to end."""

    ready: threading.Event = field(default_factory=threading.Event)
    port: int = 0
    error: BaseException | None = None
    loop: asyncio.AbstractEventLoop | None = None
    asked: asyncio.Event | None = None


class Running:
    """A stand-in that serves in a thread of its own; a context manager that stops it."""

    def __init__(self, thread: threading.Thread, state: _Stop, context_root: str) -> None:
        self._thread = thread
        self._state = state
        self.port = state.port
        self.origin = f"http://127.0.0.1:{state.port}"
        self.url = f"{self.origin}{context_root}"

    def stop(self) -> None:
        """End the server and wait for it; a second call does nothing."""
        loop, asked = self._state.loop, self._state.asked
        if loop is not None and asked is not None and self._thread.is_alive():
            loop.call_soon_threadsafe(asked.set)
            self._thread.join(START_SECONDS)

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()


def start(app: web.Application, *, port: int = 0) -> Running:
    """Serve an application on loopback in a thread of its own and return when it listens."""
    state = _Stop()
    context_root = app[CONTEXT_ROOT]

    def work() -> None:
        try:
            asyncio.run(_serve(app, port, state))
        except BaseException as error:
            state.error = error
            state.ready.set()

    thread = threading.Thread(target=work, name="stand-in", daemon=True)
    thread.start()
    if not state.ready.wait(START_SECONDS):
        raise TimeoutError("The stand-in did not start.")
    if state.error is not None:
        raise state.error
    return Running(thread, state, context_root)


def run(app: web.Application, *, port: int = 0) -> int:
    """Serve until SIGINT or SIGTERM; prints the address once it listens. Returns an exit code."""
    state = _Stop()
    try:
        asyncio.run(_serve(app, port, state, announce=True))
    except OSError as error:
        sys.stderr.write(f"Cannot listen on port {port}: {error.strerror}.\n")
        return 2
    return 0


async def _serve(app: web.Application, port: int, state: _Stop, *, announce: bool = False) -> None:
    loop = asyncio.get_running_loop()
    state.loop, state.asked = loop, asyncio.Event()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        state.port = _bound_port(runner)
        if announce:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, state.asked.set)
            sys.stdout.write(f"listening on http://127.0.0.1:{state.port}{app[CONTEXT_ROOT]}\n")
            sys.stdout.flush()
        state.ready.set()
        await state.asked.wait()
    finally:
        await _close(runner)


async def _close(runner: web.AppRunner) -> None:
    """Stop serving, and cut the connections whose client never read its answer to the end."""
    open_calls = list(runner.server.connections) if runner.server else []
    await runner.cleanup()
    for call in open_calls:
        if call.transport is not None:
            call.transport.abort()
    await asyncio.sleep(0)


def _bound_port(runner: web.AppRunner) -> int:
    address: Any = runner.addresses[0]
    return int(address[1])
