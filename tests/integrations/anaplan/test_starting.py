"""Starting an action: at most once, and an answer that was lost is never taken for a no."""

import time

import pytest

from integrations.anaplan import calls
from integrations.transport.errors import IntegrationError
from tests.simulators.anaplan.client import ACTUALS


def error_of(work) -> IntegrationError:
    with pytest.raises(IntegrationError) as caught:
        work()
    return caught.value


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("reset", {}),
        ("drop", {}),
        ("status", {"status": 500}),
        ("status", {"status": 502}),
        ("status", {"status": 503, "headers": {"Retry-After": "1"}}),
        ("status", {"status": 504}),
        ("status", {"status": 408}),
        ("status", {"status": 200, "body": {}}),
        ("status", {"status": 200, "body": "<html>busy</html>"}),
        ("truncate", {}),
        ("slow", {"seconds": 1.5}),
    ],
)
def test_a_lost_answer_to_a_start_is_unclear_and_never_repeated(
    anaplan, client, monkeypatch, kind, params
):
    monkeypatch.setattr(calls, "CALL_SECONDS", 0.5)
    anaplan.fault(kind, "/tasks$", method="POST", times=-1, **params)
    error = error_of(lambda: client.start_import(ACTUALS))
    assert error.code == "anaplan_start_unclear"
    for _ in range(40):
        if anaplan.calls("/tasks$", "POST"):
            break
        time.sleep(0.05)
    assert len(anaplan.calls("/tasks$", "POST")) == 1


def test_a_lost_answer_can_be_settled_by_the_task_list(anaplan, client):
    known = {task.id for task in client.list_tasks("imports", ACTUALS)}
    anaplan.fault("reset", "/tasks$", method="POST")
    assert error_of(lambda: client.start_import(ACTUALS)).code == "anaplan_start_unclear"
    new = [task for task in client.list_tasks("imports", ACTUALS) if task.id not in known]
    assert len(new) == 1
    assert anaplan.count("import_posts") == 1


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "anaplan_bad_request"),
        (403, "anaplan_forbidden"),
        (404, "anaplan_not_found"),
        (405, "anaplan_bad_request"),
        (409, "anaplan_model_busy"),
        (410, "anaplan_not_found"),
        (422, "anaplan_model_archived"),
        (423, "anaplan_model_locked"),
        (424, "anaplan_model_offline"),
        (425, "anaplan_model_deployed"),
        (429, "anaplan_rate_limited"),
    ],
)
def test_a_clean_refusal_of_a_start_is_certain(anaplan, client, status, code):
    anaplan.fault("status", "/tasks$", method="POST", status=status, times=-1)
    error = error_of(lambda: client.start_import(ACTUALS))
    assert error.code == code
    assert "?" not in error.message
    assert (error.retry_after is not None) == (error.kind == "transient")
    assert len(anaplan.calls("/tasks$", "POST")) == 1


def test_a_start_that_could_not_be_sent_is_no_unclear_start(anaplan, client):
    client.me()
    client._calls._base = "http://127.0.0.1:1/2/0"
    assert error_of(lambda: client.start_import(ACTUALS)).code == "unreachable_refused"


def test_a_refused_token_at_a_start_is_renewed_and_the_start_sent_once_more(anaplan, client):
    client.me()
    anaplan.fault("status", "/tasks$", method="POST", status=401)
    assert client.start_import(ACTUALS)
    assert anaplan.count("import_posts") == 1


def test_a_token_service_in_trouble_at_a_start_is_no_unclear_start(anaplan, client):
    client.me()
    anaplan.fault("status", "/tasks$", method="POST", status=401, times=-1)
    anaplan.fault("reset", "/token/authenticate", times=-1)
    assert error_of(lambda: client.start_import(ACTUALS)).code == "connection_lost"
