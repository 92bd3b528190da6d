"""The first steps of an organization, read from facts alone: what is done, what stands in the way.

A tick is never kept: each look computes it anew from connections, syncs, mapping and runs.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import F, Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Organization
from integrations.models import (
    Connection,
    MappingRule,
    Ping,
    PingState,
    Run,
    RunState,
    RunUnit,
    Sync,
    System,
)
from integrations.models.syncs import PLAN_DATA_SET
from integrations.selectors.held_records import count_waiting_codes
from integrations.selectors.mappings import current_version

FRESH = timedelta(hours=24)


class StepState(StrEnum):
    """How far a step is."""

    DONE = "done"
    STALE = "stale"
    NEXT = "next"
    BLOCKED = "blocked"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class OnboardingStep:
    """One step: its state, the fact behind it, and what is known to be in the way.

    `route` is the page on which it is done, where there is one; `run_id` the run that it
    speaks of; `at` the moment of the fact.
    """

    name: str
    state: StepState
    note: str
    route: str = ""
    run_id: int | None = None
    at: datetime | None = None


def has_proved_a_run(organization: Organization) -> bool:
    """Whether a run was reconciled once: from then on the first steps are behind."""
    return _loads(organization).filter(state=RunState.RECONCILED).exists()


def _loads(organization: Organization) -> QuerySet[Run]:
    """Return the runs that bring actuals to Anaplan."""
    plans = Sync.objects.filter(organization=organization, data_set=PLAN_DATA_SET)
    return Run.objects.filter(organization=organization).exclude(sync__in=plans)


def list_steps(organization: Organization) -> list[OnboardingStep]:
    """Return the six steps in their order, inside an open scope."""
    qad = _connection_step(organization, System.QAD, _answered_by_qad(organization))
    anaplan = _connection_step(organization, System.ANAPLAN, _answered_by_anaplan(organization))
    target = _target_step(organization, waits=_missing(qad, anaplan))
    mapping = _mapping_step(organization)
    run = _run_step(organization, waits=_missing(target, mapping))
    return [qad, anaplan, target, mapping, run, _SCHEDULE]


_SCHEDULE = OnboardingStep(
    "schedule",
    StepState.ABSENT,
    "Comes with schedules, which this version does not have. Until then somebody presses Start "
    "run, or a command does it.",
)
_CALLED = {"sync": "a sync", "mapping": "the mapping"}
_TITLES = {System.QAD: "QAD", System.ANAPLAN: "Anaplan"}


def _missing(*steps: OnboardingStep) -> str:
    """Name the steps that have not begun to work yet."""
    names = [step.name for step in steps if step.state in (StepState.NEXT, StepState.BLOCKED)]
    return " and ".join(_CALLED.get(name, name) for name in names)


def _connection_step(
    organization: Organization, system: System, answered_at: datetime | None
) -> OnboardingStep:
    title = _TITLES[system]
    saved = Connection.objects.filter(organization=organization, system=system)
    if not saved.exclude(secrets="").exists():
        note = f"No connection to {title} is saved yet."
        return OnboardingStep(title, StepState.NEXT, note, "connection_list")
    pings = Ping.objects.filter(organization=organization, connection__system=system)
    answered_at = max(filter(None, (answered_at, _pinged(pings))), default=None)
    if _has_failed_since(pings, answered_at):
        note = f"The newest ping of {title} failed: the page of the connection says why."
        return OnboardingStep(title, StepState.STALE, note, "connection_list")
    if answered_at is None:
        note = f"A connection is saved. {title} has not answered yet: a ping will tell."
        return OnboardingStep(title, StepState.STALE, note, "connection_list")
    fresh = timezone.now() - answered_at < FRESH
    state = StepState.DONE if fresh else StepState.STALE
    words = f"{title} answers" if fresh else f"{title} was not heard from for a day"
    note = f"{words}. It answered last"
    return OnboardingStep(title, state, note, "connection_list", at=answered_at)


def _has_failed_since(pings: QuerySet[Ping], answered_at: datetime | None) -> bool:
    """Whether the newest ping failed after the system was last heard from."""
    newest = pings.exclude(state=PingState.CANCELLED).order_by("-pk").first()
    if newest is None or newest.standing != PingState.FAILED:
        return False
    return answered_at is None or newest.asked_at > answered_at


def _pinged(pings: QuerySet[Ping]) -> datetime | None:
    """When a ping last found all well."""
    return _latest(pings.filter(state=PingState.OK).aggregate(at=Max("finished_at")))


def _answered_by_qad(organization: Organization) -> datetime | None:
    """When QAD's rows of a whole unit were last received, at the latest."""
    read = RunUnit.objects.filter(
        organization=organization, is_read=True, read_by=F("run"), run__started_at__isnull=False
    )
    return _latest(read.aggregate(at=Max(Coalesce("run__finished_at", "run__started_at"))))


def _answered_by_anaplan(organization: Organization) -> datetime | None:
    """When Anaplan last gave a run what it asked for, at the latest.

    A run has a plan once Anaplan has named its model's actions, and a state that compares
    cells only once Anaplan was read back.
    """
    heard = Run.objects.filter(organization=organization, started_at__isnull=False).filter(
        Q(state__in=(RunState.RECONCILED, RunState.PARTIAL)) | ~Q(plan={})
    )
    return _latest(heard.aggregate(at=Max(Coalesce("finished_at", "started_at"))))


def _latest(found: dict[str, datetime | None]) -> datetime | None:
    return found["at"]


def _target_step(organization: Organization, *, waits: str) -> OnboardingStep:
    chosen = Sync.objects.filter(organization=organization).exclude(
        Q(workspace_id="") | Q(model_id="") | Q(import_name="")
    )
    count = chosen.count()
    if count:
        without = chosen.filter(export_name="").count()
        note = f"{count} sync{'s' if count > 1 else ''} with workspace, model and import."
        if without:
            note += f" {without} without an export: what Anaplan holds is not read back there."
        return OnboardingStep("sync", StepState.DONE, note, "sync_list")
    if waits:
        return OnboardingStep("sync", StepState.BLOCKED, f"Waits for the connection to {waits}.")
    return _first_sync_step(organization)


def _first_sync_step(organization: Organization) -> OnboardingStep:
    """Lead to the model first: a sync loads the one that its connection has chosen."""
    rows = Connection.objects.filter(organization=organization, system=System.ANAPLAN)
    chosen = next((row.place for row in rows if row.place.get("model_id")), None)
    if chosen is None:
        note = "No model is chosen yet: open the connection to Anaplan and choose it by name."
        return OnboardingStep("sync", StepState.NEXT, note, "connection_list")
    note = f"{chosen['model_name']} is chosen. No sync says yet what is loaded into it."
    return OnboardingStep("sync", StepState.NEXT, note, "sync_list")


def _mapping_step(organization: Organization) -> OnboardingStep:
    version = current_version(organization)
    rules = (
        MappingRule.objects.filter(organization=organization, version=version).count()
        if version
        else 0
    )
    if version is None or not rules:
        note = "No QAD code is mapped to an Anaplan member yet."
        return OnboardingStep("mapping", StepState.NEXT, note, route="mapping")
    note = f"Version {version.number} with {rules:,} rule{'s' if rules > 1 else ''} is approved."
    unmapped = count_waiting_codes(organization)
    if unmapped:
        note += f" Open records wait for {unmapped:,} code{'s' if unmapped > 1 else ''} more."
    return OnboardingStep("mapping", StepState.DONE, note, route="mapping")


def _run_step(organization: Organization, *, waits: str) -> OnboardingStep:
    runs = _loads(organization).order_by("-pk")
    proved = runs.filter(state=RunState.RECONCILED).first()
    if proved is not None:
        note = f"Run {proved.pk} is reconciled: QAD and Anaplan agree in every cell."
        return OnboardingStep(
            "run", StepState.DONE, note, "run_page", run_id=proved.pk, at=proved.finished_at
        )
    newest = runs.first()
    if newest is not None:
        note = f"Run {newest.pk} is {newest.get_state_display().lower()}; a reconciled one ticks."
        return OnboardingStep("run", StepState.NEXT, note, "run_page", run_id=newest.pk)
    if waits:
        return OnboardingStep("run", StepState.BLOCKED, f"Waits for {waits}.")
    return OnboardingStep("run", StepState.NEXT, "No run has been started yet.", "run_list")
