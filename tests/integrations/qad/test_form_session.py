"""Signing in through QAD's own form: a cookie for a token, and a session that ends unseen."""

import pytest

from integrations.transport.errors import IntegrationError
from integrations.transport.tokens import MemoryTokenStore
from simulators import server
from simulators.qad.app import build_app
from tests.integrations.qad.conftest import HOME, LOGIN, StandIn, make_client, profile

FORM = profile(auth__mode="session_form")
WAYS = {
    "newer": FORM,
    "older": profile(
        auth__mode="session_form",
        auth__login_path="j_spring_security_check",
        auth__login_fields=["j_username", "j_password"],
    ),
}
HALF_AN_HOUR, NINE_HOURS = 31 * 60.0, 9 * 3600.0


def signed_in(qad, **changes):
    changed = make_client(qad.url, FORM, **changes)
    assert changed.ping(HOME).rows == 1
    return changed


def code_of(work):
    with pytest.raises(IntegrationError) as caught:
        work()
    return caught.value.code


@pytest.mark.parametrize("way", WAYS)
def test_the_form_opens_a_session_that_reads(qad, way):
    client = make_client(qad.url, WAYS[way])
    assert [space.entity for space in client.workspaces()] == ["10USACO", "20EURCO"]
    assert client.ping(HOME).rows == 1
    assert (qad.count("logins"), qad.count("tokens")) == (1, 0)


def test_user_and_password_stand_in_no_address(qad):
    signed_in(qad)
    assert [call["query"] for call in qad.calls("/login")] == [""]


@pytest.mark.parametrize("manner", ["redirect", "login_page", "401"])
@pytest.mark.parametrize("seconds", [HALF_AN_HOUR, NINE_HOURS], ids=["idle", "too long"])
def test_an_ended_session_costs_one_sign_in_and_no_rows(qad, manner, seconds):
    client = signed_in(qad)
    qad.settings(cookie_signed_out=manner, clock_ahead_seconds=seconds)
    assert client.ping(HOME).rows == 1
    assert (qad.count("logins"), qad.count("signed_out")) == (2, 1)


def test_a_session_is_shared_by_all_who_share_the_store(qad):
    store = MemoryTokenStore()
    for _ in range(3):
        signed_in(qad, store=store)
    assert qad.count("logins") == 1
    assert store.read().value.startswith("JSESSIONID=")


def test_a_refused_form_is_remembered(qad):
    client = make_client(qad.url, FORM, credentials={**LOGIN, "password": "wrong"})
    assert [code_of(client.ping) for _ in range(4)] == ["qad_unauthorized"] * 4
    assert qad.count("logins_refused") == 1


def test_a_session_that_never_holds_is_tried_twice_and_no_more(qad):
    client = signed_in(qad)
    qad.settings(session_minutes=0)
    assert code_of(client.ping) == "qad_not_logged_in"
    assert qad.count("logins") == 2


def test_a_form_that_is_not_there_is_named_by_its_path(qad):
    elsewhere = profile(auth__mode="session_form", auth__login_path="sign/in")
    assert code_of(make_client(qad.url, elsewhere).ping) == "qad_no_login_form"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"status": 302, "headers": {"Location": "https://sso.example.com/"}}, "redirect_refused"),
        ({"status": 302, "headers": {"Location": "/clouderp/"}}, "qad_no_session"),
        ({"status": 200, "body": "<form>again</form>"}, "qad_unauthorized"),
        ({"status": 503}, "qad_error"),
        ({"status": 400}, "qad_bad_request"),
    ],
)
def test_each_other_answer_to_the_form_has_a_name(qad, answer, code):
    qad.fault("status", "/login", **answer)
    assert code_of(make_client(qad.url, FORM).ping) == code


def test_what_is_answered_never_shows_the_cookie(qad):
    store = MemoryTokenStore()
    signed_in(qad, store=store)
    client = make_client(qad.url, FORM, store=store)
    cookie = store.read().value.partition("=")[2]
    qad.fault("status", "Entities", status=400, body=f"bad call with {cookie}")
    with pytest.raises(IntegrationError) as caught:
        client.ping(HOME)
    assert "bad call with ***" in caught.value.detail
    assert cookie not in caught.value.detail


def test_a_form_below_another_root_works(books):
    with server.start(build_app(books, context_root="/qad-central/test")) as running:
        signed_in(StandIn(running))
