"""What a run page says at the top: where the run is, what was counted, what is missing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, Sum

from integrations.models import Load, Phase, Run, RunGroup, RunKind, RunUnit
from integrations.pipeline.streams import DATA_SETS
from integrations.selectors.data_sets import name_data_set
from integrations.selectors.exceptions import (
    Amounts,
    ExceptionSum,
    add_amounts,
    sum_exceptions,
)

_WORDS = re.compile(r"[A-Za-z][a-z]*")


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
    steps: tuple["StepFacts", ...] = ()


@dataclass(frozen=True, slots=True)
class StepFacts:
    """How one step of a process ended; `successful` is None where Anaplan did not say."""

    name: str
    successful: bool | None
    counts: tuple[tuple[str, int], ...]
    words: str
    has_refused: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """Records of one verdict that did not arrive, those that are still open, and their sums."""

    verdict: str
    records: int
    still_open: int
    amounts: Amounts


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
    groups: int
    groups_mapped: int
    groups_tied_out: int
    load: LoadFacts | None
    missing: tuple[Missing, ...]
    differences: int
    unexplained: int
    error_code: str
    error_message: str
    not_before: datetime | None
    is_cancelling: bool

    @property
    def can_be_replayed(self) -> bool:
        """Whether rows were kept that a replay can take."""
        if self.run.kind == RunKind.PUBLISH:
            return any(missing.still_open for missing in self.missing)
        if self.run.sync.brings_plan:
            return "sha256" in self.run.plan
        return bool(self.units_read)

    @property
    def what(self) -> str:
        """What moves, in words."""
        return name_data_set(self.run.sync)

    @property
    def is_list(self) -> bool:
        """Whether members of a list move."""
        data_set = DATA_SETS.get(self.run.sync.data_set)
        return data_set is not None and data_set.is_list

    @property
    def is_active(self) -> bool:
        """Whether the run may still move."""
        return self.run.is_active


def get_progress(run: Run, exceptions: Sequence[ExceptionSum] | None = None) -> Progress:
    """Read where a run is; what is missing is told once it has ended.

    `exceptions` are its sums where they were read already.
    """
    if exceptions is None:
        exceptions = [] if run.is_active else sum_exceptions(run)
    units = RunUnit.objects.filter(organization_id=run.organization_id, run=run).aggregate(
        all=Count("pk"), read=Count("pk", filter=Q(is_read=True)), rows=Sum("rows", default=0)
    )
    groups = RunGroup.objects.filter(organization_id=run.organization_id, run=run).aggregate(
        all=Count("pk"),
        mapped=Count("pk", filter=Q(is_mapped=True)),
        tied_out=Count("pk", filter=Q(is_tied_out=True)),
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
        groups=groups["all"],
        groups_mapped=groups["mapped"],
        groups_tied_out=groups["tied_out"],
        load=_load_facts(run),
        missing=() if run.is_active else _missing(exceptions),
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
        steps=tuple(map(_step_facts, load.result.get("steps", ()))),
    )


def _step_facts(step: Mapping[str, Any]) -> StepFacts:
    """Return a step's end; of its counts those that are not zero, in plain words."""
    counts: Mapping[str, int] = step["counts"]
    return StepFacts(
        name=step["name"],
        successful=step["successful"],
        counts=tuple(
            (" ".join(_WORDS.findall(name.removesuffix("Count"))).lower(), number)
            for name, number in counts.items()
            if number
        ),
        words=step["words"],
        has_refused=any(counts.get(name) for name in ("failedCount", "ignoredCount")),
    )


def account_word(run: Run) -> str:
    """Return what the lines of a run's tie-out are called: accounts, suppliers or members."""
    data_set = DATA_SETS.get(run.sync.data_set)
    words = {"supplier": "supplier", "code": "member"}
    return words.get(data_set.account, "account") if data_set else "account"


def _missing(sums: Sequence[ExceptionSum]) -> tuple[Missing, ...]:
    found: dict[str, list[ExceptionSum]] = {}
    for part in sums:
        found.setdefault(part.verdict, []).append(part)
    return tuple(
        Missing(
            verdict,
            sum(part.records for part in parts),
            sum(part.still_open for part in parts),
            add_amounts(parts),
        )
        for verdict, parts in found.items()
    )
