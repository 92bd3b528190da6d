"""Syncs as pages list them, and what there is to choose from in their editor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_datetime

from accounts.models import Organization
from integrations.models import BalanceGate, Connection, Sync, System, UnmappedPolicy
from integrations.models.syncs import PLAN_DATA_SET
from integrations.pipeline.drift import id_by_name
from integrations.pipeline.headers import default_bindings
from integrations.pipeline.streams import DATA_SETS, GL_BALANCES, DataSet
from integrations.selectors.data_sets import name_data_set
from integrations.selectors.models import Alarm, list_alarms, read_catalogue
from integrations.selectors.needs import FIELDS

GATES = tuple(BalanceGate.choices)
POLICIES = tuple(UnmappedPolicy.choices)
CONSTANT = "="
Choice = tuple[str, str]


@dataclass(frozen=True, slots=True)
class SyncLine:
    """A sync in the list: where it loads, and what stops it."""

    sync: Sync
    model_name: str
    alarms: Sequence[Alarm]

    @property
    def entities(self) -> str:
        """The codes of its entities."""
        return ", ".join(place["entity"] for place in self.sync.entities)

    @property
    def data_set(self) -> str:
        """What moves, in words."""
        return name_data_set(self.sync)


@dataclass(frozen=True, slots=True)
class SyncChoices:
    """What the editor offers for chosen connections and actions.

    `headers` are those of the import's file, None while they are not known; `export_headers`
    those of the export which the file does not have. `target_id` is the chosen Anaplan.
    `exports` are lists where the data set is one, `processes` those that run the chosen import.
    `conventions` are those that the sync keeps of this data set. `entities_at` and `found_at`
    say when QAD and the model were asked, None for never.
    """

    data_set: DataSet = GL_BALANCES
    data_sets: Sequence[Choice] = ()
    conventions: Mapping[str, Any] = field(default_factory=dict)
    sources: Sequence[Choice] = ()
    targets: Sequence[Choice] = ()
    entities: Sequence[Choice] = ()
    entities_at: datetime | None = None
    target_id: int | None = None
    model_name: str = ""
    found_at: datetime | None = None
    imports: Sequence[Choice] = ()
    exports: Sequence[Choice] = ()
    processes: Sequence[Choice] = ()
    import_note: str = ""
    headers: Sequence[str] | None = None
    guesses: Mapping[str, str] | None = None
    export_headers: Sequence[str] = ()


def get_sync(organization: Organization, sync_id: int) -> Sync:
    """Return a sync that loads actuals, inside an open scope; 404 for any other."""
    rows = Sync.objects.select_related("source", "target").filter(organization=organization)
    rows = rows.exclude(data_set=PLAN_DATA_SET)
    return get_object_or_404(rows, pk=sync_id)


def list_sync_lines(organization: Organization) -> list[SyncLine]:
    """Return all syncs by name, inside an open scope."""
    rows = Sync.objects.select_related("source", "target").filter(organization=organization)
    targets = {row.target_id: row.target for row in rows}
    alarms = {key: list_alarms(target) for key, target in targets.items()}
    return [
        SyncLine(
            sync,
            name_model(sync.target, sync.model_id),
            [alarm for alarm in alarms[sync.target_id] if sync.name in alarm.syncs],
        )
        for sync in rows.order_by("name")
    ]


def list_choices(
    organization: Organization, wanted: Mapping[str, str], sync: Sync | None
) -> SyncChoices:
    """Return what there is to choose for the wanted data_set, source, target and actions."""
    rows = list(Connection.objects.filter(organization=organization).order_by("name"))
    data_set = DATA_SETS.get(wanted.get("data_set", ""), GL_BALANCES)
    source = _chosen(rows, System.QAD, wanted.get("source", ""))
    target = _chosen(rows, System.ANAPLAN, wanted.get("target", ""))
    entities_at, entities = _entities(source, sync)
    model_id, model_name = _model(target, sync)
    row = read_catalogue(target, model_id) if target and model_id else None
    found: Mapping[str, Any] = row.found if row else {}
    kind = "lists" if data_set.is_list else "exports"
    shape = _facts(found, "imports", wanted.get("import_name", ""))
    headers = shape.get("headers")
    shown = _facts(found, kind, wanted.get("export_name", "")).get("headers") or ()
    return SyncChoices(
        data_set=data_set,
        data_sets=[(name, known.label) for name, known in DATA_SETS.items()],
        conventions=sync.conventions if sync and sync.data_set == data_set.name else {},
        sources=_named(rows, System.QAD),
        targets=_named(rows, System.ANAPLAN),
        entities=entities,
        entities_at=entities_at,
        target_id=target.pk if target else None,
        model_name=model_name,
        found_at=row.found_at if row else None,
        imports=_actions(found, "imports", wanted.get("import_name", "")),
        exports=_actions(found, kind, wanted.get("export_name", "")),
        processes=_processes(found, wanted),
        import_note=_import_note(found, wanted.get("import_name", "")),
        headers=headers if shape.get("file") else None,
        guesses={**default_bindings(shown, data_set), **default_bindings(headers or (), data_set)},
        export_headers=[header for header in shown if header not in (headers or ())],
    )


def list_places(organization: Organization, sync: Sync) -> list[tuple[str, list[Choice]]]:
    """Return the models that a sync may be led to, by connection: "connection|model" and a name.

    Archived ones are left out, and so is the one that it loads already.
    """
    rows = Connection.objects.filter(organization=organization, system=System.ANAPLAN)
    return [
        (
            row.name,
            sorted(
                (
                    (f"{row.pk}|{model_id}", f"{facts['name']} in {facts['workspace_name']}")
                    for model_id, facts in row.offered.get("models", {}).items()
                    if facts["state"] != "ARCHIVED"
                    and (row.pk, model_id) != (sync.target_id, sync.model_id)
                ),
                key=itemgetter(1),
            ),
        )
        for row in rows.order_by("name")
    ]


def column_choices(data_set: DataSet) -> list[Choice]:
    """Return what a column of the file may hold: the fields of a data set, or a text."""
    measures = () if data_set.is_list else data_set.measures
    fields = [(name, FIELDS[name]) for name in (*data_set.dimensions, *measures)]
    return [("", "Choose…"), *fields, (CONSTANT, "Always the same text")]


def name_model(connection: Connection, model_id: str) -> str:
    """Name a model as its connection shows it."""
    place = connection.place
    if place.get("model_id") == model_id:
        return str(place.get("model_name", ""))
    known = connection.offered.get("models", {}).get(model_id, {})
    return str(known.get("name", model_id))


def _model(target: Connection | None, sync: Sync | None) -> tuple[str, str]:
    """Return the model of a sync, or for a new one, or another target, the one chosen there."""
    if target is None:
        return "", ""
    is_kept = sync is not None and sync.model_id and sync.target_id == target.pk
    model_id = sync.model_id if sync and is_kept else target.place.get("model_id", "")
    return model_id, name_model(target, model_id) if model_id else ""


def _named(rows: Sequence[Connection], system: System) -> list[Choice]:
    return [(str(row.pk), row.name) for row in rows if row.system == system]


def _chosen(rows: Sequence[Connection], system: System, wanted: str) -> Connection | None:
    return next((row for row in rows if row.system == system and str(row.pk) == wanted), None)


def _entities(source: Connection | None, sync: Sync | None) -> tuple[datetime | None, list[Choice]]:
    offered = source.offered if source else {}
    names = {
        f"{space['domain']}|{space['entity']}": _entity_label(space)
        for space in offered.get("workspaces", [])
    }
    if sync is not None and source is not None and sync.source_id == source.pk:
        for place in sync.entities:
            key = f"{place['domain']}|{place['entity']}"
            names.setdefault(key, f"{place['entity']} in {place['domain']} (not listed by QAD now)")
    return parse_datetime(offered.get("at", "")), sorted(names.items())


def _entity_label(facts: Mapping[str, str]) -> str:
    parts = [facts["description"], f"domain {facts['domain']}", facts["base_currency"]]
    return f"{facts['entity']}: {', '.join(filter(None, parts))}"


def _facts(found: Mapping[str, Any], kind: str, name: str) -> Mapping[str, Any]:
    object_id = id_by_name(found, kind, name) if name else ""
    return found[kind][object_id] if object_id else {}


def _actions(found: Mapping[str, Any], kind: str, bound: str) -> list[Choice]:
    names = sorted(
        facts["name"]
        for facts in found.get(kind, {}).values()
        if kind != "imports" or facts["file"]
    )
    first = "None: nothing is read back" if kind == "exports" else "Choose…"
    choices = [("", first), *((name, name) for name in names)]
    if bound and bound not in names:
        choices.append((bound, f"{bound} (missing in the model)"))
    return choices


def _processes(found: Mapping[str, Any], wanted: Mapping[str, str]) -> list[Choice]:
    """Return the processes that run the chosen import, and the bound one in any case."""
    import_id = id_by_name(found, "imports", wanted.get("import_name", ""))
    bound = wanted.get("process_name", "")
    names = sorted(
        facts["name"]
        for facts in found.get("processes", {}).values()
        if import_id and import_id in (facts.get("steps") or ())
    )
    choices = [("", "None: the import itself"), *((name, name) for name in names)]
    if bound and bound not in names:
        choices.append((bound, f"{bound} (does not run this import)"))
    return choices


def _import_note(found: Mapping[str, Any], name: str) -> str:
    object_id = id_by_name(found, "imports", name) if name else ""
    if not object_id:
        return ""
    facts = found["imports"][object_id]
    if not facts["file"]:
        return f"{object_id}, reads no file"
    return f"{object_id}, reads {facts['file_name']}"
