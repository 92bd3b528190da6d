"""One stand-in QAD with small books, and organizations that are connected to it."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from audit.tenancy import tenant
from integrations.models import Connection, DocumentCheck, System
from integrations.qad.profile import default_profile
from integrations.services.connections import save_connection
from integrations.services.document_checks import check_profile
from integrations.services.profiles import keep_profile
from simulators import server
from simulators.qad.app import build_app
from tests.accounts.people import Cast, make_cast
from tests.integrations.qad.conftest import StandIn, write_books
from tests.names import unique

Edit = Callable[[dict[str, Any]], object]


def quick_profile() -> dict[str, Any]:
    """The ledger's part of the default profile without spacing, tried once."""
    profile = default_profile()
    for name in ("gl_posting", "supplier", "supplier_invoice"):
        del profile["documents"][name]
    profile["limits"] |= {"min_gap_ms": 0, "tries": 1, "read_s": 5}
    return profile


@dataclass
class Bench:
    """An organization's connection, and what checks of it find."""

    cast: Cast
    connection: Connection

    @property
    def number(self) -> int:
        return int(self.connection.pk)

    def path(self, rest: str = "") -> str:
        """Return an address below the connection."""
        return self.cast.url(f"connections/{self.number}/{rest}")

    def check(self, *names: str) -> dict[str, DocumentCheck]:
        """Check the profile now, and return what is kept by document."""
        rows = check_profile(
            organization=self.cast.organization,
            connection_id=self.number,
            asked_by="owner@example.com",
            documents=names or None,
        )
        return {row.document: row for row in rows}

    def edit(self, change: Edit) -> None:
        """Put a changed profile into force."""
        with tenant(self.cast.organization.pk):
            row = Connection.objects.get(pk=self.number)
            profile = copy.deepcopy(row.profile)
            change(profile)
            keep_profile(row, profile)

    def kept(self) -> dict[str, DocumentCheck]:
        """Return what is kept now."""
        with tenant(self.cast.organization.pk):
            return {row.document: row for row in DocumentCheck.objects.filter(
                organization=self.cast.organization, connection_id=self.number
            )}  # fmt: skip


@cache
def shared_cast() -> Cast:
    """Return the organization of all benches; making one takes longer than a check."""
    return make_cast()


def connect(url: str, edit: Edit | None = None) -> Bench:
    """Return a new connection to a QAD with the default profile, or an edited one."""
    cast, profile = shared_cast(), quick_profile()
    if edit:
        edit(profile)
    connection = save_connection(
        organization=cast.organization,
        system=System.QAD,
        name=unique("QAD"),
        address={"tenant_url": url, "user": "demo"},
        secrets={"password": "demo", "client_id": "ml-connector"},
        profile=profile,
    )
    return Bench(cast, connection)


@pytest.fixture(scope="module")
def _running(tmp_path_factory: pytest.TempPathFactory, engines: Any) -> Iterator[StandIn]:
    with server.start(build_app(write_books(tmp_path_factory.mktemp("books")))) as running:
        yield StandIn(running)


@pytest.fixture
def qad(_running: StandIn) -> Iterator[StandIn]:
    """The stand-in, as at its start."""
    yield _running
    _running.look("reset", {})
