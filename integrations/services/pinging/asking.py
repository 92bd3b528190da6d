"""Asking for a ping, and taking the wish back."""

from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Organization
from accounts.services.deeds import lock_organization
from audit.actions import Action
from audit.tenancy import tenant
from audit.trail import record_event
from integrations import queue
from integrations.models import Ping, PingState
from integrations.models.pings import OLDEST
from integrations.services.connections import lock_connection

MOST_PINGS = 2
"""How many pings of one organization may run at once."""


def start_ping(
    *, organization: Organization, connection_id: int, asked_by: str, is_here: bool = False
) -> Ping:
    """Return the running ping of a connection, or a new one that a worker takes at once.

    With `is_here` no worker is told of a new one: the caller carries it out.
    Raises Refused: connection_unknown, pings_run_already.
    """
    with tenant(organization.pk):
        connection = lock_connection(organization, connection_id)
        lock_organization(organization.pk)
        running = _running(organization)
        mine = next((ping for ping in running if ping.connection_id == connection.pk), None)
        if mine is not None:
            return mine
        if len(running) >= MOST_PINGS:
            names = ", ".join(f"{ping.connection.name} (by {ping.asked_by})" for ping in running)
            raise Refused("pings_run_already", most=MOST_PINGS, names=names)
        ping = Ping.objects.create(
            organization=organization, connection=connection, asked_by=asked_by
        )
        record_event(
            Action.PING_ASKED,
            subject=("connection", connection.name),
            data={"ping": ping.pk, "by": asked_by},
        )
        if not is_here:
            queue.hint_ping(organization.pk, ping.pk)
        return ping


def cancel_ping(
    *, organization: Organization, connection_id: int, ping_id: int, asked_by: str
) -> None:
    """Ask a ping to stop before its next step; one that nobody took stops at once.

    Raises Refused: ping_unknown, ping_has_ended.
    """
    with tenant(organization.pk):
        rows = Ping.objects.select_for_update(of=("self",)).select_related("connection")
        ping = rows.filter(
            organization=organization, connection_id=connection_id, pk=ping_id
        ).first()
        if ping is None:
            raise Refused("ping_unknown", number=ping_id)
        if ping.standing != PingState.RUNNING:
            raise Refused("ping_has_ended", number=ping_id)
        ping.cancel_requested = True
        if ping.started_at is None:
            ping.state, ping.finished_at = PingState.CANCELLED, timezone.now()
        ping.save(update_fields=["cancel_requested", "state", "finished_at"])
        record_event(
            Action.PING_CANCELLED,
            subject=("connection", ping.connection.name),
            data={"ping": ping.pk, "by": asked_by},
        )


def _running(organization: Organization) -> list[Ping]:
    """Return the pings that may still end, the newest first."""
    rows = Ping.objects.select_related("connection").filter(
        organization=organization,
        state=PingState.RUNNING,
        asked_at__gte=timezone.now() - OLDEST,
    )
    return [ping for ping in rows.order_by("-pk") if not ping.broken_code]
