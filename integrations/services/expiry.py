"""Secrets that end: announced 30, 7 and 1 days before, and kept alive where that is possible."""

import logging
import time
from collections.abc import Mapping
from datetime import datetime, timedelta

from billiard.exceptions import SoftTimeLimitExceeded
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organization
from accounts.permissions import Right
from accounts.selectors import list_addresses_with
from accounts.services.mails import send_after_commit
from audit.actions import Action
from audit.context import acting
from audit.tenancy import reading, tenant
from audit.trail import record_event
from integrations import queue
from integrations.encryption import SealBroken
from integrations.models import Connection
from integrations.selectors.standing import end_counts_from, ending_words, needs_approval
from integrations.services.clients import open_session
from integrations.services.pausing import page_address
from integrations.services.sign_ins import anaplan_tokens, pair_of
from integrations.services.tokens import RedisTokenStore
from integrations.transport.errors import IntegrationError

logger = logging.getLogger(__name__)

THRESHOLDS = (1, 7, 30)
"""How many days before its end a secret is announced, the last call first."""
KEEPING_SECONDS = 120.0
"""How long the use of one refresh token may take, waiting for others included."""


def end_of_secrets(secrets: Mapping[str, str]) -> datetime | None:
    """Return when secrets end by themselves: a certificate does, a password does not say."""
    return pair_of(secrets).ends if "certificate" in secrets else None


def watch_ends(now: datetime | None = None) -> None:
    """Announce what ends, and hint at each refresh token that is to be kept alive; no calls.

    One organization that fails does not hold up the others.
    """
    now = now or timezone.now()
    for organization in Organization.objects.filter(closed_at__isnull=True).order_by("pk"):
        try:
            with acting("system"):
                announce_ends(organization, now)
            hint_keeping(organization, now)
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            logger.exception("ends of organization %s were not looked at", organization.pk)


def hint_keeping(organization: Organization, now: datetime) -> None:
    """Let a worker use each refresh token that is to be used now."""
    for row, end in _ending(organization, now):
        if _is_to_be_kept(row, end, now):
            queue.hint_keeping(organization.pk, row.pk)


def keep_alive(organization_id: int, connection_id: int, now: datetime | None = None) -> None:
    """Use a refresh token that rotates, where half its life is over; else do nothing."""
    now = now or timezone.now()
    organization = Organization.objects.filter(pk=organization_id, closed_at__isnull=True).first()
    ending = _ending(organization, now, pk=connection_id) if organization else []
    for row, end in ending:
        if _is_to_be_kept(row, end, now):
            with acting("system"):
                _use(row)


def _is_to_be_kept(row: Connection, end: datetime, now: datetime) -> bool:
    """Whether half the life of a refresh token is over unused, and its connection makes calls."""
    is_kept = needs_approval(row) and row.paused_at is None
    return is_kept and now >= end_counts_from(row, end)


def _use(row: Connection) -> None:
    until = time.monotonic() + KEEPING_SECONDS
    try:
        session, secrets = open_session(row, until=until)
        with session:
            kept = RedisTokenStore(row).read()
            tokens = anaplan_tokens(row, session, secrets, until=until)
            tokens.refresh(kept.value if kept else "")
    except IntegrationError as error:
        logger.warning("connection %s was not kept alive: %s", row.pk, error.code)
    except SealBroken:
        logger.warning("connection %s was not kept alive: secret_unreadable", row.pk)


def announce_ends(organization: Organization, now: datetime) -> None:
    """Mail once for each threshold that a secret's end has come within."""
    for row, end in _ending(organization, now):
        days = _due_threshold(row, end, now)
        if days is not None:
            _announce(row, end, days)


def _due_threshold(row: Connection, end: datetime, now: datetime) -> int | None:
    """Return within how many days of its end a secret is, where that is worth a mail.

    A threshold that lay behind when the secret was given tells nobody anything, and one within
    the first half of a refresh token's life is moved on by its next use.
    """
    since = end_counts_from(row, end)
    for days in THRESHOLDS:
        moment = end - timedelta(days=days)
        if since < moment <= now:
            told = row.announced_days
            return days if told is None or days < told else None
    return None


def _ending(
    organization: Organization, now: datetime, **only: int
) -> list[tuple[Connection, datetime]]:
    """Return what has an end, with that end."""
    with reading(organization.pk):
        rows = Connection.objects.select_related("organization").filter(
            organization=organization, secret_ends_at__gt=now, **only
        )
        return [(row, row.secret_ends_at) for row in rows.order_by("pk") if row.secret_ends_at]


def _announce(row: Connection, end: datetime, days: int) -> None:
    what, fix = ending_words(row)
    with tenant(row.organization_id):
        untold = Connection.objects.filter(pk=row.pk, secret_ends_at=end).filter(
            Q(announced_days__isnull=True) | Q(announced_days__gt=days)
        )
        if not untold.update(announced_days=days):
            return
        record_event(
            Action.END_ANNOUNCED,
            subject=("connection", row.name),
            data={"days": days, "ends_at": end.isoformat()},
        )
        send_after_commit(
            "secret_ends",
            to=list_addresses_with(row.organization, Right.CONNECT),
            facts={
                "organization": row.organization,
                "connection": row,
                "days": days,
                "what": what,
                "fix": fix,
                "url": page_address(row),
            },
        )
