"""What a run loads into: the sync's names resolved to the model's ids, and the file's layout."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from integrations.anaplan.types import ExportDefinition
from integrations.models import Run, RunUnit, Sync, UnmappedPolicy
from integrations.pipeline.conventions import Conventions
from integrations.pipeline.drift import LAYOUTS, Found, id_by_name
from integrations.pipeline.exports import ExportReader, MemberDirectory
from integrations.pipeline.layout import Layout, default_bindings
from integrations.pipeline.lists import ListMapper, Members
from integrations.pipeline.mapping import UnitFacts, UnitMapper
from integrations.pipeline.period_names import name_periods
from integrations.pipeline.rules import MappingTable, Rule, RulesInForce
from integrations.pipeline.streams import DATA_SETS, DataSet, NotOffered
from integrations.qad.profile import Document, Profile
from integrations.transport.errors import IntegrationError


def resolve_target(found: Found, sync: Sync) -> dict[str, Any]:
    """Resolve the sync's names in what was found in the model at this moment.

    The file is the one that the import itself reads, so nothing is ever uploaded elsewhere.
    Raises IntegrationError anaplan_import_missing, anaplan_import_reads_no_file,
    anaplan_export_missing, anaplan_process_missing, anaplan_process_without_import and what
    `build_layout` raises.
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
        "bindings": {
            **default_bindings(action["headers"], DATA_SETS[sync.data_set]),
            **sync.bindings,
        },
        "unmapped_policy": sync.unmapped_policy,
        "suspense_members": sync.suspense_members,
    }
    plan["process_id"] = _resolve_process(found, sync, import_id)
    if DATA_SETS[sync.data_set].is_list:
        plan["list_id"] = id_by_name(found, "lists", sync.export_name)
        if not plan["list_id"]:
            raise IntegrationError("anaplan_list_missing", name=sync.export_name)
    elif sync.export_name:
        export_id = id_by_name(found, "exports", sync.export_name)
        if not export_id:
            raise IntegrationError("anaplan_export_missing", name=sync.export_name)
        plan |= {"export_id": export_id, "export_name": sync.export_name}
    build_layout(plan, sync)
    return plan


def _resolve_process(found: Found, sync: Sync, import_id: str) -> str:
    """Return the id of the process that is started; "" where the import is started itself."""
    if not sync.process_name:
        return ""
    process_id = id_by_name(found, "processes", sync.process_name)
    if not process_id:
        raise IntegrationError("anaplan_process_missing", name=sync.process_name)
    if import_id not in found["processes"][process_id]["steps"]:
        raise IntegrationError(
            "anaplan_process_without_import", name=sync.process_name, step=sync.import_name
        )
    return process_id


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


def fitted(sync: Sync) -> DataSet:
    """Return the sync's data set as its QAD gives it in the sync's currency.

    Raises IntegrationError: conventions_invalid, profile_invalid and what `fit` raises.
    """
    data_set = DATA_SETS[sync.data_set]
    document = Profile.parse(sync.source.profile).document(data_set.document)
    return fit(data_set, Conventions.parse(sync.conventions), document)


def fit(data_set: DataSet, conventions: Conventions, document: Document) -> DataSet:
    """Return a data set in the currency of the conventions.

    Raises IntegrationError: currency_not_offered, balances_cumulative.
    """
    if document.measure == "cumulative":
        raise IntegrationError("balances_cumulative", document=data_set.document)
    try:
        return data_set.fit(conventions.currency, document.map)
    except NotOffered as error:
        raise IntegrationError(
            "currency_not_offered",
            currency=conventions.currency,
            document=data_set.document,
            field=str(error),
        ) from None


def read_fields(sync: Sync) -> tuple[str, ...]:
    """Return the fields of QAD's rows that a sync needs; what is not needed is not looked at."""
    data_set, conventions = fitted(sync), Conventions.parse(sync.conventions)
    document = Profile.parse(sync.source.profile).document(data_set.document)
    sides = ("debit", "credit") if data_set.derived else ()
    names = {
        *data_set.key,
        *(data_set.row_field(name) for name in (*data_set.dimensions, *data_set.totals, *sides)),
        *conventions.left_out_of(data_set),
        *(entry[0] for entry in document.static_filters),
        *(("layer_type",) if conventions.asks_all_layers else ()),
    }
    return tuple(sorted(names & document.map.keys()))


@dataclass(frozen=True, slots=True)
class Target:
    """What a run maps into: layout, mapping table and what the accounts of each domain are.

    `accounts` holds per domain the codes of "statistical", "turned" and "left_out" accounts,
    `members` what the codes of a list are in all units of the run. `policy` says what becomes of
    codes without a member.
    """

    layout: Layout
    table: MappingTable
    data_set: DataSet
    accounts: Mapping[str, Mapping[str, frozenset[str]]]
    conventions: Conventions
    profile: dict[str, Any]
    fields: tuple[str, ...]
    policy: str
    members: Members | None = None

    @classmethod
    def of(cls, run: Run, rules: Iterable[Rule]) -> "Target":
        """Build a run's target from its plan and its mapping version's rules."""
        layout = build_layout(run.plan, run.sync)
        conventions = Conventions.parse(run.sync.conventions)
        data_set = fitted(run.sync)
        # A run that was planned before there was a choice holds.
        policy = run.plan.get("unmapped_policy", UnmappedPolicy.HOLD)
        suspense = run.plan["suspense_members"] if policy == UnmappedPolicy.SUSPENSE else {}
        named = name_periods(conventions.period_name, run.periods, list(rules))
        if data_set.is_list:
            named = [rule for rule in named if rule.kind == "exact"]
        accounts = {
            domain: {kind: frozenset(codes) for kind, codes in kinds.items()}
            for domain, kinds in run.plan["accounts"].items()
        }
        return cls(
            layout,
            MappingTable(named, layout, suspense),
            data_set,
            accounts,
            conventions,
            run.sync.source.profile,
            read_fields(run.sync),
            policy,
        )

    def rules(self, unit: RunUnit) -> RulesInForce:
        """Return the rules that count for a unit: those of its own domain and period."""
        return self.table.in_force(unit.domain, unit.year_period)

    def mapper(self, unit: RunUnit) -> UnitMapper | ListMapper:
        """Return a mapper of one unit's rows."""
        if self.members is not None:
            return ListMapper(self.members, unit.part)
        facts = UnitFacts(
            unit.entity,
            str(unit.year_period),
            unit.currency,
            self._accounts(unit, "statistical"),
            self._accounts(unit, "turned"),
        )
        return UnitMapper(self.rules(unit), self.layout, self.data_set, facts)

    def left_out(self, unit: RunUnit) -> dict[str, frozenset[str]]:
        """Return per field of a unit's rows the values that leave a row out of the data set."""
        wanted = self.conventions.left_out_of(self.data_set)
        accounts = self._accounts(unit, "left_out")
        if accounts:
            wanted["gl_account"] = wanted.get("gl_account", frozenset()) | accounts
        return wanted

    def turned(self, unit: RunUnit) -> frozenset[str]:
        """Return the accounts whose net changes its sign."""
        return self._accounts(unit, "turned")

    def not_spend(self, unit: RunUnit) -> frozenset[str]:
        """Return the accounts that hold no spend in money."""
        return self._accounts(unit, "left_out") | self._accounts(unit, "statistical")

    def kept_only(self) -> dict[str, frozenset[str]]:
        """Return per field the values without which a row is no part of the data set."""
        if not self.conventions.asks_all_layers:
            return {}
        return {"layer_type": frozenset(layer.upper() for layer in self.conventions.layers)}

    def _accounts(self, unit: RunUnit, kind: str) -> frozenset[str]:
        return self.accounts.get(unit.domain, {}).get(kind, frozenset())
