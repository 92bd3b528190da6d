"""Sending a published plan to QAD as reference rows, which are no postings."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import F

from accounts.errors import Refused
from accounts.models import Organization
from audit.actions import Action
from audit.context import acting
from audit.tenancy import tenant
from audit.trail import record_event
from integrations.models import (
    Connection,
    ExceptionState,
    Phase,
    PlanState,
    PlanValue,
    PlanVersion,
    RecordException,
    Run,
    RunKind,
    Sync,
    Verdict,
)
from integrations.models.runs import ACTIVE
from integrations.pipeline.amounts import to_text
from integrations.pipeline.plans import external_key
from integrations.pipeline.streams import PLAN, escaped
from integrations.qad.writing import Complaint
from integrations.services.states import lock_sync
from integrations.services.syncs import create_run

Send = Callable[[Sequence[PlanValue]], list[Complaint]]
RefusedRows = list[tuple[PlanValue, str]]


def takes_plans(connection: Connection) -> bool:
    """Whether the instance profile has a document that plans are sent to."""
    entry = connection.profile.get("documents", {}).get(PLAN.document)
    return entry is not None and bool(entry.get("enabled", True))


def push_plan(*, organization: Organization, sync_id: int, requested_by: str) -> Run:
    """Send the newest published version of a sync to QAD once more.

    Raises Refused: sync_unknown, sync_brings_no_plan, plan_not_published, plan_sink_missing and
    what `start_push` raises.
    """
    with tenant(organization.pk):
        syncs = Sync.objects.select_related("source", "organization")
        sync = syncs.filter(organization=organization, pk=sync_id).first()
        if sync is None:
            raise Refused("sync_unknown", name=str(sync_id))
        if not sync.brings_plan:
            raise Refused("sync_brings_no_plan", name=sync.name)
        published = PlanVersion.objects.filter(
            organization=organization, sync=sync, state=PlanState.PUBLISHED
        )
        version = published.order_by("-approved_at").first()
        if version is None:
            raise Refused("plan_not_published", name=sync.name)
        if not takes_plans(sync.source):
            raise Refused("plan_sink_missing", connection=sync.source.name)
        return start_push(sync=sync, version=version, requested_by=requested_by)


def replay_push(parent: Run, *, requested_by: str, selection: list[int] | None) -> Run:
    """Send those rows again that a run's QAD refused and that still wait, or chosen ones of them.

    In the open scope. Raises Refused: plan_nothing_waits and what `start_push` raises.
    """
    records = RecordException.objects.filter(
        organization_id=parent.organization_id, run=parent, state=ExceptionState.OPEN
    )
    if selection is not None:
        records = records.filter(pk__in=selection)
    waiting = sorted(records.values_list("pk", flat=True))
    if not waiting:
        raise Refused("plan_nothing_waits", run=parent.pk)
    version = PlanVersion.objects.get(pk=parent.plan["plan_version"])
    run = start_push(
        sync=parent.sync, version=version, requested_by=requested_by, parent=parent, records=waiting
    )
    records.filter(pk__in=waiting).update(tries=F("tries") + 1)
    return run


def start_push(
    *,
    sync: Sync,
    version: PlanVersion,
    requested_by: str,
    parent: Run | None = None,
    records: list[int] | None = None,
) -> Run:
    """Queue a run that sends a version, or only what some exceptions name, in the open scope.

    Raises Refused: sync_is_busy and what `create_run` raises.
    """
    lock_sync(sync.pk)
    active = Run.objects.filter(organization=sync.organization, sync=sync, state__in=ACTIVE)
    if (busy := active.first()) is not None:
        raise Refused("sync_is_busy", run=busy.pk)
    run = create_run(
        sync,
        kind=RunKind.PUBLISH,
        requested_by=requested_by,
        periods=[],
        parent=parent,
        selection=records,
    )
    run.phase, run.plan = Phase.LOAD, {"plan_version": version.pk, "cursor": 0}
    run.save(update_fields=["phase", "plan"])
    with acting(run_id=run.pk):
        record_event(
            Action.RUN_QUEUED,
            subject=("run", run.pk),
            data={"plan": version.reference, "records": len(records) if records else "all"},
        )
    return run


def find_push(version: PlanVersion) -> Run | None:
    """Return the newest run that sends a version, inside an open scope."""
    runs = Run.objects.filter(organization_id=version.organization_id, sync_id=version.sync_id)
    return runs.filter(kind=RunKind.PUBLISH, plan__plan_version=version.pk).order_by("-pk").first()


def due_values(run: Run) -> Any:
    """Return the values that a run sends, in order, inside an open scope."""
    values: Any = PlanValue.objects.filter(
        organization_id=run.organization_id, version_id=run.plan["plan_version"]
    )
    if run.selection is not None:
        chosen = RecordException.objects.filter(pk__in=run.selection)
        values = values.filter(number__in=chosen.values("line"))
    return values.order_by("number")


def waiting_numbers(run: Run) -> set[int]:
    """Return which values of the version QAD is known not to hold, inside an open scope.

    Those that this run was refused, and those that earlier ones were and this one did not send.
    """
    refused: Any = RecordException.objects.filter(
        organization_id=run.organization_id,
        sync_id=run.sync_id,
        verdict=Verdict.REJECTED,
        state=ExceptionState.OPEN,
        run__plan__plan_version=run.plan["plan_version"],
    )
    here = refused.filter(run=run)
    if run.selection is None:
        return set(here.values_list("line", flat=True))
    before = refused.filter(run_id__lt=run.pk).exclude(pk__in=run.selection)
    return {*here.values_list("line", flat=True), *before.values_list("line", flat=True)}


def reference_row(value: PlanValue, version: PlanVersion, domain: str) -> dict[str, Any]:
    """Return a value as QAD's document takes it, by canonical names.

    The run is the one that brought the plan: sending it again changes nothing in QAD.
    """
    approved_at = version.approved_at.date().isoformat() if version.approved_at else ""
    return {
        "domain": domain,
        "entity": value.entity,
        "plan_version": version.reference,
        "plan_type": version.plan_type,
        "gl_account": value.gl_account,
        "sub_account": "",
        "cost_center": value.cost_center,
        "project": "",
        "year_period": value.year_period,
        "currency": value.currency,
        "amount": to_text(value.amount),
        "source_system": "ANAPLAN",
        "source_model": version.source_model,
        "approved_at": approved_at,
        "run": str(version.run_id),
        "external_key": key_of(value, version),
    }


def key_of(value: PlanValue, version: PlanVersion) -> str:
    """Return the hash by which QAD's row is known."""
    return external_key(
        value.entity,
        version.reference,
        version.plan_type,
        value.gl_account,
        value.cost_center,
        value.year_period,
    )


def refusal_record(value: PlanValue, code: str, words: str) -> dict[str, Any]:
    """Return a value that QAD does not hold as an exception; `line` is its number."""
    codes = (value.entity, value.gl_account, value.cost_center, value.year_period, value.currency)
    return {
        "source_key": "|".join(map(escaped, codes)),
        "verdict": Verdict.REJECTED,
        "code": code,
        "message": words,
        "line": value.number,
        "values": {"amount": to_text(value.amount)},
    }


def send_all(values: Sequence[PlanValue], send: Send) -> RefusedRows:
    """Send a batch until every row stands or is known to be refused; return the refused ones.

    A batch may fall as a whole for one row. Rows that QAD names are left out and the rest is
    sent again; where it names none, the halves are sent apart.
    """
    complaints = send(values) if values else []
    if not complaints:
        return []
    if len(values) == 1:
        return [(values[0], " ".join(complaint.words for complaint in complaints))]
    named: dict[int, list[str]] = {}
    for complaint in complaints:
        if complaint.row is not None and complaint.row < len(values):
            named.setdefault(complaint.row, []).append(complaint.words)
    if named:
        rest = [value for place, value in enumerate(values) if place not in named]
        refused = [(values[place], " ".join(words)) for place, words in sorted(named.items())]
        return [*refused, *send_all(rest, send)]
    half = len(values) // 2
    return [*send_all(values[:half], send), *send_all(values[half:], send)]
