"""Connecting a QAD: its address, the way in, and what the instance tells before it is saved."""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.errors import Refused
from accounts.models import Organization
from audit.tenancy import reading, tenant
from integrations.encryption import SealBroken
from integrations.fields import open_sealed
from integrations.models import Connection, System
from integrations.qad import looks
from integrations.qad.address import Advice, read_address
from integrations.qad.profile import Profile, default_profile
from integrations.selectors.connections import way_in as way_in_of
from integrations.selectors.qad import get_qad
from integrations.services.clients import address_policy, new_session
from integrations.services.connections import add_connection, change_connection, lock_connection
from integrations.transport.errors import IntegrationError

LOGIN_FIELDS = {
    "login": ("username", "password"),
    "j_spring_security_check": ("j_username", "j_password"),
}
"""Where instances take their sign-in form, and what it calls user and password."""


@dataclass(frozen=True, slots=True)
class WayIn:
    """How to sign in to a QAD.

    `mode` is that of the profile; `secret` the password or the pasted token, "" where the
    stored one stays.
    """

    mode: str
    user: str = ""
    client_id: str = ""
    login_path: str = "login"
    secret: str = field(default="", repr=False)

    @property
    def secret_name(self) -> str:
        """What the secret is called beside others."""
        return "token" if self.mode == "bearer_static" else "password"


@dataclass(frozen=True, slots=True)
class Saved:
    """A connection to a QAD as it is saved; of its secret only what and since when it is."""

    number: int
    name: str
    tenant_url: str
    mode: str
    user: str
    client_id: str
    login_path: str
    secret_name: str
    secret_set_at: datetime | None
    secret_set_by: str


def find_saved(organization: Organization, connection_id: int) -> Saved:
    """Return how a connection to a QAD is saved; 404 for any other."""
    with reading(organization.pk):
        row = get_qad(organization, connection_id)
        auth = row.profile.get("auth", {})
        return Saved(
            number=row.pk,
            name=row.name,
            tenant_url=row.address.get("tenant_url", ""),
            mode=way_in_of(row),
            user=row.address.get("user", ""),
            client_id=_client_id_of(row),
            login_path=str(auth.get("login_path", "login")),
            secret_name=_stored_secret(row),
            secret_set_at=row.secrets_set_at,
            secret_set_by=row.secrets_set_by,
        )


def connect_qad(
    *, organization: Organization, name: str, tenant_url: str, way_in: WayIn
) -> Connection:
    """Save a new connection to a QAD.

    Raises Refused: connection_name_taken, address_invalid, profile_invalid.
    """
    return add_connection(
        organization=organization,
        system=System.QAD,
        name=name,
        address=_address(tenant_url, way_in),
        secrets={way_in.secret_name: way_in.secret},
        profile=_profile_with(way_in, default_profile()),
    )


def change_qad(
    *, organization: Organization, connection_id: int, name: str, tenant_url: str, way_in: WayIn
) -> Connection:
    """Change a connection to a QAD; another way in is a version of its profile.

    Raises Refused: secret_needed, connection_unknown and what `connect_qad` raises.
    """
    with tenant(organization.pk):
        row = lock_qad(organization, connection_id)
        if not way_in.secret and way_in.secret_name != _stored_secret(row):
            raise Refused("secret_needed", name=row.name)
        return change_connection(
            organization=organization,
            connection_id=connection_id,
            name=name,
            address=_address(tenant_url, way_in),
            secrets={way_in.secret_name: way_in.secret} if way_in.secret else None,
            profile=_profile_with(way_in, row.profile or default_profile()),
        )


def lock_qad(organization: Organization, connection_id: int) -> Connection:
    """Return a connection to a QAD, locked until the transaction ends, inside an open scope.

    Raises Refused: connection_unknown.
    """
    row = lock_connection(organization, connection_id)
    if row.system != System.QAD:
        raise Refused("connection_unknown", number=connection_id)
    return row


def advise(tenant_url: str) -> Advice:
    """Say what is to be said of a tenant URL in this installation."""
    return read_address(tenant_url, address_policy())


def find_roots(tenant_url: str) -> list[str]:
    """Ask the host, without a password, at which addresses a QAD answers.

    Raises Refused: what keeps the host from answering.
    """
    advice = advise(tenant_url)
    try:
        with new_session() as session:
            return looks.find_roots(session, advice.url)
    except IntegrationError as error:
        raise Refused(error.code, **error.facts) from None


def find_client_id(tenant_url: str, user: str, password: str) -> str:
    """Ask QAD by Basic for the client id of its OAuth2 sign-in.

    Raises Refused: qad_no_client_id, qad_unauthorized and what else keeps QAD from answering.
    """
    try:
        with new_session() as session:
            session.hide(password)
            return looks.find_client_id(session, advise(tenant_url).url, user, password)
    except IntegrationError as error:
        raise Refused(error.code, **error.facts) from None


def _stored_secret(connection: Connection) -> str:
    """Say which secret is stored: "password", "token", or "" where none is."""
    if not connection.secrets:
        return ""
    return WayIn(way_in_of(connection)).secret_name


def _client_id_of(connection: Connection) -> str:
    """The client id in force; older connections keep it beside the password."""
    in_profile = str(connection.profile.get("auth", {}).get("client_id", ""))
    if in_profile or not connection.secrets:
        return in_profile
    try:
        return str(json.loads(open_sealed(connection, "secrets")).get("client_id", ""))
    except SealBroken:
        return ""


def _address(tenant_url: str, way_in: WayIn) -> dict[str, str]:
    user = {} if way_in.mode == "bearer_static" else {"user": way_in.user}
    return {"tenant_url": tenant_url, **user}


def _profile_with(way_in: WayIn, profile: Mapping[str, Any]) -> dict[str, Any]:
    """The profile with that way in; what other ways need stays as it is."""
    changed = deepcopy(dict(profile))
    auth = {**changed.get("auth", {}), "mode": way_in.mode}
    if way_in.mode == "oauth2_password":
        auth["client_id"] = way_in.client_id
    if way_in.mode == "session_form":
        auth["login_path"] = way_in.login_path
        if way_in.login_path in LOGIN_FIELDS:
            auth["login_fields"] = list(LOGIN_FIELDS[way_in.login_path])
    changed["auth"] = auth
    try:
        Profile.parse(changed)
    except IntegrationError as error:
        raise Refused(error.code, **error.facts) from None
    return changed
