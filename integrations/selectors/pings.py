"""Pings as pages, the API and commands show them: the same steps in the same words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.shortcuts import get_object_or_404

from accounts.models import Organization
from audit.catalogue import CATALOGUE, fill
from integrations.models import Connection, Ping, PingState, System
from integrations.selectors.connections import main_address
from integrations.selectors.moments import as_iso

SHOWN_PINGS = 10

LABELS = {
    "address": "Address allowed",
    "dns": "Host name",
    "tls": "Secure connection",
    "sign_in": "Sign-in",
    "list": "What is offered",
    "read": "One row",
    "model": "Model",
    "actions": "Actions",
    "rights": "Rights",
    "profile": "Profile",
    "clock": "Clock",
}
"""What people call a step, by its name."""

_NETWORK = ("address", "dns", "tls", "sign_in", "list")
STEPS: dict[str, tuple[str, ...]] = {
    System.QAD: (*_NETWORK, "read", "rights", "profile"),
    System.ANAPLAN: (*_NETWORK, "model", "actions", "rights", "clock"),
}
"""The names of the steps of each system, in their order."""


class StepState(StrEnum):
    """How far a step is."""

    WAITING = "waiting"
    RUNNING = "running"
    OK = "ok"
    WARN = "warn"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in words for people, and the raw answer without secrets."""

    code: str
    title: str
    happened: str
    means: str
    to_do: str
    who: str
    detail: str

    @classmethod
    def of(cls, code: str, facts: Mapping[str, Any], detail: str = "") -> "Problem":
        """Fill the sentences of a code with its facts."""
        entry = CATALOGUE[code]
        return cls(
            code,
            entry.title,
            fill(entry.meaning, facts),
            fill(entry.data, facts),
            fill(entry.fix, facts),
            entry.who,
            detail,
        )


@dataclass(frozen=True, slots=True)
class StepSeen:
    """One step of a ping as far as it is; `found` is a sentence, `seconds` None when not tried."""

    name: str
    label: str
    state: StepState
    seconds: float | None
    found: str
    problem: Problem | None


@dataclass(frozen=True, slots=True)
class PingSeen:
    """A ping as far as it is. `problem` is what it failed for, or why nobody will end it."""

    id: int
    connection_id: int
    connection: str
    system: str
    address: str
    state: PingState
    asked_by: str
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_requested: bool
    steps: tuple[StepSeen, ...]
    problem: Problem | None

    @property
    def is_running(self) -> bool:
        """Whether it may still change."""
        return self.state == PingState.RUNNING

    @property
    def failed_step(self) -> StepSeen | None:
        """The first step that failed."""
        return next((step for step in self.steps if step.state == StepState.FAILED), None)

    @property
    def warnings(self) -> tuple[StepSeen, ...]:
        """The steps that found what somebody should look after."""
        return tuple(step for step in self.steps if step.state == StepState.WARN)

    @property
    def seconds(self) -> float | None:
        """How long it worked; None as long as it has no end."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()


def get_ping(organization: Organization, connection_id: int, ping_id: int) -> PingSeen:
    """Return a ping of a connection, inside an open scope; 404 for any other."""
    rows = Ping.objects.select_related("connection").filter(organization=organization)
    return see(get_object_or_404(rows, connection_id=connection_id, pk=ping_id))


def list_pings(connection: Connection) -> list[PingSeen]:
    """Return the newest pings of a connection, the newest first, inside an open scope."""
    rows = Ping.objects.select_related("connection").filter(
        organization=connection.organization_id, connection=connection
    )
    return [see(row) for row in rows.order_by("-pk")[:SHOWN_PINGS]]


def see(ping: Ping) -> PingSeen:
    """Return a ping with all of its steps, those to come included."""
    kept = {line["name"]: line for line in ping.steps}
    names = STEPS[ping.connection.system]
    state = ping.standing
    current = next((name for name in names if name not in kept), "")
    steps = tuple(
        _step(kept[name]) if name in kept else _to_come(name, state, is_next=name == current)
        for name in names
    )
    code = ping.broken_code
    problem = Problem.of(code, {}) if code else None
    failed = next((step for step in steps if step.state == StepState.FAILED), None)
    return PingSeen(
        id=ping.pk,
        connection_id=ping.connection_id,
        connection=ping.connection.name,
        system=ping.connection.get_system_display(),
        address=main_address(ping.connection),
        state=state,
        asked_by=ping.asked_by,
        asked_at=ping.asked_at,
        started_at=ping.started_at,
        finished_at=ping.ends_by if code else ping.finished_at,
        cancel_requested=ping.cancel_requested,
        steps=steps,
        problem=problem or (failed.problem if failed else None),
    )


def _step(line: Mapping[str, Any]) -> StepSeen:
    problem = Problem.of(line["code"], line["facts"], line["detail"]) if line["code"] else None
    name = line["name"]
    return StepSeen(
        name, LABELS[name], StepState(line["state"]), line["seconds"], line["found"], problem
    )


def _to_come(name: str, state: PingState, *, is_next: bool) -> StepSeen:
    if state != PingState.RUNNING:
        why = "was cancelled" if state == PingState.CANCELLED else "ended before"
        found = f"Not tried: the ping {why}."
        return StepSeen(name, LABELS[name], StepState.SKIPPED, None, found, None)
    state_of_step = StepState.RUNNING if is_next else StepState.WAITING
    return StepSeen(name, LABELS[name], state_of_step, None, "", None)


def ping_report(ping: PingSeen) -> dict[str, Any]:
    """Return a ping as JSON values, alike in the API and in commands."""
    return {
        "id": ping.id,
        "connection_id": ping.connection_id,
        "state": str(ping.state),
        "asked_by": ping.asked_by,
        "asked_at": as_iso(ping.asked_at),
        "started_at": as_iso(ping.started_at),
        "finished_at": as_iso(ping.finished_at),
        "cancel_requested": ping.cancel_requested,
        "steps": [
            {
                "name": step.name,
                "title": step.label,
                "state": str(step.state),
                "seconds": step.seconds,
                "found": step.found,
                "problem": _problem(step.problem),
            }
            for step in ping.steps
        ],
        "problem": _problem(ping.problem),
    }


def _problem(problem: Problem | None) -> dict[str, str] | None:
    if problem is None:
        return None
    return {
        "code": problem.code,
        "title": problem.title,
        "happened": problem.happened,
        "means": problem.means,
        "to_do": problem.to_do,
        "who": problem.who,
        "detail": problem.detail,
    }
