"""Log lines are JSON, carry the ids of what they belong to, and hold no secret."""

import json
import logging
import sys

import pytest

from audit.context import acting
from connector_site.logging import JsonFormatter


def line(message: str, *values: object, error: bool = False) -> dict[str, object]:
    record = logging.LogRecord(
        "integrations",
        logging.WARNING,
        __file__,
        1,
        message,
        values,
        sys.exc_info() if error else None,
    )
    found: dict[str, object] = json.loads(JsonFormatter().format(record))
    return found


def test_a_line_carries_the_ids_of_request_and_run():
    with acting("ann@example.com", request_id="abc", run_id=42):
        found = line("page %s read", 3)
    assert found["message"] == "page 3 read"
    assert (found["request_id"], found["run_id"]) == ("abc", 42)
    assert found["level"] == "WARNING"


def test_an_id_that_is_not_known_is_left_out():
    assert {"request_id", "run_id", "organization_id"}.isdisjoint(line("started"))


@pytest.mark.parametrize(
    "message",
    [
        "password=canary1",
        'answer was {"tokenValue": "canary1"}',
        "Authorization: Bearer canary1",
        "cannot reach redis://:canary1@127.0.0.1:6379/0",
        "cannot reach postgresql://connector_app:canary1@127.0.0.1/connector",
    ],
)
def test_a_secret_never_reaches_the_log(message: str):
    assert "canary1" not in json.dumps(line(message))
    try:
        raise ValueError(message)
    except ValueError:
        found = line("failed", error=True)
    assert "canary1" not in json.dumps(found)
    assert "test_logging.py" in str(found["error"])
