"""How many pings run at once, how many are kept, and how little lists read of them."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.errors import Refused
from audit.tenancy import tenant
from integrations.models import Ping
from integrations.selectors.connections import list_connections, newest_ping, page_connections
from integrations.tasks import purge_expired
from tests.accounts.people import make_cast
from tests.integrations.pinging.conftest import ask, connect_qad
from tests.integrations.scenes import add_ping
from tests.parallel import all_at_once


def several(cast, count):
    address = "https://qad.invalid/clouderp"
    names = [f"Head office {number}" for number in range(1, count + 1)]
    return [connect_qad(cast.organization, address, name=name) for name in names]


def test_however_many_press_at_once_two_pings_of_an_organization_run(cast):
    connections = several(cast, 10)
    other = several(make_cast(), 1)[0]

    def press(number):
        return ask(connections[number]).pk

    answers = all_at_once(10, press)
    assert answers.count("pings_run_already") == 8
    with tenant(cast.organization.pk):
        assert Ping.objects.count() == 2
    assert ask(other), "another organization's pings are its own"


def test_a_third_ping_is_refused_by_naming_those_that_run_until_one_has_ended(cast):
    first, second, third = several(cast, 3)
    ping = ask(first)
    ask(second)
    with pytest.raises(Refused) as caught:
        ask(third)
    assert caught.value.code == "pings_run_already"
    assert "Head office 1 (by owner@example.com)" in caught.value.message
    assert "Head office 2 (by owner@example.com)" in caught.value.message
    assert ask(first).pk == ping.pk, "a ping that runs is joined all the same"
    with tenant(cast.organization.pk):
        long_ago = timezone.now() - timedelta(seconds=61)
        Ping.objects.filter(pk=ping.pk).update(started_at=long_ago)
    assert ask(third).pk != ping.pk, "one whose worker died does not count"


def test_the_newest_twenty_of_each_connection_are_kept(cast):
    first, second = several(cast, 2)
    pings = [add_ping(first) for _ in range(23)]
    add_ping(second)
    purge_expired()
    with tenant(cast.organization.pk):
        kept = list(
            Ping.objects.filter(connection=first).order_by("pk").values_list("pk", flat=True)
        )
        assert Ping.objects.filter(connection=second).count() == 1
    assert kept == [ping.pk for ping in pings[3:]]


def test_lists_read_the_newest_ping_alone_and_never_its_steps(cast):
    connections = several(cast, 3)
    newest = {row.pk: [add_ping(row), add_ping(row, "failed")][-1].pk for row in connections[:2]}
    with tenant(cast.organization.pk), CaptureQueriesContext(database) as queries:
        lines = list_connections(cast.organization)
        page, _ = page_connections(cast.organization, after=None, size=50)
        found = newest_ping(connections[0])
    seen = {line.connection.pk: line.ping.pk for line in lines if line.ping}
    assert seen == {row.pk: ping.pk for row, ping in page if ping} == newest
    assert found.pk == newest[connections[0].pk]
    about = [query["sql"] for query in queries if "integrations_ping" in query["sql"]]
    assert len(about) == 3, "as many queries for many connections as for one"
    assert not [sql for sql in about if '"steps"' in sql]
    assert all("LIMIT 1" in sql for sql in about), "older pings are not read"
