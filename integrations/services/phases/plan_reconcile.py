"""Plan, reconcile: the export's sums are those of the values and of what is held, exactly."""

from typing import Any

from django.db.models import Exists, OuterRef, Sum

from audit.actions import Action
from audit.trail import record_event
from integrations.models import (
    ExceptionState,
    PlanState,
    PlanValue,
    PlanVersion,
    RecordException,
    Run,
    RunState,
    Verdict,
)
from integrations.pipeline.plans import CURRENCY, PERIOD, Extent, PlanSums, find_shrink
from integrations.services.phases.steps import End, Step
from integrations.services.plans.reading import layout_of
from integrations.services.states import Slice
from integrations.transport.errors import IntegrationError


def advance(work: Slice) -> Step:
    """Compare sums per period and currency; a version that adds up is a draft, or held."""
    with work.commit() as run:
        version = PlanVersion.objects.get(run=run)
        values, held = _sum_values(version), _sum_held(run)
        place = _add_up(run, values, held).differing(run.plan["totals"])
        if place:
            return End(RunState.FAILED, IntegrationError("plan_totals_differ", place=place))
        _complete(version, run, values, held)
        _close_old_exceptions(run)
    if version.held_rows:
        missing = IntegrationError("records_missing", held=version.held_rows, rejected=0, ignored=0)
        return End(RunState.PARTIAL, missing)
    return End(RunState.RECONCILED)


def extent_of(version: PlanVersion) -> Extent:
    """Return how far a version reaches, in the open scope."""
    values = PlanValue.objects.filter(organization_id=version.organization_id, version=version)
    return Extent(
        version.rows,
        frozenset(values.values_list("entity", flat=True).distinct()),
        frozenset(values.values_list("year_period", flat=True).distinct()),
    )


def _sum_values(version: PlanVersion) -> PlanSums:
    sums = PlanSums()
    rows: Any = PlanValue.objects.filter(
        organization_id=version.organization_id, version=version
    ).values_list("year_period", "currency")
    for period, currency, total in rows.annotate(total=Sum("amount")).order_by():
        sums.add(str(period), currency, total)
    return sums


def _sum_held(run: Run) -> PlanSums:
    layout, sums = layout_of(run), PlanSums()
    records = RecordException.objects.filter(organization_id=run.organization_id, run=run)
    for key, values in records.values_list("cell_key", "values").iterator(chunk_size=5_000):
        members = dict(zip(layout.dimensions, layout.members(key), strict=True))
        sums.add(members[PERIOD], members.get(CURRENCY, ""), values["amount"])
    return sums


def _add_up(run: Run, values: PlanSums, held: PlanSums) -> PlanSums:
    """Return what is stored and held, by the periods and currencies that the export shows."""
    sums = PlanSums(dict(held.sums))
    for period, currency, code, own_currency in run.plan["places"]:
        sums.add(period, currency, values.sums[str(code), own_currency])
    return sums


def _complete(version: PlanVersion, run: Run, values: PlanSums, held: PlanSums) -> None:
    """Let the version be a draft, or hold it where it has shrunk against the published one."""
    version.rows = version.values.count()
    version.held_rows = RecordException.objects.filter(run=run).count()
    version.totals, version.held = values.as_rows(), held.as_rows()
    published = PlanVersion.objects.filter(
        organization_id=run.organization_id,
        sync_id=run.sync_id,
        name=version.name,
        state=PlanState.PUBLISHED,
    ).first()
    if published is not None:
        before, now = extent_of(published), extent_of(version)
        version.lost = find_shrink(before, now, run.sync.plan_shrink)
    version.state = PlanState.HELD if version.lost else PlanState.DRAFT
    version.save()
    record_event(
        Action.PLAN_STORED,
        subject=("plan", version.reference),
        data={
            "sha256": version.sha256,
            "rows": version.rows,
            "held": version.held_rows,
            "state": str(version.state),
            "lost": version.lost,
        },
    )


def _close_old_exceptions(run: Run) -> None:
    """End what earlier pulls have held: it is listed again, or it has found its place."""
    old: Any = RecordException.objects.filter(
        organization_id=run.organization_id,
        sync_id=run.sync_id,
        verdict=Verdict.HELD,
        state=ExceptionState.OPEN,
        run_id__lt=run.pk,
    )
    again = RecordException.objects.filter(
        run=run, part=OuterRef("part"), source_key=OuterRef("source_key")
    )
    old.filter(Exists(again)).update(state=ExceptionState.SUPERSEDED, ended_by=run)
    old.update(state=ExceptionState.RELEASED, ended_by=run)
