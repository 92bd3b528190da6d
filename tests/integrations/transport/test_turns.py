"""Turns: calls under way and their spacing, alone and over all workers."""

import threading
import time

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from integrations.transport import turns as module
from integrations.transport.ratelimit import Use
from integrations.transport.turns import Pacer, Turns


@pytest.fixture
def shared(engines):
    client = redis.Redis.from_url(engines["REDIS_URL"], socket_timeout=2)
    yield client
    client.close()


@pytest.fixture
def key(request):
    return f"test:{request.node.name}:{time.time_ns()}"


def make_turns(shared, key, *, at_once=2, gap=0.0, longest=60.0):
    return Turns(shared, key, at_once, gap, longest=longest)


def test_starts_are_spaced_over_all_threads():
    now, slept = [0.0], []
    pacer = Pacer(0.1, clock=lambda: now[0], sleep=slept.append)
    for _ in range(4):
        pacer.wait()
    assert [round(seconds, 3) for seconds in slept] == [0.1, 0.2, 0.3]
    now[0] = 10.0
    pacer.wait()
    assert len(slept) == 3


def test_a_start_that_would_be_too_late_is_refused_at_once_and_takes_no_room():
    slept = []
    pacer = Pacer(5.0, clock=lambda: 0.0, sleep=slept.append)
    assert [pacer.wait(1.0), pacer.wait(1.0), pacer.wait(1.0)] == [True, False, False]
    assert pacer.wait(5.0)
    assert slept == [5.0]


def test_all_workers_share_the_turns(shared, key):
    one, other = make_turns(shared, key), make_turns(shared, key)
    first, second = one.take(1), other.take(1)
    assert one.take(0.1) is None
    assert other.take(0.1) is None
    assert one.look() == Use(calls=2, limit=2, wait=0.0, is_paused=False)
    other.give_back(second)
    third = one.take(1)
    assert len({first, second, third}) == 3
    one.give_back(first)
    one.give_back(third)
    assert one.look().calls == 0


def test_all_workers_keep_the_gap_together(shared, key):
    workers = [make_turns(shared, key, gap=0.05) for _ in range(3)]
    began = time.monotonic()
    for number in range(7):
        worker = workers[number % 3]
        worker.give_back(worker.take(1))
    assert time.monotonic() - began >= 6 * 0.05


def test_a_turn_that_would_come_too_late_takes_nothing_and_nobody_waits_for_it(shared, key):
    turns = make_turns(shared, key, at_once=3, gap=1.0)
    turns.give_back(turns.take(1))
    began = time.monotonic()
    assert [turns.take(0.5), turns.take(0.5), turns.take(0)] == [None] * 3
    assert time.monotonic() - began < 0.4
    assert turns.look().calls == 0
    turns.give_back(turns.take(2))
    assert time.monotonic() - began < 1.5, "those that were refused hold no place in the line"


def test_a_patience_that_is_over_takes_a_turn_that_is_free_and_waits_for_no_other(shared, key):
    turns = make_turns(shared, key, at_once=1)
    assert turns.take(-1)
    began = time.monotonic()
    assert turns.take(-1) is None
    assert time.monotonic() - began < 0.2


def test_another_connection_has_turns_of_its_own(shared, key):
    assert make_turns(shared, key, at_once=1).take(0.1)
    assert make_turns(shared, f"{key}-2", at_once=1).take(0.1)


def test_a_pause_holds_all_workers_back(shared, key):
    one, other = make_turns(shared, key), make_turns(shared, key)
    one.pause(0.3)
    assert other.look().is_paused
    assert other.take(0.1) is None
    began = time.monotonic()
    other.give_back(other.take(1))
    assert 0.1 < time.monotonic() - began < 0.9


def test_a_call_that_takes_long_keeps_its_turn_and_a_killed_workers_is_free_again(
    shared, key, monkeypatch
):
    monkeypatch.setattr(module, "HOLD_SECONDS", 0.3)
    monkeypatch.setattr(module, "RENEW_SECONDS", 0.1)
    one = make_turns(shared, key, at_once=1)
    other = make_turns(shared, key, at_once=1)
    ticket = one.take(1)
    assert other.take(0.8) is None
    one._keeper.drop(ticket)  # the worker is killed: nothing is said of the ticket any more
    assert other.take(1)


def test_a_ticket_that_nobody_gives_back_is_let_go_in_the_end(shared, key, monkeypatch):
    monkeypatch.setattr(module, "HOLD_SECONDS", 0.2)
    monkeypatch.setattr(module, "RENEW_SECONDS", 0.05)
    make_turns(shared, key, at_once=1, longest=0.2).take(1)
    assert make_turns(shared, key, at_once=1).take(2)


def test_without_redis_a_process_keeps_to_the_same_numbers_alone(key):
    gone = redis.Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
    alone = make_turns(gone, key, gap=0.05)
    assert alone.look() is None
    began = time.monotonic()
    assert [alone.take(1), alone.take(1)] == ["", ""]
    assert time.monotonic() - began >= 0.05
    assert alone.take(0.05) is None
    threading.Timer(0.05, alone.give_back, [""]).start()
    assert alone.take(1) == ""
    alone.give_back("")
    alone.pause(30)
    assert alone.take(0.05) is None
    slow = make_turns(gone, key, gap=5.0)
    slow.give_back(slow.take(1))
    began = time.monotonic()
    assert slow.take(1) is None
    assert time.monotonic() - began < 0.5
    gone.close()
