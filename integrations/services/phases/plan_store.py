"""Plan, load: the cells become the values of a new version, which nothing changes any more."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import Any

from django.db.models import Max

from integrations.models import Phase, PlanValue, PlanVersion, Run
from integrations.pipeline.frames import Frame
from integrations.pipeline.streams import PLAN
from integrations.services.bulk import copy_rows
from integrations.services.evidence import iter_cells
from integrations.services.phases.steps import Again, Next, Step
from integrations.services.plans.reading import cells_place
from integrations.services.states import Slice, lock_sync

FRAMES_A_COMMIT = 8
COLUMNS = (
    "organization_id", "version_id", "number", "entity", "gl_account", "cost_center",
    "year_period", "currency", "amount",
)  # fmt: skip


def advance(work: Slice) -> Step:
    """Make the version, then store its values, a few thousand in each commit."""
    with work.commit() as run:
        version = PlanVersion.objects.filter(run=run).first() or _make(run)
        stored = version.values.aggregate(last=Max("number"))["last"] or 0
    values = islice(_values(iter_cells(cells_place(run)), version), stored, None)
    while batch := list(islice(values, FRAMES_A_COMMIT * 2_048)):
        with work.commit():
            added = copy_rows(PlanValue, COLUMNS, batch)
            if added != len(batch):
                raise ValueError(f"{len(batch) - added} values of {version} were there already")
        if work.is_over:
            return Again()
    return Next(Phase.RECONCILE)


def _make(run: Run) -> PlanVersion:
    """Make the version with the next number of its sync, in the open transaction."""
    lock_sync(run.sync_id)
    newest = PlanVersion.objects.filter(organization=run.organization, sync_id=run.sync_id)
    return PlanVersion.objects.create(
        organization=run.organization,
        sync_id=run.sync_id,
        run=run,
        number=(newest.aggregate(last=Max("number"))["last"] or 0) + 1,
        name=run.plan["name"],
        plan_type=run.sync.plan_type,
        source_model=run.sync.model_id,
        sha256=run.plan["sha256"],
        exported_at=datetime.fromisoformat(run.plan["exported_at"]),
    )


def _values(frames: Iterator[Frame], version: PlanVersion) -> Iterator[Sequence[Any]]:
    cells = chain.from_iterable(frame.cells() for frame in frames)
    for number, (key, values, _) in enumerate(cells, start=1):
        entity, account, center, period, currency = PLAN.key_fields(key)
        yield (
            version.organization_id, version.pk, number, entity, account, center, int(period),
            currency, values[0],
        )  # fmt: skip
