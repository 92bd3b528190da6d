"""A published plan, load: rows posted to QAD in batches, each put in the place of its key."""

import hashlib
from collections.abc import Sequence

from django.db.models import Count

from audit.actions import Action
from audit.trail import record_event
from integrations.models import (
    Phase,
    PlanValue,
    PlanVersion,
    RecordException,
    Run,
    RunState,
    Verdict,
)
from integrations.pipeline.streams import PLAN
from integrations.qad.types import Workspace
from integrations.qad.writing import MOST_ROWS, Complaint
from integrations.services import clients
from integrations.services.phases.steps import Again, End, Next, Step
from integrations.services.plans.pushing import (
    due_values,
    key_of,
    reference_row,
    refusal_record,
    send_all,
)
from integrations.services.rows import insert_exceptions
from integrations.services.states import Slice

PLACE = ("entity", "year_period", "gl_account", "cost_center")


def advance(work: Slice) -> Step:
    """Set aside what QAD could not tell apart, then send one batch after the other."""
    with work.read() as run:
        version = PlanVersion.objects.get(pk=run.plan["plan_version"])
    if "rows" not in run.counts:
        _set_clashes_aside(work)
        return Again()
    domains = {place["entity"]: place["domain"] for place in run.sync.entities}
    while True:
        with work.read() as run:
            batch = _next_batch(run)
        if run.cancel_requested:
            return End(RunState.CANCELLED)
        if not batch:
            return Next(Phase.RECONCILE)
        _send(work, run, version, domains.get(batch[0].entity, ""), batch)
        if work.is_over:
            return Again()


def _set_clashes_aside(work: Slice) -> None:
    """Keep amounts back that differ in their currency alone: QAD's key does not hold it."""
    with work.commit() as run:
        values = due_values(run)
        places = values.order_by().values(*PLACE).annotate(many=Count("pk")).filter(many__gt=1)
        clashing = [
            value for place in places for value in values.filter(**{n: place[n] for n in PLACE})
        ]
        words = "the plan has several currencies here"
        for value in clashing:
            record = refusal_record(value, "plan_currencies_clash", words)
            insert_exceptions(run, _part(value), [record])
        rejected, rows = len(clashing), values.count()
        counts = dict.fromkeys(("unchanged", "held", "ignored", "failed"), 0)
        counts |= {"rows": rows, "loaded": rows - rejected, "rejected": rejected}
        Run.objects.filter(pk=run.pk).update(counts=counts)


def _part(value: PlanValue) -> str:
    return f"{value.entity[:33]}/{value.year_period}"


def _next_batch(run: Run) -> list[PlanValue]:
    """Return the next rows of one entity."""
    clashing = RecordException.objects.filter(run=run, code="plan_currencies_clash")
    values = due_values(run).filter(number__gt=run.plan["cursor"])
    found = list(values.exclude(number__in=clashing.values("line"))[:MOST_ROWS])
    return [value for value in found if value.entity == found[0].entity]


def _send(
    work: Slice, run: Run, version: PlanVersion, domain: str, batch: Sequence[PlanValue]
) -> None:
    client = clients.qad_of(work, run)
    workspace = Workspace(domain, batch[0].entity)

    def send(values: Sequence[PlanValue]) -> list[Complaint]:
        rows = [reference_row(value, version, domain) for value in values]
        return client.submit(PLAN.document, workspace, rows)

    refused = send_all(batch, send)
    digest = hashlib.sha256()
    for value in batch:
        digest.update(f"{key_of(value, version)} {value.amount:f}\n".encode())
    with work.commit() as fresh:
        for value, words in refused:
            record = refusal_record(value, "plan_row_refused", words)
            insert_exceptions(fresh, _part(value), [record])
        rejected = RecordException.objects.filter(run=fresh, verdict=Verdict.REJECTED).count()
        loaded = fresh.counts["rows"] - rejected
        Run.objects.filter(pk=fresh.pk).update(
            plan={**fresh.plan, "cursor": batch[-1].number},
            counts={**fresh.counts, "loaded": loaded, "rejected": rejected},
            failures=0,
        )
        record_event(
            Action.PLAN_SENT,
            subject=("plan", version.reference),
            data={
                "rows": len(batch),
                "refused": len(refused),
                "numbers": [batch[0].number, batch[-1].number],
                "sha256": digest.hexdigest(),
            },
        )
