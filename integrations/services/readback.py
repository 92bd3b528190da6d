"""Reading back: the export's rows as cells of the run's groups, kept as evidence."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any

from django.utils import timezone

from integrations.anaplan.client import AnaplanClient
from integrations.anaplan.types import ExportDefinition
from integrations.models import Evidence, EvidenceKind, Load, Position, Run
from integrations.pipeline.blocks import pack_cells
from integrations.pipeline.cells import GroupedCells
from integrations.pipeline.exports import ExportReader, MemberDirectory
from integrations.pipeline.frames import Frame, frames_of
from integrations.pipeline.layout import default_bindings
from integrations.pipeline.lists import LIST_GROUP, PRESENT, read_members
from integrations.pipeline.policies import Policies
from integrations.pipeline.streams import Cell
from integrations.services.evidence import Place, keep, kept_cells, share, spool_folder
from integrations.services.states import Slice
from integrations.services.targets import Target

BATCHES_A_HEARTBEAT = 64
BLOCKS_A_COMMIT = 8


def read_back(work: Slice, run: Run, client: AnaplanClient, target: Target) -> dict[str, Any]:
    """Read the export's output and keep its cells per group; return what was counted."""
    with work.commit():
        Evidence.objects.filter(run=run, kind=EvidenceKind.READ_BACK).delete()
        groups = list(run.groups.values_list("entity", "period", "name"))
    names = {(entity, period): name for entity, period, name in groups}
    definition = client.export_definition(run.plan["export_id"])
    bindings = _export_bindings(run, definition)
    reader = ExportReader(
        definition,
        target.layout,
        _directory(client, definition, target, bindings),
        bindings=bindings,
        scope=names,
    )
    with GroupedCells(spool_folder()) as cells:
        batches = reader.read(client.iter_file(run.plan["export_id"]))
        for count, batch in enumerate(batches, start=1):
            cells.add_batch(*batch)
            if count % BATCHES_A_HEARTBEAT == 0:
                with work.commit():
                    pass
        for name, frames in cells.items():
            _keep(work, run, name, frames)
    return {
        "rows": reader.rows,
        "out_of_scope": reader.skipped,
        "unknown_members": [
            f"{dimension} {text}" for dimension, text in sorted(reader.unknown)[:50]
        ],
    }


def read_list(work: Slice, run: Run, client: AnaplanClient, target: Target) -> dict[str, Any]:
    """Read the list's members and keep those that QAD has too; name the others."""
    if target.members is None:
        raise TypeError("the data set is no list")
    with work.commit():
        Evidence.objects.filter(run=run, kind=EvidenceKind.READ_BACK).delete()
    items = client.list_items(run.plan["list_id"])
    keys, others = read_members(items, target.layout, target.members.codes)
    cells: list[Cell] = [(key, (PRESENT,), 1) for key in sorted(keys)]
    _keep(work, run, LIST_GROUP, frames_of(cells))
    return {"rows": len(items), "out_of_scope": len(others), "unknown_members": others[:50]}


def borrow_read_back(work: Slice, run: Run) -> dict[str, Any] | None:
    """Take over what earlier runs have read back, where that is young enough; else None.

    Only for a run that has sent nothing, and only where every group was read back within the
    hours of the sync: an age that is not known is too old.
    """
    with work.commit() as fresh:
        hours = Policies.parse(run.sync.policies).read_back_hours
        if not hours or Load.objects.filter(run=fresh).exists():
            return None
        names = set(fresh.groups.values_list("name", flat=True))
        oldest = timezone.now() - timedelta(hours=hours)
        known = list(
            Position.objects.select_related("run").filter(
                organization_id=fresh.organization_id,
                sync_id=fresh.sync_id,
                group__in=names,
                read_back_at__gte=oldest,
            )
        )
        if not known or len(known) < len(names):
            return None
        for held in known:
            place = Place(fresh.organization_id, held.run_id, EvidenceKind.POSITION, held.group)
            share(place, EvidenceKind.READ_BACK, run_id=fresh.pk)
        eldest = min(known, key=lambda held: str(held.read_back_at))
        summary = eldest.run.plan.get("read_back") or {}
        return {
            "rows": 0,
            "out_of_scope": 0,
            "unknown_members": [],
            "by_run": summary.get("by_run", eldest.run_id),
            "at": eldest.read_back_at.isoformat() if eldest.read_back_at else "",
        }


def _export_bindings(run: Run, definition: ExportDefinition) -> dict[str, str]:
    """Bind the export's headers: by their own bindings, else as the import's file has them."""
    known = {**run.sync.bindings, **run.sync.export_bindings}
    return {header: known[header] for header in definition.headers if header in known}


def _directory(
    client: AnaplanClient,
    definition: ExportDefinition,
    target: Target,
    bindings: Mapping[str, str],
) -> MemberDirectory:
    """Fetch the lists that the export's columns show, to know each member by name and code."""
    lists = {item.name: item.id for item in client.lists()}
    fields = {**default_bindings(definition.headers, target.data_set), **bindings}
    items: dict[str, Any] = {}
    for header, list_name in zip(definition.headers, definition.list_names, strict=False):
        dimension = fields.get(header)
        if dimension in target.layout.dimensions and list_name in lists:
            items[dimension] = client.list_items(lists[list_name])
    used = {dimension: target.table.members(dimension) for dimension in target.layout.dimensions}
    return MemberDirectory(items, used)


def _keep(work: Slice, run: Run, name: str, frames: Iterable[Frame]) -> None:
    place = Place(run.organization_id, run.pk, EvidenceKind.READ_BACK, name)
    blocks = (kept_cells(*numbered) for numbered in enumerate(pack_cells(frames), start=1))
    while batch := list(islice(blocks, BLOCKS_A_COMMIT)):
        with work.commit():
            keep(place, batch)
