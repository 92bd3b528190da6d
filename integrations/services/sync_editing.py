"""Making and changing a sync by what its connections offer, as they were last looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from accounts.errors import Refused
from accounts.models import Organization
from audit.context import current_acting
from audit.tenancy import tenant
from integrations.models import (
    Connection,
    ModelCatalogue,
    PlanType,
    Sync,
    System,
    UnmappedPolicy,
)
from integrations.models.syncs import PLAN_DATA_SET
from integrations.pipeline.drift import Use, find_drifts, id_by_name, witnesses
from integrations.pipeline.policies import Policies
from integrations.pipeline.rules import ROW_DIMENSIONS
from integrations.pipeline.streams import DATA_SETS
from integrations.services.alarms import forget_positions
from integrations.services.closed_changes import refuse_unholdable
from integrations.services.code_amounts import forget_code_sums
from integrations.services.connections import lock_connection, note_saved
from integrations.services.drift import (
    accept_new,
    end_settled,
    find_catalogue,
    forget_unused,
    syncs_into,
    uses_of,
)
from integrations.services.plans.naming import check_name
from integrations.services.plans.reading import resolve_export
from integrations.services.targets import build_layout, check_export, fitted, resolve_target
from integrations.transport.errors import IntegrationError

_AIM = (
    "data_set", "target_id", "model_id", "import_name", "process_name", "bindings", "parameters",
    "conventions",
)  # fmt: skip
"""What a change of makes all that was loaded before say nothing about the next run."""
_READ = {"source_id", "data_set"}
"""What a change of makes all that was read before say nothing of the sync."""
_NOTED = (
    *_AIM, "name", "source_id", "export_name", "export_bindings", "entities", "sends_all",
    "balance_gate", "unmapped_policy", "suspense_members", "policies", "plan_name", "plan_type",
    "plan_codes", "plan_shrink",
)  # fmt: skip
"""What the trail says of a change."""
KINDS = {"imports": "import", "exports": "export", "processes": "process", "lists": "list"}


@dataclass(frozen=True, slots=True)
class PlanWish:
    """What a sync says of the plan that it brings back, see `Sync`."""

    name: str = ""
    plan_type: str = PlanType.BUDGET
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    shrink: int = 20


@dataclass(frozen=True, slots=True)
class SyncWish:
    """What somebody wants of a sync; entities as "domain|entity", bindings by header.

    With `plan` it brings a plan from Anaplan to QAD: it has an export and no import. Without
    `policies` a sync keeps those that it has.
    """

    name: str
    source_id: int
    target_id: int
    entities: Sequence[str]
    import_name: str
    export_name: str = ""
    data_set: str = "gl_balances"
    process_name: str = ""
    sends_all: bool = False
    conventions: Mapping[str, Any] = field(default_factory=dict)
    balance_gate: str = "warn"
    unmapped_policy: str = "hold"
    suspense_members: Mapping[str, str] = field(default_factory=dict)
    bindings: Mapping[str, str] = field(default_factory=dict)
    export_bindings: Mapping[str, str] = field(default_factory=dict)
    parameters: Sequence[Mapping[str, str]] = ()
    plan: PlanWish | None = None
    policies: Policies | None = None


def set_sync(*, organization: Organization, sync_id: int | None, wish: SyncWish) -> Sync:
    """Make a sync, or change one.

    A new one loads the model that its connection has chosen, and so does one that is led to
    another connection; any other stays with its model.
    Choosing an action that no sync uses yet takes it as it was found. What a sync uses already
    stays as it was accepted; where it has drifted, nothing is saved until somebody has said so
    at its alarm. Where the sync aims at something else than before, its next run sends every
    cell. The amounts by code of what it no longer reads are forgotten.
    Raises Refused: sync_unknown, sync_name_taken, sync_without_entities, sync_action_unknown,
    sync_columns_unknown, suspense_without_member, suspense_dimension_wrong,
    model_not_chosen, connection_unknown, connection_wrong_system,
    a code of the drift watch, and what `check_wish` names; sync_brings_no_plan where it loads
    actuals already.
    """
    with tenant(organization.pk):
        sides = _sides(organization, wish)
        sync = _row(organization, sync_id)
        before = {name: getattr(sync, name) for name in _NOTED}
        catalogue = _fill(sync, wish, *sides)
        # A drift is named before a layout that fails because of it.
        _accept(sync, catalogue)
        check_wish(sync, catalogue.found)
        sync.save()
        changed = {
            name: [value, getattr(sync, name)]
            for name, value in before.items()
            if sync_id is not None and value != getattr(sync, name)
        }
        if changed.keys() & set(_AIM):
            forget_positions(sync)
        if changed.keys() & {*_READ, "entities"}:
            forget_code_sums(sync, reads_other=bool(changed.keys() & _READ))
        still = find_drifts(_uses_into(sync), catalogue.accepted, catalogue.found)
        end_settled(catalogue, still, ended_by=current_acting().actor)
        note_saved(sync, changed)
        return sync


def draft_sync(
    *, organization: Organization, sync_id: int | None, wish: SyncWish
) -> tuple[Sync, dict[str, Any]]:
    """Return the sync as it would be saved, and what was found in its model; nothing is kept.

    Raises Refused as `set_sync`, but for drifts.
    """
    with tenant(organization.pk):
        sides = _sides(organization, wish)
        sync = _row(organization, sync_id)
        catalogue = _fill(sync, wish, *sides)
        check_wish(sync, catalogue.found)
        return sync, catalogue.found


def _row(organization: Organization, sync_id: int | None) -> Sync:
    if sync_id is None:
        return Sync(organization=organization)
    rows = Sync.objects.select_for_update(no_key=True).filter(organization=organization)
    sync = rows.filter(pk=sync_id).first()
    if sync is None:
        raise Refused("sync_unknown", name=str(sync_id))
    return sync


def _connection(organization: Organization, connection_id: int, system: System) -> Connection:
    row = lock_connection(organization, connection_id)
    if row.system != system:
        raise Refused("connection_wrong_system", name=row.name, system=system.label)
    return row


def _sides(organization: Organization, wish: SyncWish) -> tuple[Connection, Connection]:
    """Lock both connections, before anything else is."""
    source = _connection(organization, wish.source_id, System.QAD)
    return source, _connection(organization, wish.target_id, System.ANAPLAN)


def _fill(sync: Sync, wish: SyncWish, source: Connection, target: Connection) -> ModelCatalogue:
    """Write a wish into a sync that is not saved yet; return the catalogue of its model."""
    sync.entities = _entities(sync, wish.entities, source)
    if not sync.model_id or sync.target_id != target.pk:
        if not target.place.get("model_id"):
            raise Refused("model_not_chosen", name=target.name)
        sync.workspace_id = target.place["workspace_id"]
        sync.model_id = target.place["model_id"]
    sync.name, sync.source, sync.target = wish.name, source, target
    sync.import_name, sync.export_name = wish.import_name, wish.export_name
    sync.process_name, sync.sends_all = wish.process_name, wish.sends_all
    sync.bindings, sync.export_bindings = dict(wish.bindings), dict(wish.export_bindings)
    sync.parameters = [dict(prompt) for prompt in wish.parameters]
    sync.balance_gate = wish.balance_gate
    sync.unmapped_policy = wish.unmapped_policy
    sync.suspense_members = _suspense(wish)
    if wish.policies is not None:
        sync.policies = msgspec.to_builtins(wish.policies)
    if wish.plan is None:
        sync.data_set, sync.conventions = wish.data_set, dict(wish.conventions)
    else:
        _fill_plan(sync, wish.plan)
    catalogue = find_catalogue(target, sync.model_id)
    if catalogue is None:
        kind = "export" if wish.plan else "import"
        name = wish.export_name if wish.plan else wish.import_name
        raise Refused("sync_action_unknown", kind=kind, name=name)
    _check_names(sync, catalogue)
    return catalogue


def _fill_plan(sync: Sync, plan: PlanWish) -> None:
    if sync.pk and not sync.brings_plan:
        raise Refused("sync_brings_no_plan", name=sync.name)
    try:
        sync.plan_name = check_name(plan.name) if plan.name else ""
    except IntegrationError as error:
        raise Refused(error.code, **error.facts) from None
    sync.data_set, sync.plan_type = PLAN_DATA_SET, plan.plan_type
    sync.plan_codes = {dimension: dict(codes) for dimension, codes in plan.codes.items()}
    sync.plan_shrink = plan.shrink


def _entities(sync: Sync, keys: Sequence[str], source: Connection) -> list[dict[str, str]]:
    """Return the chosen ones among what QAD offers and what the sync had already."""
    places = [*source.offered.get("workspaces", []), *sync.entities]
    known = {f"{place['domain']}|{place['entity']}": place for place in places}
    chosen = [known[key] for key in sorted(set(keys)) if key in known]
    if not chosen:
        raise Refused("sync_without_entities")
    return [{"domain": place["domain"], "entity": place["entity"]} for place in chosen]


def _suspense(wish: SyncWish) -> dict[str, str]:
    members = {name: member for name, member in wish.suspense_members.items() if member}
    for name in members:
        if name not in ROW_DIMENSIONS:
            raise Refused("suspense_dimension_wrong", dimension=name)
    if wish.unmapped_policy == UnmappedPolicy.SUSPENSE and not members:
        raise Refused("suspense_without_member")
    return members


def _check_names(sync: Sync, catalogue: ModelCatalogue) -> None:
    others = Sync.objects.filter(organization=sync.organization, name=sync.name)
    if others.exclude(pk=sync.pk).exists():
        raise Refused("sync_name_taken", name=sync.name)
    for use in uses_of([sync]):
        kind = KINDS[use.kind]
        object_id = id_by_name(catalogue.found, use.kind, use.name)
        if not object_id:
            raise Refused("sync_action_unknown", kind=kind, name=use.name)
        facts = catalogue.found[use.kind][object_id]
        is_shown = use.kind != "processes" or facts.get("steps") is not None
        if use.kind == "exports" or (use.kind == "imports" and facts["file"]):
            is_shown = facts.get("headers") is not None
        if not is_shown:
            raise Refused("sync_columns_unknown", kind=kind, name=use.name)


def _uses_into(sync: Sync) -> list[Use]:
    """Return what the saved syncs use of the model."""
    return uses_of(syncs_into(sync.target, sync.model_id))


def _accept(sync: Sync, catalogue: ModelCatalogue) -> None:
    """Take what is new to all syncs as it was found, and refuse what has drifted under them."""
    in_use, wished = _uses_into(sync), uses_of([sync])
    forget_unused(catalogue, in_use)
    accept_new(catalogue, wished, catalogue.found)
    relied_on = {
        object_id
        for use in wished
        for objects in witnesses(use, catalogue.found).values()
        for object_id in objects
    }
    used = find_drifts(in_use, catalogue.accepted, catalogue.found)
    drifts = [
        *find_drifts(wished, catalogue.accepted, catalogue.found),
        *(drift for drift in used if drift.object_id in relied_on),
    ]
    if drifts:
        raise Refused(drifts[0].code, **drifts[0].facts)
    catalogue.save(update_fields=["accepted"])


def check_wish(sync: Sync, found: Mapping[str, Any]) -> None:
    """Refuse what no run could work with, as far as it is known before.

    Raises Refused: conventions_invalid, currency_not_offered and what `resolve_target` and
    `check_export` name.
    """
    try:
        if sync.brings_plan:
            resolve_export(found, sync)
            return
        fitted(sync)
        refuse_unholdable(sync)
        plan = resolve_target(found, sync)
        if sync.export_name and not DATA_SETS[sync.data_set].is_list:
            check_export(found, sync, build_layout(plan, sync))
    except IntegrationError as error:
        raise Refused(error.code, **error.facts) from None
