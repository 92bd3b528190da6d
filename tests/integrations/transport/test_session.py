"""The session against servers that misbehave, over real sockets."""

import gzip
import threading
import time
from contextlib import contextmanager

import psutil
import pytest
from isal import isal_zlib

from integrations.transport.addresses import AddressPolicy
from integrations.transport.answers import Answer
from integrations.transport.errors import IntegrationError
from integrations.transport.session import EgressSession
from tests.integrations.transport.odd_server import OddServer, plain, reset

LOCAL = AddressPolicy(allow_loopback=True)
MB = 1024 * 1024


@pytest.fixture
def sleeps():
    """The waits between tries, which are not waited for."""
    return []


@pytest.fixture
def session(sleeps):
    with EgressSession(policy=LOCAL, read_timeout=0.6, sleep=sleeps.append) as made:
        yield made


def failure(session: EgressSession, url: str, **options) -> IntegrationError:
    options.setdefault("repeatable", False)
    with pytest.raises(IntegrationError) as caught:
        session.request("GET", url, **options)
    return caught.value


def test_a_call_says_only_what_it_was_told(session, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login spy password spy")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with OddServer([plain(b'{"a": 1.10}', Content_Type="application/json")]) as server:
        answer = session.request(
            "GET", f"{server.url}/x", params=[("f", "a,b"), ("f", "c d")], repeatable=True
        )
        call = server.calls[0]
    assert answer.json() == {"a": "1.10"}
    assert call.target == "/x?f=a%2Cb&f=c+d"
    assert call.headers == {
        "host": f"127.0.0.1:{server.port}",
        "user-agent": "ml-connector",
        "accept": "application/json",
        "accept-encoding": "gzip",
    }


def test_bodies_go_out_as_json_form_or_bytes(session):
    with OddServer([plain()]) as server:
        session.request("POST", server.url, json={"n": -1}, repeatable=False)
        session.request("POST", server.url, data={"p": "a&b"}, repeatable=False)
        session.request(
            "PUT", server.url, data=b"\x00\x01", repeatable=False, auth_header="Basic x"
        )
        bodies = [call.body for call in server.calls]
        kinds = [call.headers.get("content-type") for call in server.calls]
    assert bodies == [b'{"n":-1}', b"p=a%26b", b"\x00\x01"]
    assert kinds == ["application/json", "application/x-www-form-urlencoded", None]
    assert server.calls[2].headers["authorization"] == "Basic x"


def test_sixteen_threads_share_kept_connections(session):
    with OddServer([plain(b"x" * 1000)]) as server:

        def work():
            for _ in range(20):
                answer = session.request("GET", server.url, repeatable=False)
                assert len(answer.body) == 1000

        threads = [threading.Thread(target=work) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(server.calls) == 320
    assert server.connects <= 16


def test_a_redirect_is_an_answer_and_is_not_followed(session):
    with OddServer([plain(b"", 302, Location="http://169.254.169.254/latest")]) as server:
        answer = session.request("GET", server.url, auth_header="Bearer secret", repeatable=True)
    assert answer.status == 302
    assert answer.headers["location"] == "http://169.254.169.254/latest"
    assert len(server.calls) == 1


def test_a_redirect_takes_the_sign_in_nowhere(session):
    with OddServer([plain()]) as other:
        with OddServer([plain(b"", 307, Location=f"{other.url}/steal")]) as server:
            answer = session.request(
                "POST", server.url, json={"password": "x"}, auth_header="Bearer s", repeatable=True
            )
        assert answer.status == 307
        assert (other.connects, other.calls) == (0, [])


def test_an_open_and_a_closed_port_inside_read_alike():
    with OddServer([plain()]) as server, EgressSession(policy=AddressPolicy()) as guarded:
        is_open = failure(guarded, f"https://127.0.0.1:{server.port}/")
        connects = server.connects
    with EgressSession(policy=AddressPolicy()) as guarded:
        is_closed = failure(guarded, f"https://127.0.0.1:{server.port}/")
    assert connects == 0
    assert (is_open.code, is_open.message, is_open.detail) == (
        is_closed.code,
        is_closed.message,
        is_closed.detail,
    )


def test_of_an_error_page_only_a_short_clean_sample_is_kept(session):
    page = b"<script>alert(1)</script>\x1b[31m\xe2\x80\xae password=hunter2 Bearer abc.def " * 100
    with OddServer([plain(page, 500, Content_Type="text/html")]) as server:
        answer = session.request("GET", server.url, repeatable=False)
    assert len(answer.sample) < 220
    assert answer.sample.startswith("HTTP 500 [text/html]")
    for hidden in ("hunter2", "abc.def", "\x1b", "\N{RIGHT-TO-LEFT OVERRIDE}"):
        assert hidden not in answer.sample


def test_cookies_are_neither_kept_nor_sent_back(session):
    with OddServer([plain(Set_Cookie="s=1; Path=/")]) as server:
        first = session.request("GET", server.url, repeatable=True)
        session.request("GET", server.url, repeatable=True)
    assert "set-cookie" not in first.headers
    assert all("cookie" not in call.headers for call in server.calls)


def test_gzip_is_unpacked_whole_and_in_members(session):
    packed = gzip.compress(b"a" * MB) + gzip.compress(b"tail")
    with OddServer([plain(packed, Content_Encoding="gzip")]) as server:
        answer = session.request("GET", server.url, repeatable=True)
    assert answer.body == b"a" * MB + b"tail"


def test_a_gzip_bomb_is_cut_without_filling_memory(session):
    packer = isal_zlib.compressobj(1, wbits=31)
    bomb = b"".join(packer.compress(bytes(MB)) for _ in range(300)) + packer.flush()
    with OddServer([plain(bomb, Content_Encoding="gzip")]) as server:
        before = psutil.Process().memory_info().rss
        error = failure(session, server.url, max_bytes=50 * MB)
        after = psutil.Process().memory_info().rss
    assert len(bomb) < 4 * MB
    assert error.code == "answer_too_large"
    assert after - before < 64 * MB


def test_an_answer_larger_than_its_cap_is_cut(session):
    with OddServer([plain(b"x" * 5000)]) as server:
        assert failure(session, server.url, max_bytes=4999).code == "answer_too_large"
        assert session.request("GET", server.url, repeatable=True, max_bytes=5000).status == 200


def test_an_endless_body_is_cut_by_size(session):
    def endless(connection, _call):
        connection.send(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.send(b"10000\r\n" + b"x" * 65536 + b"\r\n")

    with OddServer([endless]) as server:
        assert failure(session, server.url, max_bytes=4 * MB).code == "answer_too_large"


@pytest.mark.parametrize("packing", ["br", "deflate", "gzip, gzip"])
def test_an_unknown_packing_is_named(session, packing):
    with OddServer([plain(b"abc", Content_Encoding=packing)]) as server:
        error = failure(session, server.url)
    assert error.code == "answer_encoding_unknown"
    assert packing in error.message


def test_damaged_and_cut_gzip_are_named(session):
    packed = gzip.compress(b"abc" * 1000)
    scripts = [plain(b"no gzip at all", Content_Encoding="gzip")]
    scripts.append(plain(packed[:-9], Content_Encoding="gzip"))
    with OddServer(scripts) as server:
        assert failure(session, server.url).code == "answer_encoding_unknown"
        assert failure(session, server.url).code == "connection_lost"


def drip(head: bytes, piece: bytes):
    def script(connection, _call):
        connection.send(head)
        for _ in range(200):
            connection.send(piece)
            time.sleep(0.05)

    return script


@pytest.mark.parametrize(
    "script",
    [
        drip(b"HTTP/1.1 200 X\r\nContent-Length: 500\r\n\r\n", b"x"),
        drip(b"HTTP/1.1 200 X\r\n", b"X-A: b\r\n"),
        drip(b"H", b"T"),
        lambda connection, _call: connection.sock.recv(1),
    ],
    ids=["body", "headers", "status line", "silence"],
)
def test_slow_answers_are_cut_by_time_even_when_bytes_keep_coming(session, script):
    with OddServer([script]) as server:
        started = time.monotonic()
        error = failure(session, server.url)
    assert error.code == "answer_timeout"
    assert error.retry_after is not None
    assert time.monotonic() - started < 2.5


def test_a_slow_answer_is_not_asked_for_again(session, sleeps):
    with OddServer([lambda connection, _call: connection.sock.recv(1)]) as server:
        failure(session, server.url, repeatable=True)
    assert len(server.calls) == 1
    assert sleeps == []


def test_a_body_shorter_than_announced_is_a_lost_connection(session):
    def cut(connection, _call):
        connection.send(b"HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\nhalf")
        connection.reset()

    with OddServer([cut]) as server:
        assert failure(session, server.url).code == "connection_lost"


def test_a_broken_call_is_repeated_only_when_that_is_safe(session, sleeps):
    with OddServer([reset, reset, plain()]) as server:
        assert failure(session, server.url, repeatable=False).code == "connection_lost"
        assert sleeps == []
        assert session.request("GET", server.url, repeatable=True).status == 200
    assert len(server.calls) == 3
    assert len(sleeps) == 1


def test_short_waits_are_kept_and_long_ones_are_left_to_the_run(session, sleeps):
    scripts = [plain(b"", 503, Retry_After="1"), plain(b"", 429, Retry_After="7")]
    with OddServer(scripts) as server:
        answer = session.request("GET", server.url, repeatable=True)
    assert answer.status == 429
    assert answer.retry_after == 7.0
    assert len(server.calls) == 2
    assert len(sleeps) == 1
    assert sleeps[0] >= 1.0


def test_past_its_end_a_session_calls_nobody():
    with (
        OddServer([plain(), plain()]) as server,
        EgressSession(policy=LOCAL, until=time.monotonic() + 60) as open_yet,
        EgressSession(policy=LOCAL, until=time.monotonic()) as over,
    ):
        assert open_yet.request("GET", server.url, repeatable=True).status == 200
        assert failure(over, server.url).code == "out_of_time"
        with pytest.raises(IntegrationError) as caught:
            over.open("GET", server.url)
        assert caught.value.code == "out_of_time"
        assert len(server.calls) == 1


class Watching:
    """Manners that note when a try began, how it was answered and when it was over."""

    def __init__(self):
        self.noted = []

    @contextmanager
    def turn(self, _until=None):
        self.noted.append("begins")
        try:
            yield lambda answer: self.noted.append(answer.status)
        finally:
            self.noted.append("over")


def test_manners_hear_of_each_try_and_of_each_answer():
    watching = Watching()
    with (
        OddServer([plain(b"", 502), reset, plain()]) as server,
        EgressSession(policy=LOCAL, sleep=lambda _: None, manners=watching) as session,
    ):
        session.request("GET", server.url, repeatable=True)
        with session.open("GET", server.url):
            pass
    assert watching.noted == [
        *("begins", 502, "over"),
        *("begins", "over"),
        *("begins", 200, "over"),
        *("begins", 200, "over"),
    ]


def test_a_port_that_nobody_listens_on_is_named(session):
    with OddServer([plain()]) as server:
        url = server.url
    error = failure(session, url)
    assert error.code == "unreachable_refused"
    assert str(server.port) in error.message


def test_large_answers_come_in_pieces(session):
    with OddServer([plain(b"x" * 3 * MB)]) as server:
        opened = session.open("GET", server.url)
        with opened:
            sizes = [len(piece) for piece in opened.pieces()]
        again = session.request("GET", server.url, repeatable=True)
    assert sum(sizes) == len(again.body) == 3 * MB
    assert max(sizes) <= 262_144
    assert server.connects == 1


def test_a_bad_answer_to_a_download_is_read_whole(session):
    with OddServer([plain(b"gone", 404)]) as server:
        answer = session.open("GET", server.url)
    assert isinstance(answer, Answer)
    assert (answer.status, answer.body) == (404, b"gone")


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b"<html>sign in</html>", "text/html", "answer_not_json"),
        (b"  <!DOCTYPE html>", "application/json", "answer_not_json"),
        (b"", "application/json", "answer_not_json"),
        (b'{"a": [1, 2', "application/json", "answer_broken_json"),
        (b"[" * 100_000, "application/json", "answer_broken_json"),
        (b'{"a": "\xff"}', "application/json", "answer_broken_json"),
    ],
)
def test_an_answer_that_is_no_json_is_named(session, body, kind, code):
    with OddServer([plain(body, Content_Type=kind)]) as server:
        answer = session.request("GET", server.url, repeatable=True)
    with pytest.raises(IntegrationError) as caught:
        answer.json()
    assert caught.value.code == code


def test_a_server_without_tls_is_named(session):
    def greet(connection, _call):
        connection.answer()

    with OddServer([greet]) as server:
        error = failure(session, server.url.replace("http:", "https:"))
    assert error.code == "tls_handshake_failed"


def test_a_text_that_is_no_certificate_is_refused():
    with pytest.raises(IntegrationError) as caught:
        EgressSession(policy=LOCAL, ca_pem="no certificate")
    assert caught.value.code == "authority_unreadable"
