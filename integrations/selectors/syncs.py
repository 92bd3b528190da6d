"""Syncs as pages list them, and what there is to choose from in their editor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_datetime

from accounts.models import Organization
from integrations.models import BalanceGate, Connection, Sync, System, UnmappedPolicy
from integrations.models.syncs import PLAN_DATA_SET
from integrations.pipeline.drift import id_by_name
from integrations.pipeline.headers import default_bindings
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


@dataclass(frozen=True, slots=True)
class SyncChoices:
    """What the editor offers for chosen connections and actions.

    `headers` are those of the import's file, None while they are not known; `export_headers`
    those of the export which the file does not have. `target_id` is the chosen Anaplan.
    `entities_at` and `found_at` say when
    QAD and the model were asked, None for never.
    """

    sources: Sequence[Choice] = ()
    targets: Sequence[Choice] = ()
    entities: Sequence[Choice] = ()
    entities_at: datetime | None = None
    target_id: int | None = None
    model_name: str = ""
    found_at: datetime | None = None
    imports: Sequence[Choice] = ()
    exports: Sequence[Choice] = ()
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
            _model_name(sync),
            [alarm for alarm in alarms[sync.target_id] if sync.name in alarm.syncs],
        )
        for sync in rows.order_by("name")
    ]


def list_choices(
    organization: Organization, wanted: Mapping[str, str], sync: Sync | None
) -> SyncChoices:
    """Return what there is to choose for the wanted source, target, import_name, export_name."""
    rows = list(Connection.objects.filter(organization=organization).order_by("name"))
    source = _chosen(rows, System.QAD, wanted.get("source", ""))
    target = _chosen(rows, System.ANAPLAN, wanted.get("target", ""))
    entities_at, entities = _entities(source, sync)
    place = target.place if target else {}
    row = read_catalogue(target, place["model_id"]) if target and place.get("model_id") else None
    found: Mapping[str, Any] = row.found if row else {}
    shape = _facts(found, "imports", wanted.get("import_name", ""))
    headers = shape.get("headers")
    shown = _facts(found, "exports", wanted.get("export_name", "")).get("headers") or ()
    return SyncChoices(
        sources=_named(rows, System.QAD),
        targets=_named(rows, System.ANAPLAN),
        entities=entities,
        entities_at=entities_at,
        target_id=target.pk if target else None,
        model_name=place.get("model_name", ""),
        found_at=row.found_at if row else None,
        imports=_actions(found, "imports", wanted.get("import_name", "")),
        exports=_actions(found, "exports", wanted.get("export_name", "")),
        import_note=_import_note(found, wanted.get("import_name", "")),
        headers=headers if shape.get("file") else None,
        guesses={**default_bindings(shown), **default_bindings(headers or ())},
        export_headers=[header for header in shown if header not in (headers or ())],
    )


def column_choices() -> list[Choice]:
    """Return what a column of the file may hold."""
    return [("", "Choose…"), *FIELDS.items(), (CONSTANT, "Always the same text")]


def _model_name(sync: Sync) -> str:
    place = sync.target.place
    if place.get("model_id") == sync.model_id:
        return str(place.get("model_name", ""))
    return f"{sync.model_id} (another model than the connection has chosen)"


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
        if kind == "exports" or facts["file"]
    )
    first = "Choose…" if kind == "imports" else "None: nothing is read back"
    choices = [("", first), *((name, name) for name in names)]
    if bound and bound not in names:
        choices.append((bound, f"{bound} (missing in the model)"))
    return choices


def _import_note(found: Mapping[str, Any], name: str) -> str:
    object_id = id_by_name(found, "imports", name) if name else ""
    if not object_id:
        return ""
    facts = found["imports"][object_id]
    if not facts["file"]:
        return f"{object_id}, reads no file"
    return f"{object_id}, reads {facts['file_name']}"
