"""Bodies arrive whole and exact, whichever way they come and whatever comes after them."""

import gzip
import hashlib
import json
import socket
import ssl
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, BinaryIO

import pytest
import requests
from aiohttp import web

from simulators import server, tls
from simulators.bodies import read_pieces
from tests.simulators.leaks import nothing_left_open

KIB = 1024
LARGE = bytes(range(256)) * 40_000


async def take(request: web.Request) -> web.Response:
    pieces = await read_pieces(request)
    digest = hashlib.sha256(b"".join(pieces)).hexdigest()
    return web.json_response({"sha256": digest, "in_pieces": len(pieces) > 1})


async def give(_request: web.Request) -> web.Response:
    return web.Response(body=LARGE)


def build() -> web.Application:
    app = server.build_app()
    app.router.add_get("/give", give)
    app.router.add_put("/take", take)
    return app


@pytest.fixture
def running() -> Iterator[server.Running]:
    with server.start(build()) as found:
        yield found


@pytest.fixture
def wire(running: server.Running) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", running.port), timeout=10) as found:
        yield found


def head(size: int, *more: str) -> bytes:
    lines = ("PUT /take HTTP/1.1", "Host: a", f"Content-Length: {size}", *more, "", "")
    return "\r\n".join(lines).encode()


def answer(stream: BinaryIO) -> tuple[int, Any]:
    status, size = int(stream.readline().split()[1]), 0
    while line := stream.readline().strip():
        if line.lower().startswith(b"content-length:"):
            size = int(line.split(b":")[1])
    raw = stream.read(size)
    return status, json.loads(raw) if raw.startswith(b"{") else raw


def whole(body: bytes, *, in_pieces: bool = True) -> tuple[int, dict[str, object]]:
    return 200, {"sha256": hashlib.sha256(body).hexdigest(), "in_pieces": in_pieces}


@pytest.mark.parametrize("size", [0, 1, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1])
def test_small_bodies_are_exact(running, size):
    found = requests.put(f"{running.url}/take", data=LARGE[:size]).json()
    assert found["sha256"] == hashlib.sha256(LARGE[:size]).hexdigest()


def test_a_large_body_is_exact_and_stays_in_the_pieces_that_came(running):
    found = requests.put(f"{running.url}/take", data=LARGE)
    assert (found.status_code, found.json()) == whole(LARGE)


def test_a_body_in_pieces_with_pauses_is_exact(wire):
    body = LARGE[: 300 * KIB]
    cuts = [0, 1, 7, 64 * KIB, 64 * KIB + 1, 299 * KIB, 300 * KIB]
    for piece in (head(len(body)), *(body[a:b] for a, b in pairwise(cuts))):
        wire.sendall(piece)
        time.sleep(0.02)
    assert answer(wire.makefile("rb")) == whole(body)


def test_calls_follow_each_other_on_one_connection(wire):
    """The second and third are on their way before the first is answered."""
    first, second = LARGE[: 2_000 * KIB], LARGE[5 : 900 * KIB]
    look = b"GET /_sim/counters HTTP/1.1\r\nHost: a\r\n\r\n"
    wire.sendall(head(len(first)))
    time.sleep(0.05)
    wire.sendall(first + head(len(second)) + second + look + head(2) + b"ab")
    stream = wire.makefile("rb")
    assert answer(stream) == whole(first)
    assert answer(stream)[1]["sha256"] == hashlib.sha256(second).hexdigest()
    assert answer(stream) == (200, {"max_parallel": 1, "requests": 2})
    assert answer(stream)[1]["sha256"] == hashlib.sha256(b"ab").hexdigest()


def test_a_body_can_come_before_the_last_answer_was_read(wire):
    wire.sendall(b"GET /give HTTP/1.1\r\nHost: a\r\n\r\n" + head(len(LARGE)) + LARGE[:KIB])
    time.sleep(0.1)
    stream = wire.makefile("rb")
    assert answer(stream) == (200, LARGE)
    wire.sendall(LARGE[KIB:])
    assert answer(stream) == whole(LARGE)


def test_a_client_that_asks_first_is_told_to_go_on(wire):
    wire.sendall(head(len(LARGE), "Expect: 100-continue"))
    stream = wire.makefile("rb")
    assert answer(stream) == (100, b"")
    wire.sendall(LARGE)
    assert answer(stream) == whole(LARGE)


def test_what_has_to_be_decoded_is_decoded(running):
    def parts() -> Iterator[bytes]:
        yield from (LARGE[:9], LARGE[9:])

    packed = gzip.compress(LARGE)
    zipped = requests.put(f"{running.url}/take", data=packed, headers={"Content-Encoding": "gzip"})
    chunked = requests.put(f"{running.url}/take", data=parts())
    assert [zipped.json(), chunked.json()] == [whole(LARGE, in_pieces=False)[1]] * 2


def test_bodies_over_https_are_exact(tmp_path):
    tls.write_all(tmp_path)
    trust = ssl.create_default_context(cafile=str(tmp_path / tls.AUTHORITY_FILE))
    with (
        server.start(build(), tls=tls.folder_context(tmp_path, "good")) as running,
        socket.create_connection(("127.0.0.1", running.port), timeout=10) as plain,
        trust.wrap_socket(plain, server_hostname="127.0.0.1") as wire,
    ):
        wire.sendall(head(len(LARGE)) + LARGE + head(1) + b"x")
        stream = wire.makefile("rb")
        assert answer(stream) == whole(LARGE, in_pieces=False)
        assert answer(stream) == whole(b"x", in_pieces=False)


def test_a_body_above_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(server, "LARGEST_BODY", 1_000_000)
    with server.start(build()) as running:
        found = requests.put(f"{running.url}/take", data=LARGE[:1_000_001])
        assert found.status_code == 413
        assert requests.put(f"{running.url}/take", data=LARGE[:1_000_000]).ok


def test_a_fault_waits_before_the_body_is_read(running):
    slow = {"path": "take", "kind": "slow", "seconds": 0.2}
    requests.post(f"{running.origin}/_sim/faults", json=slow)
    found = requests.put(f"{running.url}/take", data=LARGE)
    assert (found.status_code, found.json()) == whole(LARGE)
    assert found.elapsed.total_seconds() >= 0.2


@pytest.mark.parametrize("kind", ["reset", "drop"])
def test_a_fault_cuts_the_connection_of_a_large_body(running, kind):
    requests.post(f"{running.origin}/_sim/faults", json={"path": "take", "kind": kind})
    with pytest.raises(requests.ConnectionError):
        requests.put(f"{running.url}/take", data=LARGE)
    assert requests.put(f"{running.url}/take", data=LARGE).ok


def test_a_stop_ends_a_body_that_is_half_way():
    with nothing_left_open():
        running = server.start(build())
        with socket.create_connection(("127.0.0.1", running.port), timeout=10) as wire:
            wire.sendall(head(len(LARGE)) + LARGE[: 5_000 * KIB])
            time.sleep(0.05)
            running.stop()
        del running
