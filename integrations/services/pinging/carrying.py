"""Carrying out a ping: one step after the other, each written to its row as it ends."""

import time
from collections.abc import Callable

from django.db.models.functions import Now

from audit.actions import Action
from audit.context import acting
from audit.tenancy import tenant
from audit.trail import record_event
from integrations.models import Connection, Ping, PingState, System
from integrations.models.pings import LONGEST
from integrations.selectors.pings import StepState
from integrations.services.pinging.anaplan import AnaplanLook
from integrations.services.pinging.qad import QadLook
from integrations.services.pinging.steps import Line, Walk


def carry_out(
    organization_id: int, ping_id: int, *, on_step: Callable[[], None] = lambda: None
) -> None:
    """Take a ping that nobody else took, and see it to its end; `on_step` is told of each step.

    Nothing is asked of the outside while a transaction is open.
    """
    ping = _take(organization_id, ping_id)
    if ping is None:
        return
    walk = Walk(until=time.monotonic() + LONGEST.total_seconds())
    lines: list[Line] = []
    for step in _look(ping.connection, walk.until).steps():
        if _is_cancelled(ping):
            _end(ping, PingState.CANCELLED, lines)
            return
        lines.append(walk.take(step))
        _write(ping, lines)
        on_step()
    failed = any(line["state"] == StepState.FAILED for line in lines)
    _end(ping, PingState.FAILED if failed else PingState.OK, lines)


def _look(connection: Connection, until: float) -> QadLook | AnaplanLook:
    if connection.system == System.QAD:
        return QadLook(connection, until)
    return AnaplanLook(connection, until)


def _take(organization_id: int, ping_id: int) -> Ping | None:
    with tenant(organization_id):
        rows = Ping.objects.filter(
            organization_id=organization_id, pk=ping_id, state=PingState.RUNNING, started_at=None
        )
        found = rows.select_related("connection__organization").first()
        if found is None or found.broken_code or not rows.update(started_at=Now()):
            return None
        return found


def _is_cancelled(ping: Ping) -> bool:
    """Whether somebody took the wish back, or removed the connection with its pings."""
    with tenant(ping.organization_id):
        still = Ping.objects.filter(
            pk=ping.pk, state=PingState.RUNNING, cancel_requested=False
        ).exists()
    return not still


def _write(ping: Ping, lines: list[Line]) -> None:
    with tenant(ping.organization_id):
        Ping.objects.filter(pk=ping.pk, state=PingState.RUNNING).update(steps=lines)


def _end(ping: Ping, state: PingState, lines: list[Line]) -> None:
    failed = next((line for line in lines if line["state"] == StepState.FAILED), None)
    with acting(ping.asked_by), tenant(ping.organization_id):
        ended = Ping.objects.filter(pk=ping.pk, state=PingState.RUNNING).update(
            state=state, finished_at=Now()
        )
        if ended:
            record_event(
                Action.PING_ENDED,
                subject=("connection", ping.connection.name),
                data={
                    "ping": ping.pk,
                    "state": str(state),
                    "step": failed["name"] if failed else "",
                    "code": failed["code"] if failed else "",
                },
            )
