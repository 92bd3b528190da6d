"""A proxy for TCP whose links turn bad on command: late, slow, silent, cut or reset."""

import asyncio
import socket
import struct
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

PIECE = 16_384
LOOPBACK = "127.0.0.1"
# Close at once and tell the other side by RST: what was not sent is lost.
RESET = struct.pack("ii", 1, 0)


@dataclass
class Weather:
    """How a link is now: seconds of delay, bytes a second (0: all), and whether it answers."""

    late: float = 0.0
    jitter: float = 0.0
    bytes_a_second: float = 0.0
    is_silent: bool = False


class Link:
    """One way to one server: a port of its own, whose connections share the weather."""

    def __init__(self, name: str, target: tuple[str, int], chance: Random) -> None:
        self.name, self.target = name, target
        self.weather = Weather()
        self.port = 0
        self.taken = 0
        self._chance = chance
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self) -> asyncio.Server:
        """Take connections from now on."""
        server = await asyncio.start_server(self._take, LOOPBACK, 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.taken += 1
        self._writers.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection(*self.target)
        except OSError:
            self._let_go(writer)
            return
        self._writers.add(far_writer)
        ways = [(reader, far_writer), (far_reader, writer)]
        pumps = {asyncio.create_task(self._pump(*way)) for way in ways}
        self._tasks |= pumps
        # One that ended takes the other along: nobody here uses half of a connection.
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in pumps:
            pump.cancel()
        self._tasks -= pumps
        self._let_go(writer)
        self._let_go(far_writer)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(PIECE):
                await self._endure(len(piece))
                writer.write(piece)
                await writer.drain()
        except OSError:
            return

    async def _endure(self, size: int) -> None:
        """Let the weather have a piece; in silence it goes nowhere, and is lost at the cut."""
        while self.weather.is_silent:
            await asyncio.sleep(0.02)
        weather = self.weather
        seconds = weather.late + self._chance.uniform(0.0, weather.jitter)
        if weather.bytes_a_second:
            seconds += size / weather.bytes_a_second
        if seconds:
            await asyncio.sleep(seconds)

    def _let_go(self, writer: asyncio.StreamWriter) -> None:
        self._writers.discard(writer)
        writer.close()

    def drop(self, *, reset: bool) -> None:
        """End all connections: by FIN, or by RST. What is under way is lost."""
        for task in self._tasks:
            task.cancel()
        for writer in list(self._writers):
            if reset:
                raw = writer.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                writer.transport.abort()
            self._let_go(writer)


class Proxy:
    """All links of a test; a thread of its own moves their bytes."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(seed)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._servers: list[asyncio.Server] = []
        self.links: dict[str, Link] = {}

    def lead_to(self, name: str, host: str, port: int) -> Link:
        """Make a link to a server."""
        link = Link(name, (host, port), Random(self._chance.random()))
        self._servers.append(self._wait_for(link.listen()))
        self.links[name] = link
        return link

    def cut(self, link: Link) -> None:
        """End the link's connections as a server that stops does."""
        self._loop.call_soon_threadsafe(lambda: link.drop(reset=False))

    def reset(self, link: Link) -> None:
        """End the link's connections as a machine that has lost its memory does."""
        self._loop.call_soon_threadsafe(lambda: link.drop(reset=True))

    def heal(self, link: Link) -> None:
        """Make the weather good again; connections that were silent are not found again."""
        was_silent, link.weather = link.weather.is_silent, Weather()
        if was_silent:
            self.cut(link)

    def close(self) -> None:
        """End everything."""
        for link in self.links.values():
            self.cut(link)
        self._wait_for(asyncio.sleep(0.05))
        self._wait_for(self._stop_listening())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _stop_listening(self) -> None:
        for server in self._servers:
            server.close()

    def _wait_for(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)


@contextmanager
def proxy(seed: int) -> Iterator[Proxy]:
    """A proxy for the length of a test."""
    made = Proxy(seed)
    try:
        yield made
    finally:
        made.close()
