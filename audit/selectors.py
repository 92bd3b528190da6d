"""Reads of the trail; the organization comes first."""

from django.db.models import QuerySet

from audit.models import Event


def events_of_run(organization_id: int, run_id: int) -> QuerySet[Event]:
    """Return the events of one run, oldest first."""
    return Event.objects.filter(organization_id=organization_id, run_id=run_id).order_by("sequence")
