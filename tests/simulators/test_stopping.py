"""A stand-in that is stopped closes every connection, whenever it was opened."""

import asyncio
import socket
import threading
import time

from simulators import server
from tests.simulators.leaks import nothing_left_open

HELD_SECONDS = 0.05


def test_a_connection_accepted_while_it_stops_is_closed() -> None:
    """It connects and is told to stop in one turn of its loop."""
    loops: list[asyncio.AbstractEventLoop] = []
    held, go = threading.Event(), threading.Event()

    async def keep_loop(_app: object) -> None:
        loops.append(asyncio.get_running_loop())

    def hold() -> None:
        held.set()
        go.wait()

    app = server.build_app()
    app.on_startup.append(keep_loop)
    with nothing_left_open():
        running = server.start(app)
        loops[0].call_soon_threadsafe(hold)
        held.wait()
        with socket.create_connection(("127.0.0.1", running.port)) as client:
            stopping = threading.Thread(target=running.stop)
            stopping.start()
            time.sleep(HELD_SECONDS)
            go.set()
            stopping.join()
            client.settimeout(5)
            assert client.recv(1) == b""
        del running, app
        loops.clear()


def test_connections_in_every_state_are_closed_at_the_stop():
    with nothing_left_open():
        running = server.start(server.build_app())
        clients = [socket.create_connection(("127.0.0.1", running.port)) for _ in range(20)]
        for client in clients[::3]:
            client.sendall(b"GET /_sim/counters HTTP/1.1\r\nHost: a\r\n\r\n")
        for client in clients[1::3]:
            client.sendall(b"PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf")
        running.stop()
        for client in clients:
            client.close()
        del running
