"""What both stand-ins share: faults, recording, counters, start and stop."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from aiohttp import web

from simulators import server
from simulators.faults import fault_of

MODEL_FILE = Path(__file__).parent / "anaplan" / "model.json"


def build() -> web.Application:
    app = server.build_app(own_fault_kinds={"shout", "empty"}, context_root="/erp/")

    async def get_thing(request: web.Request) -> web.Response:
        words = "HELLO" if fault_of(request, "shout") else "hello"
        rows = [] if fault_of(request, "empty") else [1, 2]
        return web.json_response({"words": words, "rows": rows, "query": request.query_string})

    async def post_thing(request: web.Request) -> web.Response:
        app[server.COUNTERS].add("things")
        await request.read()
        return web.Response(status=201)

    app.router.add_get("/erp/thing", get_thing)
    app.router.add_post("/erp/thing", post_thing)
    return app


@pytest.fixture
def running() -> Iterator[server.Running]:
    with server.start(build()) as found:
        yield found


def fault(running: server.Running, *faults: dict[str, object]) -> requests.Response:
    return requests.post(f"{running.origin}/_sim/faults", json=list(faults))


def thing(running: server.Running, query: str = "") -> requests.Response:
    return requests.get(f"{running.url}/thing{query}", timeout=5)


def counter(running: server.Running, name: str) -> int:
    return int(requests.get(f"{running.origin}/_sim/counters").json().get(name, 0))


def test_the_address_ends_with_the_context_root(running):
    assert running.url == f"http://127.0.0.1:{running.port}/erp"
    assert running.origin == f"http://127.0.0.1:{running.port}"


def test_fault_status(running):
    fault(running, {"path": "thing", "kind": "status", "status": 503, "body": {"no": 1}, "headers": {"Retry-After": 7}})  # fmt: skip  # noqa: E501
    answer = thing(running)
    assert (answer.status_code, answer.json(), answer.headers["Retry-After"]) == (
        503,
        {"no": 1},
        "7",
    )
    assert thing(running).status_code == 200


def test_fault_html(running):
    fault(running, {"path": "thing", "kind": "html"})
    answer = thing(running)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!DOCTYPE html>")


def test_fault_reset_obeys_first_and_drop_does_not(running):
    fault(running, {"path": "thing", "method": "post", "kind": "reset"})
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{running.url}/thing", data=b"x")
    assert counter(running, "things") == 1
    fault(running, {"path": "thing", "method": "POST", "kind": "drop"})
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{running.url}/thing", data=b"x")
    assert counter(running, "things") == 1


def test_fault_slow(running):
    fault(running, {"path": "thing", "kind": "slow", "seconds": 0.2})
    assert 0.2 <= thing(running).elapsed.total_seconds() < 1
    assert thing(running).elapsed.total_seconds() < 0.2


def test_fault_truncate(running):
    fault(running, {"path": "thing", "kind": "truncate", "bytes": 10})
    assert thing(running).text == '{"words": '
    fault(running, {"path": "thing", "kind": "truncate", "length": "whole"})
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        thing(running)


def test_a_generic_kind_may_be_left_to_the_system(running):
    fault(running, {"path": "thing", "kind": "empty"})
    assert thing(running).json()["rows"] == []
    fault(running, {"path": "thing", "kind": "shout"})
    assert thing(running).json()["words"] == "HELLO"


def test_fault_empty_without_a_handler_of_its_own():
    with server.start(server.build_app()) as found:
        fault(found, {"path": "", "kind": "empty"})
        answer = requests.get(f"{found.origin}/x")
        assert (answer.status_code, answer.content) == (200, b"")
        assert requests.get(f"{found.origin}/x").status_code == 404


def test_after_and_times_count_only_matching_calls(running):
    fault(running, {"path": r"page=2$", "kind": "shout", "after": 1, "times": 2})
    words = [thing(running, query).json()["words"] for query in ("?page=2", "?page=1", "?page=2", "", "?page=2", "?page=2")]  # fmt: skip  # noqa: E501
    assert words == ["hello", "hello", "HELLO", "hello", "HELLO", "hello"]
    listed = requests.get(f"{running.origin}/_sim/faults").json()
    assert (listed[0]["seen"], listed[0]["done"]) == (4, 2)


def test_faults_take_turns_and_can_be_cleared(running):
    fault(
        running,
        {"path": "thing", "kind": "status", "status": 500},
        {"path": "thing", "kind": "status", "status": 502, "times": -1},
    )
    assert [thing(running).status_code for _ in range(3)] == [500, 502, 502]
    assert requests.delete(f"{running.origin}/_sim/faults").status_code == 204
    assert thing(running).status_code == 200
    assert counter(running, "faults") == 3


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([{"kind": "explode"}], "Unknown kind 'explode'"),
        ([{"kind": "slow", "after": "1"}], "'after' must be a whole number"),
        ([{"kind": "slow", "path": "("}], "'path' is no regular expression"),
        (["slow"], "A fault is an object"),
    ],
)
def test_a_wrong_fault_is_refused_whole(running, body, words):
    answer = requests.post(
        f"{running.origin}/_sim/faults", json=[{"kind": "slow", "path": "thing"}, *body]
    )
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert requests.get(f"{running.origin}/_sim/faults").json() == []


def test_requests_are_recorded_without_secrets(running):
    requests.post(
        f"{running.url}/thing?a=1",
        json={"client_secret": "s3cret", "rows": [{"password": "s3cret", "code": "A"}]},
        headers={"Authorization": "Bearer s3cret"},
    )
    thing(running)
    thing(running, "?page=2")
    body = requests.get(f"{running.origin}/_sim/requests", params={"method": "post"}).json()
    assert body["count"] == 1
    call = body["requests"][0]
    assert (call["method"], call["path"], call["query"]) == ("POST", "/erp/thing", "a=1")
    assert (call["status"], call["authorization"]) == (201, "Bearer")
    assert call["body"] == {"client_secret": "***", "rows": [{"password": "***", "code": "A"}]}
    assert "s3cret" not in json.dumps(body)
    found = requests.get(f"{running.origin}/_sim/requests", params={"path": "page=2$"}).json()
    assert [call["number"] for call in found["requests"]] == [3]
    requests.delete(f"{running.origin}/_sim/requests")
    assert requests.get(f"{running.origin}/_sim/requests").json()["count"] == 0
    assert requests.get(f"{running.origin}/_sim/requests?path=(").status_code == 400


def test_an_unanswered_call_is_recorded_with_status_0(running):
    fault(running, {"path": "thing", "kind": "drop"})
    with pytest.raises(requests.ConnectionError):
        thing(running)
    call = requests.get(f"{running.origin}/_sim/requests").json()["requests"][0]
    assert (call["status"], call["fault"]) == (0, "drop")


def test_counters_count_requests_but_not_look_ins(running):
    thing(running)
    assert counter(running, "requests") == 1
    assert counter(running, "max_parallel") == 1
    requests.delete(f"{running.origin}/_sim/counters")
    assert requests.get(f"{running.origin}/_sim/counters").json() == {}


def test_a_stopped_server_is_gone(running):
    running.stop()
    running.stop()
    with pytest.raises(requests.ConnectionError):
        thing(running)


def test_a_taken_port_raises(running):
    with pytest.raises(OSError):
        server.start(build(), port=running.port)


def command(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "simulators", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_says_where_it_listens_and_stops_on_a_signal(number):
    with command("anaplan", "--model", str(MODEL_FILE)) as process:
        line = process.stdout.readline()
        assert line.startswith("listening on http://127.0.0.1:")
        address = line.split()[-1]
        assert requests.get(f"{address}/_sim/counters").status_code == 200
        started = time.monotonic()
        process.send_signal(number)
        rest, errors = process.communicate(timeout=20)
        assert (process.returncode, rest, errors) == (0, "", "")
        assert time.monotonic() - started < 5


def test_the_command_refuses_a_bad_model_and_a_taken_port(tmp_path, running):
    bad = tmp_path / "model.json"
    bad.write_text("{}")
    with command("anaplan", "--model", str(bad)) as process:
        _, errors = process.communicate(timeout=20)
        assert process.returncode == 2
        assert "missing required field `customer`" in errors
    with command("anaplan", "--model", str(MODEL_FILE), "--port", str(running.port)) as process:
        _, errors = process.communicate(timeout=20)
        assert process.returncode == 2
        assert f"Cannot listen on port {running.port}" in errors
