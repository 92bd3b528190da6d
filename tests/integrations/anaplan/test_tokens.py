"""Signing in to Anaplan: rarely, early, and never into a lock-out."""

import threading

import pytest

from integrations.anaplan.tokens import BasicSignIn, CachedTokens, MemoryTokenStore, Token
from integrations.anaplan.types import Hosts
from integrations.transport.errors import IntegrationError
from integrations.transport.tokens import SignInRefused
from tests.integrations.anaplan.conftest import make_client, make_session
from tests.integrations.transport.odd_server import OddServer, plain
from tests.simulators.anaplan.client import ANNA


def sign_in(origin: str, user: tuple[str, str] = ANNA, **options) -> BasicSignIn:
    hosts = Hosts(token=origin, oauth=origin, api=origin)
    return BasicSignIn(
        session=make_session(), hosts=hosts, email=user[0], password=user[1], **options
    )


def test_one_token_serves_all_calls(anaplan, client):
    for _ in range(3):
        client.me()
    assert len(anaplan.calls("/token/authenticate")) == 1


def test_a_password_with_colon_and_umlaut_is_taken(anaplan):
    assert sign_in(anaplan.origin).authenticate().value


def test_a_token_is_renewed_in_its_last_five_minutes_by_one_of_many(anaplan):
    now = [0.0]
    import time

    start = time.time()
    tokens = CachedTokens(
        MemoryTokenStore(),
        sign_in(anaplan.origin, clock=lambda: start + now[0]),
        clock=lambda: start + now[0],
    )
    first = tokens.get()
    now[0] = 29 * 60
    anaplan.look("clock", {"minutes": 29})
    assert tokens.get() == first
    assert anaplan.calls("/token/refresh") == []
    now[0] = 31 * 60
    anaplan.look("clock", {"minutes": 2})
    threads = [threading.Thread(target=tokens.get) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(anaplan.calls("/token/refresh")) == 1
    assert len(anaplan.calls("/token/authenticate")) == 1


def test_a_token_that_died_is_replaced_and_the_call_repeated_once(anaplan, client):
    client.me()
    anaplan.look("clock", {"minutes": 36})
    assert client.me().email == ANNA[0]
    assert len(anaplan.calls("/token/authenticate")) == 2
    assert [call["status"] for call in anaplan.calls("/users/me")] == [200, 401, 200]


def test_a_second_refusal_is_final(anaplan, client):
    anaplan.fault("status", "/users/me", status=401, times=-1)
    with pytest.raises(IntegrationError) as caught:
        client.me()
    assert caught.value.code == "anaplan_token_refused"
    assert "different regions" in caught.value.message
    assert len(anaplan.calls("/users/me")) == 2


@pytest.mark.parametrize("user", [(ANNA[0], "C4nary"), ("nobody@lamps.example", "C4nary")])
def test_a_wrong_password_is_tried_once_and_not_told(anaplan, user):
    client = make_client(anaplan.origin, user)
    for _ in range(4):
        with pytest.raises(IntegrationError) as caught:
            client.me()
        assert caught.value.code == "anaplan_sign_in_refused"
        assert "C4nary" not in repr(vars(caught.value))
    assert len(anaplan.calls("/token/authenticate")) == 1


@pytest.mark.parametrize(
    ("switches", "person", "code"),
    [
        ({"basic_is_enabled": False}, {}, "anaplan_sign_in_refused"),
        ({}, {"sso": True}, "anaplan_sign_in_refused"),
        ({}, {"status": "locked"}, "anaplan_sign_in_refused"),
        ({}, {"status": "password_expired"}, "anaplan_sign_in_refused"),
        ({"allowed_addresses": "192.0.2.7"}, {}, "anaplan_source_refused"),
        (
            {"allowed_addresses": "192.0.2.7", "refused_address_status": 401},
            {},
            "anaplan_sign_in_refused",
        ),
    ],
)
def test_each_refusal_of_a_password_has_a_name_and_is_final(anaplan, switches, person, code):
    anaplan.settings(**switches)
    anaplan.look("users", {"email": ANNA[0], **person})
    tokens = CachedTokens(MemoryTokenStore(), sign_in(anaplan.origin))
    for _ in range(2):
        with pytest.raises(SignInRefused) as caught:
            tokens.get()
        assert caught.value.code == code
        assert "?" not in caught.value.message
    assert len(anaplan.calls("/token/authenticate")) == 1


def test_a_sign_in_that_nobody_answers_is_a_matter_of_time():
    with pytest.raises(IntegrationError) as caught:
        sign_in("http://127.0.0.1:1025").authenticate()
    assert caught.value.code == "unreachable_refused"
    assert not isinstance(caught.value, SignInRefused)


def token_answer(**info):
    import json

    return json.dumps({"tokenInfo": {"tokenValue": "v", **info}}).encode()


def test_the_servers_clock_counts_and_ours_does_not():
    date = "Sun, 22 Nov 2026 10:00:00 GMT"
    ends = 1795341600 + 1200
    with OddServer([plain(token_answer(expiresAt=ends * 1000), 201, Date=date)]) as server:
        token = sign_in(server.url, clock=lambda: 5_000.0).authenticate()
    assert token.expires_at == 5_000.0 + 1200
    assert token.issued_at == 5_000.0


def test_a_life_is_never_taken_for_longer_than_thirty_five_minutes():
    with OddServer([plain(token_answer(expiresAt=10**15), 201)]) as server:
        assert sign_in(server.url, clock=lambda: 1.0).authenticate().expires_at == 2101.0
    with OddServer([plain(token_answer(), 200)]) as server:
        assert sign_in(server.url, clock=lambda: 1.0).authenticate().expires_at == 2101.0


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (plain(b"{}", 201), "anaplan_bad_answer"),
        (plain(b"<html>", 200, Content_Type="text/html"), "answer_not_json"),
        (plain(b'{"secret": "C4nary"}', 500), "anaplan_error"),
        (plain(b"", 429, Retry_After="9"), "anaplan_rate_limited"),
        (plain(b"", 302, Location="https://sso.example.com/"), "redirect_refused"),
        (plain(b"", 404), "anaplan_wrong_host"),
        (plain(b"", 405), "anaplan_wrong_host"),
        (plain(b"", 400), "anaplan_sign_in_malformed"),
        (plain(b"", 401), "anaplan_sign_in_refused"),
        (plain(b"", 403), "anaplan_source_refused"),
    ],
)
def test_odd_answers_of_the_token_service_are_named(script, code):
    with OddServer([script]) as server:
        with pytest.raises(IntegrationError) as caught:
            sign_in(server.url).authenticate()
        assert len(server.calls) == 1
    assert caught.value.code == code
    assert "C4nary" not in repr(vars(caught.value))


def test_a_renewal_that_is_refused_asks_for_a_sign_in():
    with OddServer([plain(b"", 401)]) as server:
        assert sign_in(server.url).renew(Token("v", 1.0)) is None
        assert server.calls[0].headers["authorization"] == "AnaplanAuthToken v"
