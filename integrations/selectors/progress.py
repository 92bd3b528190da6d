"""What a run page says at the top: where the run is, what was counted, what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from integrations.fields import AmountField
from integrations.models import Load, Phase, RecordException, Run, RunUnit
from integrations.pipeline.amounts import EXACT
from integrations.selectors.figures import MEASURES, QUANTITY


@dataclass(frozen=True, slots=True)
class LoadFacts:
    """The file and its import task, as far as they have come."""

    lines: int
    chunks: int
    sent_chunks: int
    is_uploaded: bool
    task_id: str
    task_state: str
    progress: str
    outcome: str
    is_collected: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """Records of one verdict that did not arrive: how many, how many are still open, their sums.

    `amounts` maps (currency, measure) to the exact sum over all of them.
    """

    verdict: str
    records: int
    still_open: int
    amounts: Mapping[tuple[str, str], Decimal]


@dataclass(frozen=True, slots=True)
class Progress:
    """All that the top of a run page shows; equal values make an equal page."""

    run: Run = field(repr=False)
    state: str
    phase: str
    step: str
    phases: tuple[tuple[str, str], ...]
    counts: Mapping[str, int]
    timings: Mapping[str, float]
    units: int
    units_read: int
    rows_read: int
    load: LoadFacts | None
    missing: tuple[Missing, ...]
    differences: int
    unexplained: int
    error_code: str
    error_message: str
    not_before: datetime | None
    is_cancelling: bool

    @property
    def is_active(self) -> bool:
        """Whether the run may still move."""
        return self.run.is_active


def get_progress(run: Run) -> Progress:
    """Read where a run is; amounts that are missing are added up once it has ended."""
    units = RunUnit.objects.filter(organization_id=run.organization_id, run=run).aggregate(
        all=Count("pk"), read=Count("pk", filter=Q(is_read=True)), rows=Sum("rows", default=0)
    )
    return Progress(
        run=run,
        state=run.state,
        phase=run.phase,
        step=run.step,
        phases=tuple((str(value), str(label)) for value, label in Phase.choices),
        counts=run.counts,
        timings=run.timings,
        units=units["all"],
        units_read=units["read"],
        rows_read=units["rows"],
        load=_load_facts(run),
        missing=() if run.is_active else _missing(run),
        differences=run.counts.get("differences", 0),
        unexplained=run.counts.get("unexplained", 0),
        error_code=run.error_code,
        error_message=run.error_message,
        not_before=run.not_before if run.is_active and run.error_code else None,
        is_cancelling=run.is_active and run.cancel_requested,
    )


def _load_facts(run: Run) -> LoadFacts | None:
    load = (
        Load.objects.filter(organization_id=run.organization_id, run=run)
        .annotate(sent=Count("sent_chunks", filter=Q(sent_chunks__sent_at__isnull=False)))
        .first()
    )
    if load is None:
        return None
    return LoadFacts(
        lines=load.lines,
        chunks=load.chunks,
        sent_chunks=load.sent,
        is_uploaded=load.uploaded_at is not None,
        task_id=load.task_id,
        task_state=load.task_state,
        progress=load.progress,
        outcome=load.outcome,
        is_collected=load.collected_at is not None,
    )


def amount_sums() -> dict[str, Sum]:
    """Return the exact SQL sum of each measure over the amounts that records carry as text."""
    return {
        f"sum_{name}": Sum(Cast(KeyTextTransform(name, "values"), AmountField()))
        for name in MEASURES
    }


def currency_of_parts(run: Run) -> dict[str, str]:
    """Return the base currency of each unit of a run by the unit's name."""
    units = RunUnit.objects.filter(organization_id=run.organization_id, run=run)
    return {unit.part: unit.currency for unit in units}


def _missing(run: Run) -> tuple[Missing, ...]:
    records = RecordException.objects.filter(organization_id=run.organization_id, run=run)
    groups: Any = records.values("verdict", "part").annotate(
        records=Count("pk"), still_open=Count("pk", filter=Q(state="open")), **amount_sums()
    )
    currencies = currency_of_parts(run)
    found: dict[str, Missing] = {}
    for group in groups.order_by("verdict", "part"):
        before = found.get(group["verdict"], Missing(group["verdict"], 0, 0, {}))
        sums = dict(before.amounts)
        add_group(sums, currencies.get(group["part"], ""), group)
        found[group["verdict"]] = Missing(
            group["verdict"],
            before.records + group["records"],
            before.still_open + group["still_open"],
            sums,
        )
    return tuple(found.values())


def add_group(
    sums: dict[tuple[str, str], Decimal], currency: str, group: Mapping[str, Decimal | None]
) -> None:
    """Add the sums of one part to those of its currency, exactly; quantities have none."""
    with localcontext(EXACT):
        for name in MEASURES:
            value = group[f"sum_{name}"]
            if value:
                place = ("" if name == QUANTITY else currency, name)
                sums[place] = sums.get(place, Decimal(0)) + value
