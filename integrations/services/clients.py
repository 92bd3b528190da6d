"""The only place where a connection's row becomes a client."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from audit.tenancy import tenant
from integrations.anaplan.client import AnaplanClient
from integrations.fields import open_sealed
from integrations.models import Connection, Run, Sync
from integrations.qad.client import QadClient
from integrations.qad.profile import Profile
from integrations.services.manners import anaplan_manners, qad_manners
from integrations.services.pausing import check_not_paused, pausing
from integrations.services.sign_ins import anaplan_tokens, hosts_of
from integrations.services.states import Slice
from integrations.services.tokens import RedisTokenStore
from integrations.transport.addresses import AddressPolicy
from integrations.transport.manners import Manners
from integrations.transport.session import EgressSession

# What is kept beside secrets and is none: masking it would spoil the words of errors.
PUBLIC_NAMES = frozenset({"user", "client_id"})


def address_policy() -> AddressPolicy:
    """Return which addresses this installation lets customers' calls go to."""
    return AddressPolicy(allow_loopback=settings.ALLOW_LOOPBACK_ADDRESSES)


def trusted_authorities(ca_pem: str | None = None) -> str | None:
    """Return the authorities that are trusted besides the public ones, as PEM text."""
    return "\n".join(filter(None, (settings.TRUSTED_AUTHORITIES, ca_pem))) or None


def new_session(
    *,
    connect_timeout: float = 10.0,
    ca_pem: str | None = None,
    manners: Manners | None = None,
    until: float | None = None,
) -> EgressSession:
    """Open the guarded session that all traffic to customers' addresses goes through.

    `ca_pem` holds authorities that are trusted besides the public ones and the installation's;
    `manners` hold back what goes to a connection; `until` is the moment of `time.monotonic()`
    past which nothing waits.
    """
    return EgressSession(
        policy=address_policy(),
        connect_timeout=connect_timeout,
        ca_pem=trusted_authorities(ca_pem),
        manners=manners,
        until=until,
    )


def anaplan_of(work: Slice, run: Run) -> AnaplanClient:
    """Return the slice's client of the run's Anaplan model.

    Whose budget its calls use is asked before the first of them.
    """
    if "anaplan" not in work.cache:
        client = build_anaplan(run.sync.target, run.sync)
        identity_of(run.sync.target, client)
        work.cache["anaplan"] = client
    known: AnaplanClient = work.cache["anaplan"]
    return known


def qad_of(work: Slice, run: Run) -> QadClient:
    """Return the slice's client of the run's QAD."""
    if "qad" not in work.cache:
        work.cache["qad"] = build_qad(run.sync.source)
    client: QadClient = work.cache["qad"]
    return client


def build_anaplan(
    connection: Connection,
    sync: Sync | None = None,
    *,
    until: float | None = None,
    even_if_paused: bool = False,
) -> AnaplanClient:
    """Build a client; its token is shared by all workers and its budget by all of the
    customer's connections, once Anaplan has named the customer.

    Raises `connection_paused`, unless it is called on purpose.
    """
    if not even_if_paused:
        check_not_paused(connection)
    session, secrets = open_session(connection, until=until)
    return AnaplanClient(
        session=session,
        hosts=hosts_of(connection),
        tokens=anaplan_tokens(connection, session, secrets, until=until),
        workspace_id=sync.workspace_id if sync else "",
        model_id=sync.model_id if sync else "",
    )


def build_qad(
    connection: Connection,
    *,
    limits: Mapping[str, int] | None = None,
    until: float | None = None,
    even_if_paused: bool = False,
) -> QadClient:
    """Build a client of the customer's QAD by its instance profile.

    `limits` take the place of the profile's own where they are lower. Raises
    `connection_paused`, unless it is called on purpose.
    """
    if not even_if_paused:
        check_not_paused(connection)
    profile = Profile.parse(connection.profile)
    if limits:
        profile = profile.hurried(limits)
    secrets = _secrets(connection)
    session = new_session(
        connect_timeout=profile.limits.connect_s,
        ca_pem=profile.tls.ca_pem or None,
        manners=qad_manners(connection, profile.limits),
        until=until,
    )
    session.hide(*_hidden(secrets))
    return QadClient(
        session=session,
        profile=profile,
        tenant_url=connection.address["tenant_url"],
        credentials={"user": connection.address.get("user", ""), **secrets},
        store=RedisTokenStore(connection, until=until),
        on_refused=pausing(connection),
    )


def open_session(
    connection: Connection, *, until: float | None = None
) -> tuple[EgressSession, dict[str, Any]]:
    """Open a session to Anaplan that says nothing of the secrets, and return these."""
    secrets = _secrets(connection)
    session = new_session(manners=anaplan_manners(connection), until=until)
    session.hide(*_hidden(secrets))
    return session, secrets


def identity_of(connection: Connection, client: AnaplanClient) -> str:
    """Return the customer id that Anaplan names after a sign-in, asked once and kept."""
    if not connection.identity:
        connection.identity = client.me().customer_id
        with tenant(connection.organization_id):
            Connection.objects.filter(pk=connection.pk).update(identity=connection.identity)
    return connection.identity


def _secrets(connection: Connection) -> dict[str, Any]:
    secrets: dict[str, Any] = json.loads(open_sealed(connection, "secrets"))
    return secrets


def _hidden(secrets: Mapping[str, Any]) -> list[str]:
    return [str(value) for name, value in secrets.items() if name not in PUBLIC_NAMES]
