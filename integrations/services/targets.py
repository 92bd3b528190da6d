"""What a run loads into: the sync's names resolved to the model's ids, and the file's layout."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.anaplan.types import ExportDefinition
from integrations.models import Run, RunUnit, Sync
from integrations.pipeline.drift import LAYOUTS, Found, id_by_name
from integrations.pipeline.exports import ExportReader, MemberDirectory
from integrations.pipeline.layout import Layout, default_bindings
from integrations.pipeline.mapping import MappingTable, RowStore, Rule, UnitMapper
from integrations.pipeline.streams import DATA_SETS, DataSet
from integrations.services.mappings import read_rules
from integrations.services.states import Slice
from integrations.transport.errors import IntegrationError


def resolve_target(found: Found, sync: Sync) -> dict[str, Any]:
    """Resolve the sync's names in what was found in the model at this moment.

    The file is the one that the import itself reads, so nothing is ever uploaded elsewhere.
    Raises IntegrationError anaplan_import_missing, anaplan_import_reads_no_file,
    anaplan_export_missing and what `build_layout` raises.
    """
    import_id = id_by_name(found, "imports", sync.import_name)
    if not import_id:
        raise IntegrationError("anaplan_import_missing", name=sync.import_name)
    action = found["imports"][import_id]
    if not action["file"]:
        raise IntegrationError("anaplan_import_reads_no_file", name=sync.import_name)
    plan: dict[str, Any] = {
        "import_id": import_id,
        "import_name": sync.import_name,
        "file_id": action["file"],
        "file_name": action["file_name"],
        **{part: action[part] for part in LAYOUTS["imports"]},
        "bindings": {**default_bindings(action["headers"]), **sync.bindings},
    }
    if sync.export_name:
        export_id = id_by_name(found, "exports", sync.export_name)
        if not export_id:
            raise IntegrationError("anaplan_export_missing", name=sync.export_name)
        plan |= {"export_id": export_id, "export_name": sync.export_name}
    build_layout(plan, sync)
    return plan


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


def check_export(found: Found, sync: Sync, layout: Layout) -> None:
    """Check that the sync's export shows whatever its file holds.

    Raises IntegrationError anaplan_export_missing, export_header_unbound, export_incomplete,
    file_format_unsupported.
    """
    export_id = id_by_name(found, "exports", sync.export_name)
    shape = found["exports"][export_id] if export_id else {}
    if shape.get("headers") is None:
        raise IntegrationError("anaplan_export_missing", name=sync.export_name)
    definition = ExportDefinition(
        headers=tuple(shape["headers"]),
        data_types=tuple(shape["types"]),
        encoding=shape["encoding"],
        separator=shape["separator"],
        delimiter=shape["delimiter"],
        layout=shape["layout"],
        row_count=0,
    )
    bindings = {**sync.bindings, **sync.export_bindings}
    known = {header: bindings[header] for header in shape["headers"] if header in bindings}
    ExportReader(definition, layout, MemberDirectory({}, {}), bindings=known)


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
