"""What a run loads into: the sync's names resolved to the model's ids, and the file's layout."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.anaplan.client import AnaplanClient
from integrations.models import Run, RunUnit, Sync
from integrations.pipeline.layout import Layout, default_bindings
from integrations.pipeline.mapping import MappingTable, RowStore, Rule, UnitMapper
from integrations.pipeline.streams import DATA_SETS, DataSet
from integrations.services.mappings import read_rules
from integrations.services.states import Slice
from integrations.transport.errors import IntegrationError


def resolve_target(client: AnaplanClient, sync: Sync) -> dict[str, Any]:
    """Resolve the sync's names in the model's catalogue as it is now.

    The file is the one that the import itself reads, so nothing is ever uploaded elsewhere.
    Raises IntegrationError anaplan_import_missing, anaplan_import_reads_no_file,
    anaplan_export_missing and what the client raises.
    """
    action = _find(client.imports(), sync.import_name)
    if action is None:
        raise IntegrationError("anaplan_import_missing", name=sync.import_name)
    files = {source.id: source for source in client.files()}
    source = files.get(action.file_id)
    if source is None:
        raise IntegrationError("anaplan_import_reads_no_file", name=sync.import_name)
    definition = client.import_definition(action.id)
    plan: dict[str, Any] = {
        "import_id": action.id,
        "import_name": sync.import_name,
        "file_id": source.id,
        "file_name": source.name,
        "headers": list(definition.headers),
        "separator": definition.separator or ",",
        "delimiter": definition.delimiter,
        "encoding": definition.encoding or "UTF-8",
        "decimal_separator": definition.decimal_separator or ".",
        "bindings": {**default_bindings(definition.headers), **sync.bindings},
    }
    if sync.export_name:
        plan |= _resolve_export(client, sync.export_name)
    build_layout(plan, sync)
    return plan


def _resolve_export(client: AnaplanClient, name: str) -> dict[str, Any]:
    export = _find(client.exports(), name)
    if export is None:
        raise IntegrationError("anaplan_export_missing", name=name)
    return {"export_id": export.id, "export_name": name}


def _find(objects: Any, name: str) -> Any:
    found = [item for item in objects if item.name == name]
    return found[0] if len(found) == 1 else None


def build_layout(plan: dict[str, Any], sync: Sync) -> Layout:
    """Build the file's layout from a resolved plan; raises what `Layout.build` raises."""
    return Layout.build(
        plan["headers"],
        plan["bindings"],
        DATA_SETS[sync.data_set],
        separator=plan["separator"],
        delimiter=plan["delimiter"],
        encoding=plan["encoding"],
        decimal_separator=plan["decimal_separator"],
    )


@dataclass(frozen=True, slots=True)
class Target:
    """What a run maps into: layout, mapping table and the statistical accounts per domain."""

    layout: Layout
    table: MappingTable
    data_set: DataSet
    statistical: Mapping[str, frozenset[str]]
    profile: dict[str, Any]

    @classmethod
    def of(cls, run: Run, rules: Mapping[tuple[str, str], str]) -> "Target":
        """Build a run's target from its plan and its mapping version's rules."""
        layout = build_layout(run.plan, run.sync)
        table = MappingTable.build(
            (Rule(dimension, code, member) for (dimension, code), member in rules.items()), layout
        )
        statistical = {
            domain: frozenset(codes) for domain, codes in run.plan["statistical"].items()
        }
        return cls(
            layout, table, DATA_SETS[run.sync.data_set], statistical, run.sync.source.profile
        )

    def mapper(self, unit: RunUnit, store: RowStore) -> UnitMapper:
        """Return a mapper of one unit's rows into a store."""
        return UnitMapper(
            self.table,
            self.layout,
            self.data_set,
            unit.entity,
            unit.year_period,
            self.statistical.get(unit.domain, frozenset()),
            store,
        )


def target_of(work: Slice, run: Run) -> Target:
    """Return the run's target, built once a slice; inside an open scope."""
    if "target" not in work.cache:
        rules = read_rules(run.mapping_version) if run.mapping_version else {}
        work.cache["target"] = Target.of(run, rules)
    target: Target = work.cache["target"]
    return target
