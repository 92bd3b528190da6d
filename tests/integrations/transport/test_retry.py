"""Waiting and giving up, decided by a pure function."""

import statistics
from datetime import UTC, datetime

import pytest

from integrations.transport.retry import GiveUp, Wait, decide, parse_retry_after, wish_in


def highest(_low: float, high: float) -> float:
    return high


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 422, 423, 424, 501])
def test_what_time_does_not_mend_is_given_up_at_once(status):
    assert decide(status, 0, None, repeatable=True) == GiveUp(None)


@pytest.mark.parametrize("status", [None, 429, 500, 502, 503, 504])
def test_what_passes_is_waited_for_only_where_a_repeat_is_safe(status):
    assert isinstance(decide(status, 0, None, repeatable=True), Wait)
    given_up = decide(status, 0, None, repeatable=False)
    assert isinstance(given_up, GiveUp)
    assert given_up.retry_after > 0


def test_waits_double_up_to_a_cap_and_end_after_four_tries():
    waits = [decide(503, attempt, None, repeatable=True, uniform=highest) for attempt in range(4)]
    assert waits[:3] == [Wait(0.3), Wait(0.6), Wait(1.2)]
    assert isinstance(waits[3], GiveUp)


def test_the_servers_wish_is_a_floor_and_jitter_comes_on_top():
    assert decide(429, 0, 2.0, repeatable=True, uniform=highest) == Wait(2.3)
    for _ in range(50):
        assert decide(429, 0, 2.0, repeatable=True).seconds >= 2.0


def test_a_wait_that_a_worker_should_not_sit_out_is_handed_back():
    verdict = decide(429, 0, 7.0, repeatable=True, uniform=highest)
    assert verdict == GiveUp(17.0)
    assert isinstance(decide(503, 1, 3.0, repeatable=True, waited=3.0), GiveUp)


def test_forty_workers_do_not_come_back_in_lockstep():
    waits = [decide(429, 2, None, repeatable=True).seconds for _ in range(400)]
    assert statistics.stdev(waits) > 0.2 * statistics.mean(waits)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 0.5 ", 0.5),
        ("-3", 0.0),
        ("999999", 3600.0),
        ("Sun, 22 Nov 2026 10:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 09:00:00 GMT", 0.0),
        ("soon", None),
        ("nan", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(header, seconds):
    now = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)
    assert parse_retry_after(header, now) == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7", "date": "nonsense"}, 7.0),
        (
            {
                "retry-after": "Wed, 21 Oct 2015 07:28:09 GMT",
                "date": "Wed, 21 Oct 2015 07:28:00 GMT",
            },
            9.0,
        ),
        ({"retry-after": "Wed, 21 Oct 99999 07:28:09 GMT"}, None),
    ],
)
def test_a_date_is_taken_by_the_servers_own_clock(headers, seconds):
    assert wish_in(headers) == seconds
