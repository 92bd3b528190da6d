"""Reading back: the export's rows as cells of the run's groups, kept as evidence."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from integrations.anaplan.client import AnaplanClient
from integrations.anaplan.types import ExportDefinition
from integrations.models import Evidence, EvidenceKind, Run
from integrations.pipeline.blocks import pack_cells
from integrations.pipeline.cells import CellStore
from integrations.pipeline.exports import ExportReader, MemberDirectory
from integrations.pipeline.layout import default_bindings
from integrations.pipeline.streams import Cell
from integrations.services.evidence import Place, keep, kept_cells, spool_folder
from integrations.services.states import Slice
from integrations.services.targets import Target

CELLS_A_HEARTBEAT = 200_000
GROUP_MARK = "\x1f"


def read_back(work: Slice, run: Run, client: AnaplanClient, target: Target) -> dict[str, Any]:
    """Read the export's output and keep its cells per group; return what was counted."""
    with work.commit():
        Evidence.objects.filter(run=run, kind=EvidenceKind.READ_BACK).delete()
        groups = list(run.groups.values_list("number", "entity", "period", "name"))
    marks = {(entity, period): f"{number:06d}{GROUP_MARK}" for number, entity, period, _ in groups}
    names = {number: name for number, _, _, name in groups}
    definition = client.export_definition(run.plan["export_id"])
    bindings = _export_bindings(run, definition)
    reader = ExportReader(
        definition,
        target.layout,
        _directory(client, definition, target, bindings),
        bindings=bindings,
        scope=set(marks),
        marks=marks,
        with_totals=False,
    )
    with CellStore(len(target.layout.measures), spool_folder()) as store:
        cells = reader.read(client.iter_file(run.plan["export_id"]))
        store.add_cells(_alive(work, cells))
        for number, members in groupby(store.sorted(), key=lambda cell: cell[0][:6]):
            _keep(work, run, names[int(number)], members)
    return {
        "rows": reader.rows,
        "out_of_scope": reader.skipped,
        "unknown_members": [
            f"{dimension} {text}" for dimension, text in sorted(reader.unknown)[:50]
        ],
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
    fields = {**default_bindings(definition.headers), **bindings}
    items: dict[str, Any] = {}
    for header, list_name in zip(definition.headers, definition.list_names, strict=False):
        dimension = fields.get(header)
        if dimension in target.layout.dimensions and list_name in lists:
            items[dimension] = client.list_items(lists[list_name])
    used = {dimension: target.table.members(dimension) for dimension in target.layout.dimensions}
    return MemberDirectory(items, used)


def _alive(work: Slice, cells: Iterable[Cell]) -> Iterator[Cell]:
    """Renew the claim while a long file is read."""
    for count, cell in enumerate(cells, start=1):
        yield cell
        if count % CELLS_A_HEARTBEAT == 0:
            with work.commit():
                pass


def _keep(work: Slice, run: Run, name: str, members: Iterable[Cell]) -> None:
    place = Place(run.organization_id, run.pk, EvidenceKind.READ_BACK, name)
    cells = ((key[7:], values, rows) for key, values, rows in members)
    for number, packed in enumerate(pack_cells(cells), start=1):
        with work.commit():
            keep(place, [kept_cells(number, packed)])
