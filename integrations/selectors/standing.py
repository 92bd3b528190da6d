"""How a connection stands: paused and why, and what of it ends soon."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from audit.catalogue import CATALOGUE, ErrorCode
from integrations.models import Connection
from integrations.selectors.connections import way_in

SOON = timedelta(days=30)
GRACE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Ending:
    """What ends, when, and what to do before; `has_ended` once it is too late."""

    what: str
    at: datetime
    fix: str
    has_ended: bool


@dataclass(frozen=True, slots=True)
class SignInStanding:
    """What a page says above everything else, where there is anything to say."""

    refusal: ErrorCode | None
    ending: Ending | None


@dataclass(frozen=True, slots=True)
class Approval:
    """How far the approval of an OAuth client is; `by` approved it here, as `user` there."""

    is_given: bool
    is_device: bool
    user: str
    by: str
    at: datetime | None
    rotates: bool


def sign_in_standing(connection: Connection) -> SignInStanding:
    """Return how a connection's sign-in stands at this moment."""
    code = connection.paused_code if connection.paused_at else ""
    return SignInStanding(CATALOGUE.get(code), _ending_of(connection))


def ending_words(connection: Connection) -> tuple[str, str]:
    """Name what of a connection's sign-in ends, and what to do about it."""
    if needs_approval(connection):
        return "refresh token", "Approve the connection at Anaplan again."
    return (
        "certificate",
        "Get a new certificate, register it at Anaplan, and give it here with its key.",
    )


def end_counts_from(connection: Connection, end: datetime) -> datetime:
    """Return from when on an end is near: half a refresh token's life, all of a certificate's.

    Until half its life is over a refresh token is renewed by its next use.
    """
    if needs_approval(connection) and connection.renewal_set_at is not None:
        return connection.renewal_set_at + (end - connection.renewal_set_at) / 2
    return connection.secrets_set_at or connection.created_at


def needs_approval(connection: Connection) -> bool:
    """Tell whether a person has to approve the connection at Anaplan."""
    return way_in(connection) in {"oauth_code", "oauth_device"}


def _ending_of(connection: Connection) -> Ending | None:
    end, now = connection.secret_ends_at, timezone.now()
    if end is None or end - now > SOON:
        return None
    # Half an hour of grace, since a token is renewed by the first look after half its life.
    if needs_approval(connection) and now < end_counts_from(connection, end) + GRACE:
        return None
    what, fix = ending_words(connection)
    return Ending(what, end, fix, end <= now)


def approval_of(connection: Connection) -> Approval | None:
    """Return how far the approval is, for a connection that needs one."""
    if not needs_approval(connection):
        return None
    address = connection.address
    at = address.get("approved_at")
    return Approval(
        is_given=bool(connection.renewal),
        is_device=way_in(connection) == "oauth_device",
        user=address.get("user", ""),
        by=address.get("approved_by", ""),
        at=datetime.fromisoformat(at) if at else None,
        rotates=bool(address.get("refresh_seconds")),
    )
