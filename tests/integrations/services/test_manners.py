"""Whose budget a connection's calls count in, and what its page says of them."""

import html
import re
import time
from uuid import uuid4

import pytest

from accounts.models import Role
from audit.tenancy import tenant
from integrations.models import Connection, System
from integrations.services import manners
from integrations.services.clients import build_anaplan, identity_of
from integrations.services.connections import add_connection
from integrations.services.manners import TenantBudget, budget_of, turns_of
from integrations.services.throttling import standing_of, throttled
from integrations.transport.errors import IntegrationError
from simulators import server
from simulators.anaplan.app import build_app
from tests.accounts.people import make_cast
from tests.integrations.anaplan.conftest import StandIn
from tests.simulators.anaplan.client import ANNA, MODEL_FILE

# A client of Redis that is made before the engines run would stay without them.
pytestmark = pytest.mark.usefixtures("engines")


@pytest.fixture(scope="module")
def cast(engines):
    return make_cast()


@pytest.fixture(scope="module")
def anaplan(engines):
    with server.start(build_app(MODEL_FILE)) as running:
        yield StandIn(running.origin)


def connect(cast, origin="https://api.anaplan.com"):
    """Return a new Anaplan connection."""
    return add_connection(
        organization=cast.organization,
        system=System.ANAPLAN,
        name=f"Planning {uuid4().hex[:6]}",
        address={
            "token_host": origin, "oauth_host": origin, "api_host": origin, "user": ANNA[0],
        },
        secrets={"password": ANNA[1]},
    )  # fmt: skip


def named(customer, host="https://api.anaplan.com"):
    """Return a connection whose customer Anaplan has named."""
    return Connection(system=System.ANAPLAN, identity=customer, address={"api_host": host})


def test_the_first_calls_count_for_the_connection_and_then_for_the_customer(cast, anaplan):
    connection = connect(cast, anaplan.origin)
    client = build_anaplan(connection)
    client.workspaces()
    assert standing_of(connection).calls == 2, "the sign-in and the list"
    assert (standing_of(connection).limit, standing_of(connection).is_named) == (30, False)
    identity_of(connection, client)
    client.workspaces()
    after = standing_of(connection)
    assert (after.calls, after.limit, after.reserve, after.is_named) == (4, 500, 100, True)
    assert len(anaplan.calls("^/(2/0|token)/")) == 4


def test_all_connections_of_a_customer_share_its_budget_whoever_they_belong_to():
    customer = uuid4().hex
    first, second = TenantBudget(named(customer)), TenantBudget(named(customer))
    assert first.acquire(500) == 0
    assert second.acquire() > 50
    assert TenantBudget(named(uuid4().hex)).acquire() == 0


@pytest.mark.parametrize(
    ("host", "is_shared"),
    [
        ("https://us9.api.anaplan.com", True),
        ("https://API.Anaplan.com:443", False),
        ("https://anaplan.com.thief.example", False),
        ("https://thiefanaplan.com", False),
    ],
)
def test_a_host_of_somebody_else_cannot_use_up_a_customers_budget(host, is_shared):
    customer = uuid4().hex
    assert TenantBudget(named(customer, host)).acquire(500) == 0
    assert (TenantBudget(named(customer)).acquire() > 0) == is_shared


def test_a_connection_that_nobody_has_named_gets_little(cast):
    connection = connect(cast)
    budget = TenantBudget(connection)
    assert [budget.acquire() for _ in range(30)] == [0.0] * 30
    assert budget.acquire() > 50
    assert throttled([connection]).keys() == {connection.pk}
    connection.identity = uuid4().hex
    assert budget.acquire() == 0.0
    assert budget_of(connection).look().calls == 31, "none is forgotten"


def test_a_process_has_one_budget_for_each_customer_and_not_one_for_each_client():
    customer = uuid4().hex
    assert budget_of(named(customer)) is budget_of(named(customer))


def test_a_qad_connections_workers_take_turns_of_its_profile(cast):
    limits = manners.Limits(concurrency=1, min_gap_ms=0)
    connection = Connection(system=System.QAD, reference=uuid4())
    other = Connection(system=System.QAD, reference=uuid4())
    polite = manners.qad_manners(connection, limits)
    polite._patience = 0.05
    with polite.turn(), manners.qad_manners(other, limits).turn():
        assert turns_of(connection, limits).look().calls == 1
        with pytest.raises(IntegrationError) as caught, polite.turn():
            pass
    assert caught.value.code == "qad_turn_late"
    assert caught.value.retry_after >= 1
    assert turns_of(connection, limits).look().calls == 0


def read(cast, path):
    answer = cast.client(Role.VIEWER).get(cast.url(path))
    return answer, " ".join(html.unescape(answer.content.decode()).split())


def test_the_page_shows_what_is_used_and_what_throttles(cast, engines):
    connection = connect(cast)
    with tenant(cast.organization.pk):
        Connection.objects.filter(pk=connection.pk).update(identity=uuid4().hex)
        connection.refresh_from_db()
    budget_of(connection).acquire(143)
    path = f"connections/{connection.pk}/budget/"
    part, words = read(cast, path)
    assert "143 of 500" in words
    assert "100 of the 600 calls a minute that Anaplan takes are left to your other tools" in words
    assert "Throttled" not in words
    again = cast.client(Role.VIEWER).get(cast.url(path), headers={"If-None-Match": part["ETag"]})
    assert again.status_code == 304
    budget_of(connection).acquire(357)
    seconds = standing_of(connection).seconds
    assert 55 < seconds <= 61
    _, words = read(cast, f"connections/{connection.pk}/")
    assert "Throttled for " in words
    assert "the tenant's 500 calls a minute are used up." in words
    budget_of(connection).pause(100)
    _, words = read(cast, path)
    assert "Anaplan has asked for a pause." in words
    assert re.search(r"Throttled for (9\d|100) s", read(cast, "connections/")[1])


def test_the_page_of_a_qad_connection_shows_its_turns(cast):
    connection = add_connection(
        organization=cast.organization,
        system=System.QAD,
        name="Books",
        address={"tenant_url": "https://acme.example.com/clouderp", "user": "robot"},
        secrets={"password": "x"},
    )
    limits = manners.limits_of(connection)
    ticket = turns_of(connection, limits).take(1)
    _, words = read(cast, f"connections/{connection.pk}/")
    assert "1 of 2" in words
    assert "at most 2 at once, their starts 100 ms apart, over all workers together" in words
    turns_of(connection, limits).give_back(ticket)
    turns_of(connection, limits).pause(20)
    assert "QAD has asked for a pause" in read(cast, f"connections/{connection.pk}/budget/")[1]


def test_without_redis_the_page_says_that_it_does_not_know(cast, monkeypatch):
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    gone = redis.Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
    monkeypatch.setattr(manners, "redis_client", lambda: gone)
    connection = connect(cast)
    began = time.monotonic()
    assert (
        "does not answer. Each worker goes on by itself, slowly."
        in read(cast, f"connections/{connection.pk}/budget/")[1]
    )
    assert time.monotonic() - began < 2
    assert throttled([connection]) == {}
    gone.close()
