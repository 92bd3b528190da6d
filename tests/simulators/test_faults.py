"""Faults that any answer of either stand-in may get."""

import json
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import pytest
import requests
from aiohttp import web

from simulators import server
from simulators.__main__ import main
from simulators.faultkinds import _GENERIC
from simulators.faults import GENERIC_KINDS, BadFault, read_fault

BODY = '{"data": [{"code": "6000", "amount": 12345678901234567.10}], "size": 1}'


@pytest.fixture(scope="module")
def running() -> Iterator[server.Running]:
    app = server.build_app()

    async def get_rows(_request: web.Request) -> web.Response:
        return web.Response(text=BODY, content_type="application/json")

    app.router.add_get("/rows", get_rows)
    with server.start(app) as served:
        yield served


def spoil(running: server.Running, **fault: object) -> None:
    requests.delete(f"{running.origin}/_sim/faults", timeout=5)
    answer = requests.post(f"{running.origin}/_sim/faults", json=fault, timeout=5)
    assert answer.status_code == 200, answer.text


def get(running: server.Running) -> requests.Response:
    return requests.get(f"{running.origin}/rows", timeout=5)


def test_each_generic_kind_can_be_carried_out():
    assert frozenset(_GENERIC) == GENERIC_KINDS


@pytest.mark.parametrize("wait", ["7", "0", "99999999", "-1", "soon", ""])
def test_rate_limited_sends_any_wait(running, wait):
    spoil(running, kind="rate_limited", retry_after=wait)
    answer = get(running)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, wait)


def test_rate_limited_sends_a_date_or_nothing(running):
    spoil(running, kind="rate_limited", retry_after="date", seconds=60)
    moment = parsedate_to_datetime(get(running).headers["Retry-After"]).timestamp()
    assert 50 < moment - time.time() < 61
    spoil(running, kind="rate_limited")
    assert "Retry-After" not in get(running).headers


def test_html_has_the_status_and_body_that_are_given(running):
    spoil(running, kind="html", status=503, body="<p>Down until noon</p>")
    answer = get(running)
    assert (answer.status_code, answer.headers["Content-Type"], answer.text) == (
        503,
        "text/html; charset=utf-8",
        "<p>Down until noon</p>",
    )


def test_content_type_is_another_and_the_body_the_same(running):
    spoil(running, kind="content_type")
    answer = get(running)
    assert (answer.headers["Content-Type"], answer.text) == ("text/plain", BODY)
    spoil(running, kind="content_type", **{"as": "text/csv"})
    answer = get(running)
    assert (answer.headers["Content-Type"], answer.text) == ("text/csv", BODY)


def test_empty_has_the_status_that_is_given(running):
    spoil(running, kind="empty", status=502)
    answer = get(running)
    assert (answer.status_code, answer.content) == (502, b"")


def test_bomb_is_small_on_the_wire_and_large_when_opened(running):
    spoil(running, kind="bomb", megabytes=3)
    answer = get(running)
    assert int(answer.headers["Content-Length"]) < 5_000
    assert len(answer.content) == 3_000_000


def test_drip_sends_the_whole_body_piece_by_piece(running):
    spoil(running, kind="drip", bytes=10, seconds=0.01)
    started = time.monotonic()
    answer = requests.get(f"{running.origin}/rows", timeout=5, stream=True)
    assert answer.raw.read(4) == BODY[:4].encode()
    assert answer.raw.read() == BODY[4:].encode()
    assert time.monotonic() - started >= 0.01 * -(-len(BODY) // 10)


def test_drip_has_pieces_of_the_size_that_is_given(running):
    spoil(running, kind="drip", bytes=len(BODY), seconds=0.2)
    started = time.monotonic()
    assert get(running).text == BODY
    assert 0.2 <= time.monotonic() - started < 3


def test_extra_fields_stand_in_every_object_and_amounts_keep_their_digits(running):
    spoil(running, kind="extra_fields", fields={"new": 1})
    answer = get(running)
    assert [row["new"] for row in answer.json()["data"]] == [1]
    assert '"amount": 12345678901234567.10' in answer.text


def test_missing_fields_are_gone_from_every_object(running):
    spoil(running, kind="missing_fields", fields=["code", "size"])
    assert get(running).text == '{"data": [{"amount": 12345678901234567.10}]}'


def test_a_probability_spoils_the_same_calls_for_the_same_seed(running):
    def statuses(seed: int) -> list[int]:
        spoil(running, kind="status", times=-1, probability=0.5, seed=seed)
        return [get(running).status_code for _ in range(40)]

    first = statuses(3)
    assert 8 < first.count(500) < 32
    assert statuses(3) == first
    assert statuses(4) != first


@pytest.mark.parametrize("probability", [0, 1.5, "often", True])
def test_a_probability_is_above_0_and_at_most_1(running, probability):
    fault = {"kind": "status", "probability": probability}
    answer = requests.post(f"{running.origin}/_sim/faults", json=fault, timeout=5)
    assert answer.status_code == 400
    assert "probability" in answer.json()["error"]


def test_a_fault_of_the_command_line_is_short_or_json():
    short = read_fault("status /rows$ status=503 times=-1 body=down")
    assert short == {"kind": "status", "path": "/rows$", "status": 503, "times": -1, "body": "down"}
    assert read_fault(json.dumps(short)) == short
    with pytest.raises(BadFault, match="no MEMBER=VALUE"):
        read_fault("status /rows twice")


def test_a_wrong_fault_of_the_command_line_stops_the_start(capsys):
    model = "tests/simulators/anaplan/model.json"
    assert main(["anaplan", "--model", model, "--fault", "explode /rows"]) == 2
    assert "Unknown kind 'explode'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not JSON"),
        ('[{"kind": "slow"}, {"kind": "explode"}]', "Unknown kind 'explode'"),
        ('"slow"', "A fault is an object"),
    ],
)
def test_a_wrong_file_of_faults_stops_the_start(tmp_path, capsys, text, words):
    file = tmp_path / "faults.json"
    file.write_text(text)
    model = "tests/simulators/anaplan/model.json"
    assert main(["anaplan", "--model", model, "--faults", str(file)]) == 2
    assert words in capsys.readouterr().err
    assert main(["anaplan", "--model", model, "--faults", str(tmp_path / "none")]) == 2


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "truncate", "byte": 3}, "'truncate' has no member 'byte'; it has bytes, length."),
        ({"kind": "drop", "bytes": 3}, "'drop' has no member 'bytes'; it has none."),
        ({"kind": "shift_rows", "by": "1"}, "'by' of 'shift_rows' must be a whole number"),
        ({"kind": "slow", "seconds": True}, "'seconds' of 'slow' must be a number, not True."),
    ],
)
def test_a_member_that_a_kind_does_not_know_is_refused(running, fault, words):
    answer = requests.post(f"{running.origin}/_sim/faults", json=fault, timeout=5)
    assert (answer.status_code, words in answer.json()["error"]) == (400, True)
