"""The nightly check of every instance profile that makes calls at all."""

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone

from accounts.models import Organization
from audit.tenancy import tenant
from integrations import queue
from integrations.models import Connection, System
from integrations.selectors.document_checks import PATIENCE, get_overview
from integrations.services.nights import is_due
from integrations.services.profiles import mark_for_check

NIGHTLY = "the nightly round"


def ask_due_checks(now: datetime | None = None) -> int:
    """Ask for every check that is due now, or hint at it again; return how many."""
    at = now or timezone.now()
    due = 0
    for organization in Organization.objects.filter(closed_at__isnull=True).iterator():
        with tenant(organization.pk):
            for connection in _due_connections(organization, at):
                _ask(connection)
                due += 1
    return due


def _ask(connection: Connection) -> None:
    """Ask for a check; where somebody has asked already, the check stays theirs."""
    if connection.check_asked_at is None:
        mark_for_check(connection, asked_by=NIGHTLY)
    else:
        queue.hint_check(connection.organization_id, connection.pk)


def _due_connections(organization: Organization, now: datetime) -> Iterator[Connection]:
    rows = Connection.objects.filter(
        organization=organization, system=System.QAD, paused_at__isnull=True
    )
    for connection in rows.exclude(profile={}).order_by("pk"):
        if _is_due(connection, now, organization.time_zone):
            yield connection


def _is_due(connection: Connection, now: datetime, time_zone: str) -> bool:
    """Whether the oldest look is too old, a document has none, or a check was lost on its way."""
    if connection.check_asked_at is not None:
        return now - connection.check_asked_at > PATIENCE
    looks = [line.looked_at for line in get_overview(connection).lines if line.is_enabled]
    return any(look is None or is_due(look, now, time_zone) for look in looks)
