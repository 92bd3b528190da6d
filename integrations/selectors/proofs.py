"""Reads of a run's evidence: file, task, chunks, kept blocks and lines of the trail."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Sum

from audit.selectors import events_of_run
from integrations.models import Evidence, EvidenceKind, Load, LoadChunk, Run

CHUNKS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class ReadBack:
    """When Anaplan answered what a run compares with, and which run asked; None if not known."""

    by_run: int
    at: datetime | None


def get_read_back(run: Run) -> ReadBack | None:
    """Return when the cells of a run were read back, None where they were not."""
    found = run.plan.get("read_back")
    if found is None:
        return None
    at = found.get("at")
    return ReadBack(found.get("by_run", run.pk), datetime.fromisoformat(at) if at else None)


@dataclass(frozen=True, slots=True)
class KeptBlocks:
    """How much of one kind of evidence a run has kept; sizes are bytes before compression."""

    label: str
    blocks: int
    rows: int
    raw_size: int


@dataclass(frozen=True, slots=True)
class Proof:
    """What can be shown of a run: its file, its import task and everything that was kept."""

    load: Load | None
    chunks: list[LoadChunk]
    chunk_count: int
    kept: list[KeptBlocks]
    events: int


def get_proof(run: Run) -> Proof:
    """Return the evidence facts of a run."""
    load = Load.objects.filter(organization_id=run.organization_id, run=run).first()
    chunks = LoadChunk.objects.filter(organization_id=run.organization_id, load=load)
    shown = list(chunks.order_by("number")[: CHUNKS_SHOWN + 1]) if load else []
    return Proof(
        load=load,
        chunks=shown[:CHUNKS_SHOWN],
        chunk_count=chunks.count() if len(shown) > CHUNKS_SHOWN else len(shown),
        kept=_kept(run),
        events=events_of_run(run.organization_id, run.pk).count(),
    )


def _kept(run: Run) -> list[KeptBlocks]:
    places = Evidence.objects.filter(organization_id=run.organization_id, run=run)
    groups = places.values("kind").annotate(
        blocks=Count("pk"), count=Sum("rows"), size=Sum("block__raw_size")
    )
    found = {group["kind"]: group for group in groups.order_by("kind")}
    return [
        KeptBlocks(str(label), found[kind]["blocks"], found[kind]["count"], found[kind]["size"])
        for kind, label in EvidenceKind.choices
        if kind in found
    ]
