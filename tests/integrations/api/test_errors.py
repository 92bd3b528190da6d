"""Errors of the REST API: a problem document for every one of them, whoever notices it."""

import pytest
from django.test import Client

from integrations.api import views
from integrations.selectors import runs
from tests.accounts.people import make_cast
from tests.integrations.api.calls import problem_of, program_of


@pytest.fixture(scope="module")
def program(engines):
    return program_of(make_cast())


@pytest.mark.parametrize("path", ["nothing", "me/", "runs/x", "", "runs/1/records"])
def test_an_address_that_is_not_there(program, path):
    problem = problem_of(program.call(path), 404, "api_path_unknown")
    assert problem["title"] == "No such address of the API"
    assert problem["fields"] == []


def test_an_unknown_version(program):
    problem_of(program.client.get("/api/v9/me"), 404, "api_path_unknown")


def test_a_method_that_an_address_does_not_take(program):
    answer = program.call("me", "post", json={})
    problem_of(answer, 405, "api_method_not_allowed")
    assert answer["Allow"] == "GET, HEAD"
    problem_of(program.call("runs/1", "delete"), 405, "api_method_not_allowed")
    problem_of(program.call("me", "options"), 405, "api_method_not_allowed")


def test_an_answer_in_another_format(program):
    answer = program.call("me", headers={"Accept": "text/csv"})
    problem_of(answer, 406, "api_not_acceptable")


@pytest.mark.parametrize(
    ("kind", "body", "status", "code"),
    [
        ("application/x-www-form-urlencoded", "sync=GL", 415, "api_media_type"),
        ("text/plain", "{}", 415, "api_media_type"),
        ("application/json", "{", 400, "api_body_unreadable"),
        ("application/json", b"\xff", 400, "api_body_unreadable"),
        ("application/json", '{"sync": NaN}', 400, "api_body_unreadable"),
        ("application/json", "[" * 100_000, 400, "api_body_unreadable"),
        ("application/json", '{"a":' * 100_000, 400, "api_body_unreadable"),
        ("application/json", " " * 2_621_441, 413, "api_body_too_large"),
    ],
)
def test_a_body_that_can_not_be_taken(program, kind, body, status, code):
    answer = program.call("runs", "post", data=body, content_type=kind)
    problem_of(answer, status, code)


def test_a_failure_gives_a_reference_and_no_trace(program, monkeypatch, caplog):
    def fail(*arguments, **keywords):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(views, "list_runs", fail)
    answer = program.call("runs")
    problem = problem_of(answer, 500, "internal")
    assert problem["request_id"] in problem["detail"]
    assert "secret detail" not in answer.content.decode()
    assert "secret detail" in caplog.text
    assert runs.list_runs is not fail


def test_a_host_that_is_not_served_here(program):
    answer = program.call("me", headers={"Host": "evil.example"})
    problem_of(answer, 400, "api_bad_request")
    page = Client().get("/sign-in/", headers={"Host": "evil.example"})
    assert page.status_code == 400
    assert "evil.example" not in page.content.decode()


def test_a_forged_host_is_in_no_link(program):
    headers = {"X-Forwarded-Host": "evil.example"}
    assert "evil.example" not in program.call("runs", headers=headers).content.decode()


def test_answers_of_the_api_carry_the_headers_that_keep_them_safe(program):
    for path in ("me", "nothing", "openapi.json"):
        answer = program.call(path)
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert "no-store" in answer["Cache-Control"]
        assert "Access-Control-Allow-Origin" not in answer
        assert not answer.cookies
