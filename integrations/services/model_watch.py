"""The nightly look at every model that syncs load into or that was chosen."""

import logging
from datetime import datetime

from django.core.cache import cache
from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Organization
from audit.context import acting
from audit.tenancy import tenant
from integrations import queue
from integrations.models import Connection, ModelCatalogue, System
from integrations.services.nights import ENOUGH, is_due
from integrations.services.offers import list_models, look_at_models, watched_places

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
    """List the models of a connection and look at those in use; what fails is tried next night."""
    cache.set(_tried(connection_id), 1, ENOUGH.total_seconds())
    organization = Organization.objects.get(pk=organization_id)
    with acting("system"):
        try:
            list_models(organization=organization, connection_id=connection_id)
            look_at_models(organization=organization, connection_id=connection_id)
        except Refused as refused:
            logger.warning("connection %s was not looked at: %s", connection_id, refused.code)


def _due_connections(organization: Organization, now: datetime) -> list[int]:
    """Return the connections, not paused, of whose watched models one was not seen for too long.

    A model that nobody chose or loads any more is not watched, and a look that failed is not
    tried again at once.
    """
    rows = Connection.objects.filter(
        organization=organization, system=System.ANAPLAN, paused_at__isnull=True
    )
    catalogues = ModelCatalogue.objects.filter(organization=organization, connection__in=rows)
    looked = {
        (connection_id, model_id): found_at
        for connection_id, model_id, found_at in catalogues.values_list(
            "connection_id", "model_id", "found_at"
        )
    }
    never = datetime.min.replace(tzinfo=now.tzinfo)
    due = []
    for row in rows.order_by("pk"):
        times = [looked.get((row.pk, model_id), never) for _, model_id in watched_places(row)]
        is_old = bool(times) and is_due(min(times), now, organization.time_zone)
        if is_old and not cache.get(_tried(row.pk)):
            due.append(row.pk)
    return due


def _tried(connection_id: int) -> str:
    """Name what is kept as long as the last look at a connection's models is young."""
    return f"models-looked-at:{connection_id}"
