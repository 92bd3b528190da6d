"""Budgets of calls: a moving window, alone and shared."""

import threading
import time

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from integrations.transport.ratelimit import LocalBudget, RedisBudget, Use


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_window_lets_its_limit_pass_and_then_tells_the_wait():
    clock = Clock()
    budget = LocalBudget(3, 60.0, clock=clock)
    for _ in range(3):
        assert budget.acquire() == 0.0
        clock.now += 10
    assert budget.acquire() == pytest.approx(30.0)
    clock.now += 30
    assert budget.acquire() == 0.0
    assert budget.acquire() == pytest.approx(10.0)


def test_a_window_moves_so_that_no_minute_holds_more():
    clock = Clock()
    budget = LocalBudget(10, 60.0, clock=clock)
    taken = []
    for _ in range(400):
        if budget.acquire() == 0.0:
            taken.append(clock.now)
        clock.now += 0.7
    assert all(sum(start <= moment < start + 60 for moment in taken) <= 10 for start in taken)


def test_a_pause_holds_everybody_back():
    clock = Clock()
    budget = LocalBudget(10, clock=clock)
    budget.pause(7)
    assert budget.acquire() == pytest.approx(7.0)
    clock.now += 7
    assert budget.acquire() == 0.0


@pytest.fixture
def shared(engines):
    client = redis.Redis.from_url(engines["REDIS_URL"], socket_timeout=2)
    yield client
    client.close()


@pytest.fixture
def key(request):
    return f"test:{request.node.name}:{time.time_ns()}"


def test_all_workers_share_one_window(shared, key):
    budgets = [RedisBudget(shared, key, 20, 60.0) for _ in range(4)]
    taken = []

    def work(budget):
        for _ in range(20):
            if budget.acquire() == 0.0:
                taken.append(1)

    threads = [threading.Thread(target=work, args=(budget,)) for budget in budgets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 20
    assert 50 < budgets[0].acquire() <= 60


def test_a_shared_window_opens_again(shared, key):
    budget = RedisBudget(shared, key, 2, 0.3)
    assert [budget.acquire(), budget.acquire()] == [0.0, 0.0]
    wait = budget.acquire()
    assert 0 < wait <= 0.3
    time.sleep(wait + 0.01)
    assert budget.acquire(2) == 0.0


def test_a_shared_pause_is_not_cut_short_by_a_shorter_one(shared, key):
    one, other = RedisBudget(shared, key, 10), RedisBudget(shared, key, 10)
    one.pause(7)
    other.pause(1)
    assert 6 < other.acquire() <= 7


def test_two_tenants_have_two_windows(shared, key):
    one, other = RedisBudget(shared, key, 1), RedisBudget(shared, f"{key}-2", 1)
    assert one.acquire() == 0.0
    assert other.acquire() == 0.0


def test_looking_tells_what_is_used_and_takes_nothing(shared, key):
    budget = RedisBudget(shared, key, 3)
    assert budget.look() == Use(calls=0, limit=3, wait=0.0, is_paused=False)
    for _ in range(3):
        budget.acquire()
    full = budget.look()
    assert (full.calls, full.is_paused) == (3, False)
    assert 58 < full.wait <= 60
    RedisBudget(shared, key, 3).pause(7)
    paused = budget.look()
    assert (paused.calls, paused.is_paused) == (3, True)
    assert 6 < paused.wait <= 7


@pytest.fixture
def gone():
    client = redis.Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
    yield client
    client.close()


def come_back(budget, shared):
    """Let a budget whose Redis was away find it again."""
    found = RedisBudget(shared, "unused", 1)
    budget._window, budget._pause = found._window, found._pause


def test_without_redis_a_worker_goes_on_slowly_and_asks_again_later(shared, gone, key):
    clock = Clock()
    budget = RedisBudget(gone, key, 110, 60.0, clock=clock)
    taken = [budget.acquire() for _ in range(13)]
    assert taken[:11] == [0.0] * 11
    assert taken[11] > 0
    assert budget.look() is None
    clock.now += 11
    assert budget.acquire() > 0, "Redis was asked in vain, and the eleven are not forgotten"
    come_back(budget, shared)
    RedisBudget(shared, key, 110).acquire(105)
    clock.now += 9
    assert budget.acquire() > 0, "it is not yet asked again"
    assert budget.look().calls == 105
    clock.now += 2
    assert budget.acquire() > 0, "with the eleven the window is too full"
    shared.delete(f"{{{key}}}:calls")
    assert budget.acquire() == 0.0
    assert budget.look().calls == 12, "calls that were made alone count as well"


def test_a_pause_outlives_redis(shared, gone, key):
    clock = Clock()
    budget = RedisBudget(gone, key, 100, 60.0, clock=clock)
    budget.acquire()
    budget.pause(30)
    come_back(budget, shared)
    clock.now += 11
    assert budget.acquire() == pytest.approx(19.0)
    clock.now += 20
    assert budget.acquire() == 0.0
    budget.pause(30)
    shared.delete(f"{{{key}}}:paused")
    assert 29 < budget.acquire() <= 30
