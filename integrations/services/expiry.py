"""Secrets that end: announced 30, 7 and 1 days before, and kept alive where that is possible."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

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


def end_of_secrets(secrets: Mapping[str, str]) -> datetime | None:
    """Return when secrets end by themselves: a certificate does, a password does not say."""
    return pair_of(secrets).ends if "certificate" in secrets else None


def watch_ends(now: datetime | None = None) -> None:
    """Keep alive what can be, then announce what ends all the same.

    One organization that fails does not hold up the others.
    """
    now = now or timezone.now()
    for organization in Organization.objects.filter(closed_at__isnull=True).order_by("pk"):
        try:
            with acting("system"):
                keep_alive(organization, now)
                announce_ends(organization, now)
        except Exception:
            logger.exception("ends of organization %s were not looked at", organization.pk)


def keep_alive(organization: Organization, now: datetime) -> None:
    """Use each refresh token that rotates before half its life is over unused."""
    for row, end in _ending(organization, now):
        is_kept = needs_approval(row) and row.paused_at is None
        if not is_kept or now < end_counts_from(row, end):
            continue
        session, secrets = open_session(row)
        with session:
            try:
                kept = RedisTokenStore(row).read()
                anaplan_tokens(row, session, secrets).refresh(kept.value if kept else "")
            except IntegrationError as error:
                logger.warning("connection %s was not kept alive: %s", row.pk, error.code)


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


def _ending(organization: Organization, now: datetime) -> list[tuple[Connection, datetime]]:
    """Return what has an end, with that end."""
    with reading(organization.pk):
        rows = Connection.objects.select_related("organization").filter(
            organization=organization, secret_ends_at__gt=now
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
