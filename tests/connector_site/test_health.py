"""Health answers before all else, and tells what a load balancer needs to know."""

import pytest
from django.conf import settings
from django.test import Client, override_settings


@pytest.fixture
def client() -> Client:
    return Client()


def test_healthz_answers_any_host_without_a_session(client: Client):
    answer = client.get("/healthz", headers={"host": "10.0.0.7:8000"})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies


def test_readyz_tells_that_both_servers_answer(client: Client, engines: dict[str, str]):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ready", "database": "ok", "redis": "ok"},
    )


def test_a_lost_redis_is_told_but_does_not_take_the_pages_away(
    client: Client, engines: dict[str, str]
):
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["redis"]) == (200, "unreachable")


def test_a_lost_database_takes_the_pages_away(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("connector_site.health._database_answers", lambda: False)
    assert client.get("/readyz").status_code == 503


def test_pages_forbid_scripts_and_styles_that_are_not_files_of_ours(client: Client):
    policy = client.get("/sign-in/")["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == "'self'"
    assert "unsafe" not in policy
    assert rules["frame-ancestors"] == "'none'"


def test_cookies_are_closed_to_scripts():
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.CSRF_COOKIE_HTTPONLY
