"""What a plan's export is read by: its definition, its columns, and the codes behind members."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from integrations.anaplan.client import AnaplanClient
from integrations.anaplan.types import ExportDefinition
from integrations.models import EvidenceKind, Run, Sync
from integrations.pipeline.drift import Found, id_by_name
from integrations.pipeline.exports import ExportReader, MemberDirectory
from integrations.pipeline.layout import Layout
from integrations.pipeline.plans import CURRENCY, ReverseTable, bind_columns, build_layout
from integrations.pipeline.rules import Rule
from integrations.services.evidence import Place
from integrations.transport.errors import IntegrationError


def resolve_export(found: Found, sync: Sync) -> tuple[str, Layout]:
    """Return the id of the sync's export and the layout of its cells, as found in the model.

    Raises IntegrationError anaplan_export_missing and what `build_layout` raises.
    """
    export_id = id_by_name(found, "exports", sync.export_name)
    shape = found["exports"][export_id] if export_id else {}
    if shape.get("headers") is None:
        raise IntegrationError("anaplan_export_missing", name=sync.export_name)
    return export_id, build_layout(shape["headers"], shape["layout"], sync.export_bindings)


def describe(client: AnaplanClient, export_id: str) -> dict[str, Any]:
    """Return an export's definition as a run keeps it."""
    return asdict(client.export_definition(export_id))


def read_definition(kept: Mapping[str, Any]) -> ExportDefinition:
    """Return a definition that a run has kept."""
    return ExportDefinition(
        headers=tuple(kept["headers"]),
        data_types=tuple(kept["data_types"]),
        encoding=kept["encoding"],
        separator=kept["separator"],
        delimiter=kept["delimiter"],
        layout=kept["layout"],
        row_count=kept["row_count"],
        list_names=tuple(kept["list_names"]),
    )


def shows_currency(layout: Layout) -> bool:
    """Whether the export names the currency of each amount."""
    return CURRENCY in layout.dimensions


def export_place(run: Run) -> Place:
    """Return where the chunks of a run's export lie: a replay reads those of an earlier run."""
    return Place(run.organization_id, run.plan.get("export_run", run.pk), EvidenceKind.EXPORT)


def cells_place(run: Run) -> Place:
    """Return where the cells of a run lie that have their place in QAD."""
    return Place(run.organization_id, run.pk, EvidenceKind.CELLS, "plan")


def layout_of(run: Run) -> Layout:
    """Return the layout of the cells of a run's export."""
    held = run.plan["definition"]
    return build_layout(held["headers"], held["layout"], run.sync.export_bindings)


class PlanSource:
    """One run's way from the export's bytes to QAD's codes."""

    def __init__(self, run: Run, rules: Sequence[Rule], client: AnaplanClient) -> None:
        self.definition = read_definition(run.plan["definition"])
        self.layout = layout_of(run)
        self._bindings = bind_columns(self.definition.headers, run.sync.export_bindings)
        self._directory = self._build_directory(rules, client)
        self.table = ReverseTable(
            rules,
            self.layout,
            run.sync.plan_codes,
            entities={place["entity"]: place["domain"] for place in run.sync.entities},
            currencies=run.plan["currencies"],
        )

    def reader(self) -> ExportReader:
        """Return a reader of the export's bytes."""
        return ExportReader(self.definition, self.layout, self._directory, bindings=self._bindings)

    def members(self, key: str) -> dict[str, str]:
        """Return the members of a cell by dimension."""
        return dict(zip(self.layout.dimensions, self.layout.members(key), strict=True))

    def _build_directory(self, rules: Sequence[Rule], client: AnaplanClient) -> MemberDirectory:
        """Fetch the lists that the export's columns show, to know each member by name and code."""
        lists = {item.name: item.id for item in client.lists()}
        items: dict[str, Any] = {}
        shown = zip(self.definition.headers, self.definition.list_names, strict=False)
        for header, list_name in shown:
            dimension = self._bindings.get(header, "")
            if dimension in self.layout.dimensions and list_name in lists:
                items[dimension] = client.list_items(lists[list_name])
        return MemberDirectory(items, _used(rules, self.layout.dimensions))


def _used(rules: Sequence[Rule], dimensions: Iterable[str]) -> dict[str, frozenset[str]]:
    return {
        dimension: frozenset(rule.member for rule in rules if rule.dimension == dimension)
        for dimension in dimensions
    }
