"""Uploads and downloads of private files."""

import gzip
import socket
from urllib.parse import urlsplit

import pytest

from tests.simulators.anaplan.client import ACTUALS_FILE, MODEL, Client

FILE = f"/files/{ACTUALS_FILE}"
LARGE = bytes(range(256)) * 40_000


def put(client: Client, number: int, raw: bytes) -> int:
    return client.model("PUT", f"{FILE}/chunks/{number}", data=raw).status_code


def test_chunks_are_listed_as_soon_as_their_count_is_set(anna):
    body = anna.model("POST", FILE, json={"chunkCount": 3}).json()
    assert body["file"]["id"] == ACTUALS_FILE
    assert body["file"]["chunkCount"] == 3
    assert anna.model("GET", f"{FILE}/chunks").json()["chunks"] == [
        {"id": "0", "name": "Chunk 0"},
        {"id": "1", "name": "Chunk 1"},
        {"id": "2", "name": "Chunk 2"},
    ]


def test_chunks_plain_or_gzipped_in_any_order_make_one_file(anna):
    anna.model("POST", FILE, json={"chunkCount": 2})
    answer = anna.model("PUT", f"{FILE}/chunks/1", data=b"d,e\n")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "Content-Type" not in answer.headers
    assert put(anna, 0, gzip.compress(b"a,b\n") + gzip.compress(b"c,")) == 204
    assert anna.model("GET", f"{FILE}/chunks/0").content == b"a,b\nc,"
    whole = anna.model("GET", FILE)
    assert whole.content == b"a,b\nc,d,e\n"
    assert whole.headers["Content-Type"] == "application/octet-stream"
    assert anna.look("counters")["chunk_puts"] == 2


def test_an_upload_counts_only_when_all_chunks_are_there(anna):
    anna.upload(ACTUALS_FILE, "old")
    anna.model("POST", FILE, json={"chunkCount": 2})
    put(anna, 0, b"new")
    assert anna.model("GET", FILE).content == b"old"
    put(anna, 1, b"er")
    assert anna.model("GET", FILE).content == b"newer"


def test_a_chunk_can_be_sent_again(anna):
    anna.model("POST", FILE, json={"chunkCount": 2})
    for number, raw in ((0, b"x"), (1, b"b"), (0, b"a")):
        assert put(anna, number, raw) == 204
    assert anna.model("GET", FILE).content == b"ab"


def test_an_upload_of_unknown_count_ends_with_complete(anna):
    anna.model("POST", FILE, json={"chunkCount": -1})
    for number, raw in enumerate((b"a", b"b", b"c")):
        put(anna, number, raw)
    assert anna.model("GET", FILE).status_code == 404
    assert anna.model("POST", f"{FILE}/complete").status_code == 500
    answer = anna.model("POST", f"{FILE}/complete", json={"id": ACTUALS_FILE})
    assert answer.json()["file"]["chunkCount"] == 3
    assert anna.model("GET", FILE).content == b"abc"


def test_complete_without_a_body_can_be_allowed(anna):
    anna.tell("settings", {"complete_needs_body": False})
    assert anna.model("POST", f"{FILE}/complete").status_code == 200


@pytest.mark.parametrize("raw", [b"tiny", LARGE])
def test_a_file_goes_up_at_once(anna, raw):
    assert anna.model("PUT", FILE, data=raw).status_code == 204
    assert anna.model("GET", FILE).content == raw


def test_large_chunks_come_back_as_they_were_sent(anna):
    packed = gzip.compress(LARGE, compresslevel=0)
    anna.model("POST", FILE, json={"chunkCount": 2})
    assert [put(anna, 0, LARGE), put(anna, 1, packed)] == [204, 204]
    assert anna.model("GET", f"{FILE}/chunks/0").content == LARGE
    assert anna.model("GET", f"{FILE}/chunks/1").content == LARGE
    assert anna.model("GET", FILE).content == LARGE * 2
    calls = anna.look("requests?method=PUT")["requests"]
    assert [(call["size"], call["status"]) for call in calls] == [(len(LARGE), 204), (len(packed), 204)]  # fmt: skip  # noqa: E501
    assert anna.look("counters")["chunk_bytes"] == len(LARGE) + len(packed)


def test_a_large_chunk_that_breaks_off_leaves_the_old_one(anna):
    anna.upload(ACTUALS_FILE, "old")
    to = urlsplit(anna.origin)
    head = (
        f"PUT /2/0/models/{MODEL}{FILE}/chunks/0 HTTP/1.1\r\nHost: a\r\n"
        f"Authorization: AnaplanAuthToken {anna.token}\r\nContent-Length: {len(LARGE)}\r\n\r\n"
    )
    with socket.create_connection((to.hostname, to.port), timeout=10) as wire:
        wire.sendall(head.encode() + LARGE[:-1])
        wire.shutdown(socket.SHUT_WR)
        assert wire.recv(1) == b""
    assert anna.model("GET", FILE).content == b"old"


def test_a_fault_cuts_a_large_chunk_that_is_read(anna):
    anna.model("PUT", FILE, data=LARGE)
    anna.tell("faults", {"path": "/chunks/0$", "method": "GET", "kind": "truncate", "bytes": 9})
    assert anna.model("GET", f"{FILE}/chunks/0").content == LARGE[:9]


@pytest.mark.parametrize("token", ["", "AnaplanAuthToken stale"])
def test_a_large_chunk_of_a_stranger_is_refused(anna, token):
    anna.http.headers["Authorization"] = token
    assert put(anna, 0, LARGE) == 401


@pytest.mark.parametrize(("number", "count"), [("2", 2), ("-1", 2), ("x", 2), ("1000", -1)])
def test_a_chunk_outside_the_count_is_404(anna, number, count):
    anna.model("POST", FILE, json={"chunkCount": count})
    assert anna.model("PUT", f"{FILE}/chunks/{number}", data=b"x").status_code == 404


@pytest.mark.parametrize("count", [1001, -2, "3", 1.5, True])
def test_a_wrong_count_is_400(anna, count):
    assert anna.model("POST", FILE, json={"chunkCount": count}).status_code == 400


def test_contents_are_private(anna, bo):
    anna.upload(ACTUALS_FILE, "mine")
    assert bo.model("GET", FILE).status_code == 404
    assert "chunks" not in bo.model("GET", f"{FILE}/chunks").json()


def test_a_content_is_gone_48_hours_after_its_last_use(anna):
    anna.tell("settings", {"token_minutes": 60 * 24 * 9})
    anna.http.headers["Authorization"] = f"AnaplanAuthToken {Client(anna.origin, ('anna@lamps.example', 'pass:wörd')).token}"  # fmt: skip  # noqa: E501
    anna.upload(ACTUALS_FILE, "mine")
    anna.tell("clock", {"hours": 47})
    assert anna.model("GET", FILE).content == b"mine"
    anna.tell("clock", {"hours": 47})
    assert anna.model("GET", FILE).content == b"mine"
    anna.tell("clock", {"hours": 49})
    assert anna.model("GET", FILE).status_code == 404


def test_a_deleted_content_is_gone(anna):
    anna.upload(ACTUALS_FILE, "mine")
    assert anna.model("DELETE", FILE).status_code == 204
    assert anna.model("GET", FILE).status_code == 404


def test_an_upload_to_an_unknown_id_creates_a_file(anna):
    body = anna.model("POST", "/files/113000000099", json={"chunkCount": 1}).json()
    assert body["file"]["id"] == "113000000005"
    assert body["file"]["name"] == "113000000099"
    assert anna.look("counters")["files_created"] == 1
    assert len(anna.model("GET", "/files").json()["files"]) == 7
    assert anna.model("PUT", "/files/113000000099/chunks/0", data=b"x").status_code == 404
    assert anna.model("GET", "/files/113000000098").status_code == 404


def test_a_lost_chunk_is_acknowledged(anna):
    anna.tell("faults", {"path": "/chunks/1$", "kind": "lose_chunk"})
    anna.model("POST", FILE, json={"chunkCount": 3})
    assert [put(anna, number, b"x%d" % number) for number in range(3)] == [204, 204, 204]
    assert anna.model("GET", FILE).content == b"x0x2"


def test_the_look_in_gives_the_bytes_of_the_last_upload(anna):
    anna.upload(ACTUALS_FILE, "a;ö\n")
    answer = anna.http.get(f"{anna.origin}/_sim/files/{ACTUALS_FILE}")
    assert answer.content == "a;ö\n".encode()
    assert anna.http.get(f"{anna.origin}/_sim/files/{ACTUALS_FILE}9").status_code == 404


@pytest.mark.parametrize("place", ["", "/chunks/0"])
def test_a_chunk_with_broken_gzip_is_an_error_in_the_usual_form(anna, place):
    anna.model("POST", f"/files/{ACTUALS_FILE}", json={"chunkCount": 1})
    anna.model("PUT", f"/files/{ACTUALS_FILE}/chunks/0", data=b"\x1f\x8bbroken")
    answer = anna.model("GET", f"/files/{ACTUALS_FILE}{place}")
    assert answer.status_code == 500
    assert answer.json()["status"] == {"code": 500, "message": "Internal Server Error"}
    assert answer.json()["path"].endswith(f"/files/{ACTUALS_FILE}{place}")
