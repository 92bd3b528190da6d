"""The nightly look at every model that syncs load into or that was chosen."""

import logging
from datetime import datetime

from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Organization
from audit.context import acting
from audit.tenancy import tenant
from integrations import queue
from integrations.models import Connection, ModelCatalogue, System
from integrations.services.nights import is_due
from integrations.services.offers import list_models, look_at_models

logger = logging.getLogger(__name__)


def hint_due_looks(now: datetime | None = None) -> int:
    """Hint at every connection whose models are to be looked at now; return how many."""
    at = now or timezone.now()
    due = 0
    for organization in Organization.objects.filter(closed_at__isnull=True).iterator():
        with tenant(organization.pk):
            for connection_id in _due_connections(organization, at):
                queue.hint_look(organization.pk, connection_id)
                due += 1
    return due


def look_by_night(organization_id: int, connection_id: int) -> None:
    """List the models of a connection and look at those in use; what fails is tried next time."""
    organization = Organization.objects.get(pk=organization_id)
    with acting("system"):
        try:
            list_models(organization=organization, connection_id=connection_id)
            look_at_models(organization=organization, connection_id=connection_id)
        except Refused as refused:
            logger.warning("connection %s was not looked at: %s", connection_id, refused.code)


def _due_connections(organization: Organization, now: datetime) -> list[int]:
    """Return the connections with a model, not paused, whose oldest look is too old."""
    rows = Connection.objects.filter(
        organization=organization, system=System.ANAPLAN, paused_at__isnull=True
    )
    chosen = set(rows.exclude(place={}).values_list("pk", flat=True))
    looked: dict[int, datetime] = {}
    catalogues = ModelCatalogue.objects.filter(organization=organization, connection__in=rows)
    for row in catalogues:
        looked[row.connection_id] = min(row.found_at, looked.get(row.connection_id, row.found_at))
    never = datetime.min.replace(tzinfo=now.tzinfo)
    return sorted(
        pk
        for pk in chosen | looked.keys()
        if is_due(looked.get(pk, never), now, organization.time_zone)
    )
