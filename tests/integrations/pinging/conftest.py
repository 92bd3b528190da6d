"""Both stand-ins, started once for a module, and organizations that are connected to them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Organization
from audit.tenancy import tenant
from integrations.models import Connection, Ping, System
from integrations.qad.profile import default_profile
from integrations.selectors.pings import PingSeen, get_ping
from integrations.services.connections import save_connection
from integrations.services.document_checks import check_where_asked
from integrations.services.pinging.asking import start_ping
from integrations.services.pinging.carrying import carry_out
from simulators import server
from simulators.anaplan.app import build_app as build_anaplan
from simulators.qad.app import build_app as build_qad
from tests.accounts.people import Cast, make_cast
from tests.runs.conftest import StandIn
from tests.runs.small_world import MODEL, WORKSPACE, write_world

QAD_SECRET = "demo"
ANAPLAN_SECRET = "robot-secret"
CHOSEN = {"workspace_id": WORKSPACE, "model_id": MODEL, "model_name": "FP&A"}


@dataclass
class Sides:
    """The stand-ins of one module."""

    qad: StandIn
    anaplan: StandIn
    books: Path

    def heal(self) -> None:
        """Take back what a test has ordered."""
        self.qad.call("POST", "reset", {})
        self.anaplan.heal()
        self.anaplan.call("POST", "settings", {"activeState": "UNLOCKED"})


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, engines: Any) -> Iterator[Sides]:
    """Both stand-ins, ready to be pinged."""
    world = write_world(tmp_path_factory.mktemp("ping") / "world")
    qad, anaplan = (
        StandIn(server.start(app)) for app in (build_qad(world.books), build_anaplan(world.model))
    )
    yield Sides(qad, anaplan, world.books)
    qad.running.stop()
    anaplan.running.stop()


@pytest.fixture
def sides(both: Sides) -> Iterator[Sides]:
    """Both stand-ins as they were at their start."""
    yield both
    both.heal()


@pytest.fixture
def cast(engines: Any) -> Cast:
    """An organization with its members."""
    return make_cast()


def connect_qad(organization: Organization, url: str, **options: Any) -> Connection:
    """Return a connection to a QAD; `profile` changes parts of the usual profile."""
    profile = default_profile()
    profile["limits"]["min_gap_ms"] = 0
    for part, values in options.get("profile", {}).items():
        profile[part] |= values
    return save_connection(
        organization=organization,
        system=System.QAD,
        name=options.get("name", "Head office"),
        address={"tenant_url": url, "user": "demo"},
        secrets={"password": options.get("password", QAD_SECRET), "client_id": "ml-connector"},
        profile=profile,
    )


def check(connection: Connection) -> None:
    """Check the profile of a connection to QAD, as a worker does after it was saved."""
    check_where_asked(connection.organization_id, connection.pk)


def connect_anaplan(organization: Organization, url: str, **options: Any) -> Connection:
    """Return a connection to an Anaplan whose model is chosen."""
    hosts = dict.fromkeys(("token_host", "oauth_host", "api_host"), url)
    connection = save_connection(
        organization=organization,
        system=System.ANAPLAN,
        name="Planning",
        address={**hosts, "user": "robot@small.example"},
        secrets={"password": options.get("password", ANAPLAN_SECRET)},
    )
    with tenant(organization.pk):
        Connection.objects.filter(pk=connection.pk).update(place=options.get("place", CHOSEN))
    return connection


def ask(connection: Connection) -> Ping:
    """Ask for a ping that the caller carries out."""
    return start_ping(
        organization=connection.organization,
        connection_id=connection.pk,
        asked_by="owner@example.com",
        is_here=True,
    )


def look(connection: Connection, ping: Ping) -> PingSeen:
    """Return a ping as it is now."""
    with tenant(connection.organization_id):
        return get_ping(connection.organization, connection.pk, ping.pk)


def ping_of(connection: Connection, on_step: Callable[[], None] = lambda: None) -> PingSeen:
    """Ping a connection and return what was found."""
    ping = ask(connection)
    carry_out(connection.organization_id, ping.pk, on_step=on_step)
    return look(connection, ping)


def states(ping: PingSeen) -> dict[str, str]:
    """Return the state of each step."""
    return {step.name: str(step.state) for step in ping.steps}
