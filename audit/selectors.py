"""Reads of the trail; the organization comes first."""

from collections.abc import Iterable

from django.db.models import QuerySet

from audit.models import Event


def events_of_run(organization_id: int, run_id: int) -> QuerySet[Event]:
    """Return the events of one run, oldest first."""
    return Event.objects.filter(organization_id=organization_id, run_id=run_id).order_by("sequence")


def events_outside_runs(organization_id: int, actions: Iterable[str]) -> QuerySet[Event]:
    """Return the events of some actions that belong to no run, oldest first.

    Runs write nearly all events; the index by run leads past them.
    """
    chosen = [str(action) for action in actions]
    return Event.objects.filter(
        organization_id=organization_id, run_id__isnull=True, action__in=chosen
    ).order_by("sequence")
