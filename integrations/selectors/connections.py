"""Connections as pages and the API show them; a secret never leaves its row."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery
from django.shortcuts import get_object_or_404

from accounts.errors import Refused
from accounts.models import Organization
from integrations.models import Connection, Ping, Sync, System
from integrations.selectors.models import open_alarms

SIGN_INS = {
    "oauth2_password": "OAuth2 with user and password",
    "basic": "User and password (Basic)",
    "bearer_static": "A token that was pasted",
    "session_form": "Sign-in form with a session",
    "oauth_code": "OAuth2, approved in the browser",
    "oauth_device": "OAuth2, approved on another device",
    "certificate": "Certificate",
}
"""The ways in, by the name that they have in an address."""


@dataclass(frozen=True, slots=True)
class Line:
    """A connection in the list: its newest ping, how many syncs use it, its open alarms."""

    connection: Connection
    ping: Ping | None
    syncs: int
    alarms: int


def get_connection(
    organization: Organization, connection_id: int, system: System | None = None
) -> Connection:
    """Return a connection, to that system if one is given, in an open scope; 404 for any other."""
    rows = Connection.objects.select_related("organization").filter(organization=organization)
    if system is not None:
        rows = rows.filter(system=system)
    return get_object_or_404(rows, pk=connection_id)


def find_connection(
    organization: Organization, text: str, system: System | None = None
) -> Connection:
    """Return the connection of that number, or the only one of that name; inside an open scope.

    Raises Refused: connection_unknown.
    """
    rows = Connection.objects.filter(organization=organization)
    if system is not None:
        rows = rows.filter(system=system)
    found = list((rows.filter(pk=int(text)) if text.isdecimal() else rows.filter(name=text))[:2])
    if len(found) != 1:
        raise Refused("connection_unknown", number=text)
    return found[0]


def list_connections(organization: Organization, system: System | None = None) -> list[Line]:
    """Return all connections by system and name, inside an open scope."""
    rows = Connection.objects.filter(organization=organization).order_by("-system", "name")
    if system is not None:
        rows = rows.filter(system=system)
    found = list(rows)
    pings = _newest_pings(organization, found)
    used = list(
        Sync.objects.filter(organization=organization).values_list("source_id", "target_id")
    )
    alarms = Counter(open_alarms(organization).values_list("connection_id", flat=True))
    return [
        Line(row, pings.get(row.pk), sum(row.pk in pair for pair in used), alarms[row.pk])
        for row in found
    ]


def page_connections(
    organization: Organization, *, after: int | None, size: int
) -> tuple[list[tuple[Connection, Ping | None]], int | None]:
    """Return a page of connections by id with their newest pings, and its last id if more follow.

    Inside an open scope.
    """
    rows = Connection.objects.filter(organization=organization, pk__gt=after or 0).order_by("pk")
    found = list(rows[: size + 1])
    pings = _newest_pings(organization, found[:size])
    last = found[size - 1].pk if len(found) > size else None
    return [(row, pings.get(row.pk)) for row in found[:size]], last


def _newest_pings(
    organization: Organization, connections: Collection[Connection]
) -> Mapping[int, Ping]:
    """Return the newest ping of each connection; older ones and steps are not read."""
    newest = Ping.objects.filter(organization=organization, connection=OuterRef("pk"))
    numbers = Connection.objects.filter(
        organization=organization, pk__in=[row.pk for row in connections]
    ).values_list(Subquery(newest.order_by("-pk").values("pk")[:1]))
    rows = Ping.objects.filter(organization=organization, pk__in=numbers).defer("steps")
    return {row.connection_id: row for row in rows}


def get_anaplan(organization: Organization, connection_id: int) -> Connection:
    """Return a connection to Anaplan, inside an open scope; 404 for any other."""
    return get_connection(organization, connection_id, System.ANAPLAN)


def newest_ping(connection: Connection) -> Ping | None:
    """Return the newest ping of a connection, without its steps."""
    rows = Ping.objects.filter(organization=connection.organization, connection=connection)
    return rows.order_by("-pk").defer("steps").first()


def connection_report(connection: Connection, ping: Ping | None) -> dict[str, Any]:
    """Return what programs may know of a connection; its secrets are not among it."""
    return {
        "id": connection.pk,
        "system": connection.system,
        "name": connection.name,
        "address": main_address(connection),
        "sign_in": way_in(connection),
        "user": connection.address.get("user", ""),
        "place": connection.place,
        "secrets_set_at": connection.secrets_set_at,
        "secrets_set_by": connection.secrets_set_by,
        "secret_ends_at": connection.secret_ends_at,
        "paused_at": connection.paused_at,
        "paused_code": connection.paused_code,
        "created_at": connection.created_at,
        "last_ping": ping and {"id": ping.pk, "state": ping.standing, "asked_at": ping.asked_at},
    }


def main_address(connection: Connection) -> str:
    """Return the one address that people know a connection by."""
    name = "tenant_url" if connection.system == System.QAD else "api_host"
    return str(connection.address.get(name, ""))


def way_in(connection: Connection) -> str:
    """Name the way in which a connection signs in: a key of `SIGN_INS`."""
    if connection.system == System.QAD:
        auth = connection.profile.get("auth", {})
        return str(auth.get("mode", "oauth2_password"))
    return str(connection.address.get("sign_in", "basic"))
