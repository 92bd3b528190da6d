"""A published plan, reconcile: what QAD holds of it, row by row and to the cent."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef

from audit.actions import Action
from audit.trail import record_event
from integrations.models import (
    CellDifference,
    ExceptionState,
    PlanValue,
    PlanVersion,
    RecordException,
    Run,
    RunState,
    Verdict,
)
from integrations.pipeline.amounts import read_amounts
from integrations.pipeline.streams import PLAN
from integrations.qad.client import QadClient
from integrations.qad.types import Filter, Workspace
from integrations.services import clients
from integrations.services.phases.steps import Again, End, Step
from integrations.services.plans.pushing import key_of, waiting_numbers
from integrations.services.states import Slice
from integrations.transport.errors import IntegrationError

Held = tuple[str, Decimal]
"""The currency and the amount of one row."""


def advance(work: Slice) -> Step:
    """Compare one entity and period after the other, then compute the state."""
    with work.read() as run:
        version = PlanVersion.objects.get(pk=run.plan["plan_version"])
        values = PlanValue.objects.filter(organization=run.organization, version=version)
        units = sorted(set(values.values_list("entity", "year_period")))
        waiting = waiting_numbers(run)
    client = clients.qad_of(work, run)
    domains = {place["entity"]: place["domain"] for place in run.sync.entities}
    for done, (entity, period) in enumerate(units[run.plan.get("proved", 0) :], start=1):
        found = dict(_read(client, version, Workspace(domains.get(entity, ""), entity), period))
        with work.commit() as fresh:
            expected = {
                key_of(value, version): value
                for value in values.filter(entity=entity, year_period=period)
                if value.number not in waiting
            }
            _keep_differences(fresh, expected, found, f"{entity}/{period}")
            plan = {**fresh.plan, "proved": run.plan.get("proved", 0) + done}
            Run.objects.filter(pk=fresh.pk).update(plan=plan)
        if work.is_over:
            return Again()
    return _finish(work, version, len(waiting))


def _read(
    client: QadClient, version: PlanVersion, workspace: Workspace, period: int
) -> Iterator[tuple[str, Held]]:
    """Yield what QAD holds of a version in one entity and period, by key."""
    filters = [
        Filter("plan_version", "eq", version.reference),
        Filter("year_period", "eq", str(period)),
    ]
    pages = client.iter_pages(PLAN.document, workspace=workspace, filters=filters)
    for page in pages:
        amounts = read_amounts([row.amount for row in page.items])
        for row, amount in zip(page.items, amounts, strict=True):
            if row.plan_type == version.plan_type:
                yield row.external_key, (row.currency, Decimal(amount))


def _keep_differences(
    run: Run, expected: Mapping[str, PlanValue], found: Mapping[str, Held], place: str
) -> None:
    """Keep each row that is missing in QAD, another there, or nobody's."""
    zero = Decimal(0)
    rows = [
        (str(value), value.amount, found[key][1] if key in found else None)
        for key, value in expected.items()
        if found.get(key) != (value.currency, value.amount)
    ]
    rows += [
        (f"{place} {key}", zero, held[1]) for key, held in found.items() if key not in expected
    ]
    CellDifference.objects.bulk_create(
        CellDifference(
            organization_id=run.organization_id,
            run=run,
            cell_key=key,
            measure="amount",
            source=planned,
            sent=planned,
            target=held,
        )
        for key, planned, held in rows
    )


def _finish(work: Slice, version: PlanVersion, waiting: int) -> Step:
    with work.commit() as run:
        differing = run.differences.order_by("cell_key")
        first, differences = differing.first(), differing.count()
        Run.objects.filter(pk=run.pk).update(counts={**run.counts, "differences": differences})
        record_event(
            Action.PLAN_PROVED,
            subject=("plan", version.reference),
            data={"differences": differences, "refused": waiting},
        )
        if first is not None:
            error = IntegrationError(
                "plan_reference_differs", rows=differences, first=first.cell_key
            )
            return End(RunState.FAILED, error)
        _close_old_exceptions(run)
    if waiting:
        return End(RunState.PARTIAL, IntegrationError("plan_rows_refused", rejected=waiting))
    return End(RunState.RECONCILED)


def _close_old_exceptions(run: Run) -> None:
    """End what earlier runs were refused and this one sent: it arrived, or is listed again.

    What concerns another version waits no longer: QAD has a newer one.
    """
    old: Any = RecordException.objects.filter(
        organization_id=run.organization_id,
        sync_id=run.sync_id,
        verdict=Verdict.REJECTED,
        state=ExceptionState.OPEN,
        run_id__lt=run.pk,
    )
    if run.selection is not None:
        old = old.filter(pk__in=run.selection)
    again = RecordException.objects.filter(
        run=run, part=OuterRef("part"), source_key=OuterRef("source_key")
    )
    same = {"run__plan__plan_version": run.plan["plan_version"]}
    superseded = {"state": ExceptionState.SUPERSEDED, "ended_by": run}
    old.exclude(**same).update(**superseded)
    old.filter(Exists(again)).update(**superseded)
    old.update(state=ExceptionState.RELEASED, ended_by=run)
