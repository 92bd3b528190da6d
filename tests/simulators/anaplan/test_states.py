"""States of a model, and the limit of requests."""

import pytest

from tests.simulators.anaplan.client import ACTUALS, ACTUALS_FILE, COPY, MODEL


@pytest.mark.parametrize(
    ("state", "get", "post"),
    [
        ("UNLOCKED", 200, 200),
        ("PRODUCTION", 200, 200),
        ("LOCKED", 200, 423),
        ("ARCHIVED", 422, 422),
        ("MAINTENANCE", 424, 424),
        ("PRODUCTION_MAINTENANCE", 424, 424),
    ],
)
def test_a_state_decides_what_may_be_called(anna, state, get, post):
    body = anna.tell("settings", {"model": MODEL, "activeState": state}).json()
    assert body["activeStates"] == {MODEL: state, COPY: "PRODUCTION"}
    assert anna.model("GET", "/files").status_code == get
    upload = anna.model("POST", f"/files/{ACTUALS_FILE}", json={"chunkCount": 1})
    assert upload.status_code == post
    task = anna.model("POST", f"/imports/{ACTUALS}/tasks", json={"localeName": "en_US"})
    assert task.status_code == post
    shown = anna.call("GET", f"/models/{MODEL}").json()["model"]
    assert shown["activeState"] == state


def test_more_requests_than_allowed_are_429_until_the_bucket_fills(anna):
    anna.tell("settings", {"requests_per_minute": 30})
    statuses = [anna.call("GET", "/users/me").status_code for _ in range(32)]
    assert statuses[:30] == [200] * 30
    assert statuses[-1] == 429
    answer = anna.call("GET", "/users/me")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")
    anna.tell("clock", {"seconds": 10})
    statuses = [anna.call("GET", "/users/me").status_code for _ in range(7)]
    assert statuses.count(200) in (5, 6)
    assert anna.look("counters")["too_many_requests"] >= 3


def test_the_limit_can_be_switched_off(anna):
    anna.tell("settings", {"requests_per_minute": 0})
    assert {anna.call("GET", "/users/me").status_code for _ in range(700)} == {200}
