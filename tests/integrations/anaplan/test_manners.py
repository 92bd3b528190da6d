"""Manners towards Anaplan: the budget's calls, its pauses, and nobody who waits too long."""

import time

import pytest

from integrations.anaplan.manners import AnaplanManners
from integrations.transport.errors import IntegrationError
from integrations.transport.ratelimit import LocalBudget
from tests.integrations.anaplan.conftest import polite_client


def error_of(work) -> IntegrationError:
    with pytest.raises(IntegrationError) as caught:
        work()
    return caught.value


@pytest.mark.parametrize(("told", "seconds"), [({"Retry-After": "7"}, 7), ({}, 10)])
def test_a_wait_that_the_server_asks_for_holds_all_of_the_budget_back(anaplan, told, seconds):
    budget = LocalBudget(100)
    client = polite_client(anaplan.origin, budget)
    client.me()
    anaplan.fault("status", "/files", status=429, headers=told)
    error = error_of(client.files)
    assert error.code == "anaplan_rate_limited"
    assert error.retry_after >= seconds - 1
    assert seconds - 1 < budget.acquire() <= seconds
    assert len(anaplan.calls("/files$")) == 1
    assert error_of(client.imports).code == "anaplan_rate_limited"
    assert anaplan.calls("/imports$") == []


@pytest.mark.parametrize(("seconds", "goes"), [(60.0, True), (0.5, False)])
def test_nobody_waits_for_the_budget_past_the_end_of_a_session(seconds, goes):
    budget, slept, refused = LocalBudget(1, window=1.5), [], []

    def sleep(wait):
        slept.append(wait)
        budget.hand_over()

    manners = AnaplanManners(budget, sleep=sleep)
    with manners.turn():
        pass
    try:
        with manners.turn(time.monotonic() + seconds):
            pass
    except IntegrationError as error:
        refused.append(error.code)
    assert refused == ([] if goes else ["anaplan_rate_limited"])
    assert len(slept) == goes


def test_an_own_budget_that_is_used_up_calls_nobody(anaplan):
    client = polite_client(anaplan.origin, LocalBudget(3))
    client.me()
    client.me()
    error = error_of(client.me)
    assert error.code == "anaplan_rate_limited"
    assert error.retry_after > 50
    assert len(anaplan.calls("/users/me")) == 2
