"""Starts and stops an application on loopback: in a thread for tests, or as a command."""

import asyncio
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

CONTEXT_ROOT = web.AppKey("context_root", str)
LOOK_IN = "/_sim/"
START_SECONDS = 30.0
# A client that refuses a certificate says so at the end: time to hear it before all is closed.
HANDSHAKE_SECONDS = 0.05
# Turns of its loop that asyncio takes to make a connection of a socket that it accepted.
ACCEPTING_TURNS = 3

Step = tuple[str, str, Mapping[str, Any] | Sequence[Mapping[str, Any]]]
"""A call of a look-in: verb, name below `/_sim/`, JSON body."""


class BadStep(ValueError):
    """A look-in that was to be called at the start refused; the text is its own."""


@dataclass(slots=True)
class _Stop:
    """How another thread asks a served application to end."""

    ready: threading.Event = field(default_factory=threading.Event)
    origin: str = ""
    port: int = 0
    error: BaseException | None = None
    loop: asyncio.AbstractEventLoop | None = None
    asked: asyncio.Event | None = None


class Running:
    """A stand-in that serves in a thread of its own; a context manager that stops it."""

    def __init__(self, thread: threading.Thread, state: _Stop, app: web.Application) -> None:
        self._thread = thread
        self._state = state
        self.app = app
        self.port = state.port
        self.origin = state.origin
        self.url = f"{self.origin}{app[CONTEXT_ROOT]}"

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


def start(
    app: web.Application,
    *,
    port: int = 0,
    tls: ssl.SSLContext | None = None,
    steps: Sequence[Step] = (),
) -> Running:
    """Serve an application on loopback in a thread of its own and return when it listens.

    With `tls` it speaks HTTPS. `steps` are look-ins that are called before it is ready.
    """
    state = _Stop()

    def work() -> None:
        try:
            asyncio.run(_serve(app, port, state, tls, steps))
        except BaseException as error:
            state.error = error
            state.ready.set()

    thread = threading.Thread(target=work, name="stand-in", daemon=True)
    thread.start()
    if not state.ready.wait(START_SECONDS):
        raise TimeoutError("The stand-in did not start.")
    if state.error is not None:
        raise state.error
    return Running(thread, state, app)


def run(
    app: web.Application,
    *,
    port: int = 0,
    tls: ssl.SSLContext | None = None,
    steps: Sequence[Step] = (),
) -> int:
    """Serve until SIGINT or SIGTERM; prints the address once it listens. Returns an exit code."""
    state = _Stop()
    try:
        asyncio.run(_serve(app, port, state, tls, steps, announce=True))
    except BadStep as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"Cannot listen on port {port}: {error.strerror}.\n")
        return 2
    return 0


async def _serve(
    app: web.Application,
    port: int,
    state: _Stop,
    tls: ssl.SSLContext | None,
    steps: Sequence[Step],
    *,
    announce: bool = False,
) -> None:
    loop = asyncio.get_running_loop()
    state.loop, state.asked = loop, asyncio.Event()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    with socket.create_server(("127.0.0.1", port)) as listener:
        try:
            await runner.setup()
            await web.SockSite(runner, listener, ssl_context=tls).start()
            state.port = listener.getsockname()[1]
            state.origin = f"{'https' if tls else 'http'}://127.0.0.1:{state.port}"
            await take_steps(state.origin, steps)
            if announce:
                _announce(f"{state.origin}{app[CONTEXT_ROOT]}", state.asked)
            state.ready.set()
            await state.asked.wait()
        finally:
            await _stop_accepting(listener, HANDSHAKE_SECONDS if tls else 0.0)
            await _close(runner)


def _announce(address: str, asked: asyncio.Event) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    sys.stdout.write(f"listening on {address}\n")
    sys.stdout.flush()


async def take_steps(origin: str, steps: Sequence[Step]) -> None:
    """Call look-ins of the application itself; its own certificate need not be a good one.

    Raises BadStep when one of them refuses.
    """
    if not steps:
        return
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as session:
        for method, name, body in steps:
            async with session.request(method, f"{origin}{LOOK_IN}{name}", json=body) as answer:
                if answer.status >= 300:
                    words = await answer.text()
                    raise BadStep(f"{method} {LOOK_IN}{name}: {answer.status} {words}")


async def _stop_accepting(listener: socket.socket, patience: float) -> None:
    """Take no more connections, and wait until those taken can be closed.

    A server that is closed too early forgets a connection that asyncio is still making.
    """
    asyncio.get_running_loop().remove_reader(listener)
    await asyncio.sleep(patience)
    for _ in range(ACCEPTING_TURNS):
        await asyncio.sleep(0)


async def _close(runner: web.AppRunner) -> None:
    """Stop serving, and cut the connections whose client never read its answer to the end."""
    calls = runner.server.connections if runner.server else []
    transports = [call.transport for call in calls if call.transport is not None]
    await runner.cleanup()
    for transport in transports:
        transport.abort()
    await asyncio.sleep(0.01)
