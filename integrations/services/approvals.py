"""A person approves a connection at Anaplan: in this browser, or on another device."""

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Organization
from audit.actions import Action
from audit.catalogue import Kind
from audit.context import current_acting
from audit.tenancy import reading, tenant
from audit.trail import record_event
from integrations.anaplan.oauth import (
    LONGEST_INTERVAL_SECONDS,
    SLOWER_SECONDS,
    DeviceCode,
    Granted,
    OAuthService,
    Pending,
)
from integrations.models import Connection
from integrations.selectors.connections import get_connection, way_in
from integrations.services.asking import refusing
from integrations.services.clients import open_session
from integrations.services.connections import lock_connection
from integrations.services.renewals import keep_renewal
from integrations.services.sign_ins import oauth_service
from integrations.services.tokens import RedisTokenStore

LONGEST_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Attempt:
    """An approval that one browser has begun; it is kept in its session and used once."""

    slug: str
    connection_id: int
    begun_at: float
    state: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A device's code that a person has to enter; times are seconds since 1970."""

    connection_id: int
    device_code: str
    user_code: str
    address: str
    full_address: str
    interval: int
    ends_at: float
    asked_at: float = 0.0

    @property
    def has_ended(self) -> bool:
        """Whether the code is over."""
        return time.time() >= self.ends_at

    @property
    def is_early(self) -> bool:
        """Whether Anaplan asked to wait longer before it is asked again."""
        return time.time() < self.asked_at + self.interval


def begin_approval(
    *, organization: Organization, connection_id: int, redirect_uri: str
) -> tuple[str, Attempt]:
    """Return where the browser is sent, and what its session keeps until it comes back.

    Raises Refused: anaplan_client_wrong_kind.
    """
    state = secrets.token_urlsafe(32)
    with _service(organization, connection_id, "oauth_code") as (_, service):
        url = service.consent_url(redirect_uri, state)
    return url, Attempt(organization.slug, connection_id, time.time(), state)


def is_answer_to(attempt: Attempt, answer: Mapping[str, str]) -> bool:
    """Tell whether an answer belongs to an attempt that is still fresh."""
    is_fresh = 0 <= time.time() - attempt.begun_at <= LONGEST_MINUTES * 60
    state = answer.get("state", "").encode()
    return is_fresh and secrets.compare_digest(state, attempt.state.encode())


def finish_approval(
    *,
    organization: Organization,
    connection_id: int,
    answer: Mapping[str, str],
    redirect_uri: str,
) -> Connection:
    """Turn Anaplan's answer into a kept approval; the connection makes calls from now on.

    Raises Refused: anaplan_access_denied, anaplan_approval_lost, and the codes of the network
    and of Anaplan's sign-in.
    """
    if answer.get("error") == "access_denied":
        raise Refused("anaplan_access_denied")
    if "error" in answer or not answer.get("code"):
        word = answer.get("error", "no code")
        raise Refused("anaplan_oauth_refused", word=word[:40])
    with _service(organization, connection_id, "oauth_code") as (row, service):
        granted = service.redeem(answer["code"], redirect_uri)
    return _keep(row, granted)


def begin_device(*, organization: Organization, connection_id: int) -> Waiting:
    """Ask Anaplan for a code that a person enters there.

    Raises Refused: the codes of the network and of Anaplan's sign-in.
    """
    with _service(organization, connection_id, "oauth_device") as (row, service):
        device: DeviceCode = service.begin_device()
    now = time.time()
    return Waiting(
        row.pk,
        device.device_code,
        device.user_code,
        device.address,
        device.full_address,
        device.interval,
        now + device.seconds,
        now,
    )


def poll_device(*, organization: Organization, waiting: Waiting) -> int:
    """Ask whether the code was entered, and keep the approval when it was.

    Returns after how many seconds to ask again, 0 when the connection is approved. The code
    outlives what only time can mend: Anaplan is asked less often then. Raises Refused: the codes
    of Anaplan's sign-in and those of the network that need somebody.
    """
    try:
        with _service(organization, waiting.connection_id, "oauth_device") as (row, service):
            found = service.poll_device(waiting.device_code, waiting.interval)
    except Refused as refused:
        if refused.entry.kind is not Kind.TRANSIENT:
            raise
        return min(waiting.interval + SLOWER_SECONDS, LONGEST_INTERVAL_SECONDS)
    if isinstance(found, Pending):
        return found.interval
    _keep(row, found)
    return 0


@contextmanager
def _service(
    organization: Organization, connection_id: int, way: str
) -> Iterator[tuple[Connection, OAuthService]]:
    """Open the calls of a connection's OAuth client; what fails there is refused in words."""
    with reading(organization.pk):
        row = get_connection(organization, connection_id)
    if way_in(row) != way:
        client = str(row.address.get("client_id", ""))
        raise Refused("anaplan_client_wrong_kind", client=client)
    with refusing():
        session, kept = open_session(row)
        with session:
            yield row, oauth_service(row, session, kept)


def _keep(used: Connection, granted: Granted) -> Connection:
    """Keep an approval for the connection as it was when it was asked for; a pause ends."""
    with tenant(used.organization_id):
        row = lock_connection(used.organization, used.pk)
        if (row.address, row.secrets) != (used.address, used.secrets):
            raise Refused("anaplan_approval_lost", minutes=LONGEST_MINUTES)
        keep_renewal(row, granted.renewal)
        if not granted.user or granted.user != row.address.get("user"):
            row.identity = ""
        row.address = {
            **row.address,
            "user": granted.user,
            "approved_at": timezone.now().isoformat(timespec="seconds"),
            "approved_by": current_acting().actor,
        }
        row.paused_at, row.paused_code, row.paused_facts = None, "", {}
        row.save()
        record_event(
            Action.CONNECTION_APPROVED,
            subject=("connection", row.name),
            data={"user": granted.user, "sign_in": way_in(row)},
        )
    RedisTokenStore(row).write(granted.token)
    return row
