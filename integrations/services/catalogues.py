"""Reading what a model offers by name, with few requests."""

from collections.abc import Collection, Iterator
from typing import Any

from integrations.anaplan.client import AnaplanClient
from integrations.anaplan.types import ExportAction, FileSource, ImportAction
from integrations.pipeline.drift import Found, Use, id_by_name
from integrations.transport.errors import IntegrationError

MOST_DEFINITIONS = 60
MOST_PROCESSES = 20
ACTIONS = ("imports", "exports")
_UNDEFINED = frozenset(
    {"anaplan_error", "anaplan_not_found", "anaplan_import_missing", "anaplan_forbidden"}
)


def read_catalogue(client: AnaplanClient, uses: Collection[Use], accepted: Found) -> dict[str, Any]:
    """Return all that the model offers: eight requests, one for each definition and process.

    Definitions are read of imports that read a file and of exports, those in use first, up to
    `MOST_DEFINITIONS`; the others have `headers` None. So it is with the `steps` of processes,
    up to `MOST_PROCESSES`.
    """
    files = {source.id: source for source in client.files()}
    found: dict[str, Any] = {
        "imports": {action.id: _import(action, files) for action in client.imports()},
        "exports": {action.id: _export(action) for action in client.exports()},
        "lists": {row.id: {"name": row.name} for row in client.lists()},
        "modules": {row.id: {"name": row.name} for row in client.modules()},
        "actions": {row.id: {"name": row.name} for row in client.other_actions()},
        "processes": _processes(client, uses, most=MOST_PROCESSES),
        "files": {source.id: {"name": source.name} for source in files.values()},
    }
    used = list(_used(found, uses))
    rest = [place for place in _definable(found) if place not in used]
    for place in used:
        _define(client, found, *place)
    for place in rest[: max(0, MOST_DEFINITIONS - len(used))]:
        _define_if_shown(client, found, *place)
    found["hidden"] = _find_hidden(client, uses, accepted, found)
    return found


def read_used(client: AnaplanClient, uses: Collection[Use], accepted: Found) -> dict[str, Any]:
    """Return of the model what is used, as it is at this moment."""
    files = {source.id: source for source in client.files()}
    found: dict[str, Any] = {
        "imports": {action.id: _import(action, files) for action in client.imports()}
    }
    if any(use.kind == "exports" for use in uses):
        found["exports"] = {action.id: _export(action) for action in client.exports()}
    if any(use.kind in ("exports", "lists") for use in uses):
        found["lists"] = {row.id: {"name": row.name} for row in client.lists()}
    if any(use.kind == "processes" for use in uses):
        found["processes"] = _processes(client, uses)
    for place in _used(found, uses):
        _define(client, found, *place)
    found["hidden"] = _find_hidden(client, uses, accepted, found)
    return found


def _processes(client: AnaplanClient, uses: Collection[Use], *, most: int = 0) -> dict[str, Any]:
    """Return the processes, with the steps of those in use as {id: name} in their order.

    Of the others the first `most` are read too, as far as the user may see them.
    """
    used = {use.name for use in uses if use.kind == "processes"}
    rows = client.processes()
    others = [row.id for row in rows if row.name not in used][:most]
    steps = {row.id: _steps(client, row.id) for row in rows if row.name in used}
    for process_id in others:
        try:
            steps[process_id] = _steps(client, process_id)
        except IntegrationError as error:
            if error.code not in _UNDEFINED:
                raise
    return {row.id: {"name": row.name, "steps": steps.get(row.id)} for row in rows}


def _steps(client: AnaplanClient, process_id: str) -> dict[str, str]:
    return {step.id: step.name for step in client.process_steps(process_id)}


def _import(action: ImportAction, files: dict[str, FileSource]) -> dict[str, Any]:
    source = files.get(action.file_id)
    return {
        "name": action.name,
        "type": action.import_type,
        "file": source.id if source else "",
        "file_name": source.name if source else "",
        "headers": None,
    }


def _export(action: ExportAction) -> dict[str, Any]:
    return {
        "name": action.name,
        "layout": action.layout,
        "format": action.format,
        "encoding": action.encoding,
        "headers": None,
    }


def _used(found: Found, uses: Collection[Use]) -> Iterator[tuple[str, str]]:
    definable = set(_definable(found))
    for use in uses:
        place = (use.kind, id_by_name(found, use.kind, use.name))
        if place in definable:
            yield place


def _definable(found: Found) -> Iterator[tuple[str, str]]:
    for object_id, facts in found["imports"].items():
        if facts["file"]:
            yield "imports", object_id
    for object_id in found.get("exports", {}):
        yield "exports", object_id


def _define(client: AnaplanClient, found: dict[str, Any], kind: str, object_id: str) -> None:
    facts = found[kind][object_id]
    if kind == "imports":
        layout = client.import_definition(object_id)
        facts |= {
            "headers": list(layout.headers),
            "separator": layout.separator or ",",
            "delimiter": layout.delimiter,
            "encoding": layout.encoding or "UTF-8",
            "decimal_separator": layout.decimal_separator or ".",
        }
        return
    shape = client.export_definition(object_id)
    facts |= {
        "headers": list(shape.headers),
        "types": list(shape.data_types),
        "layout": shape.layout or facts["layout"],
        "encoding": shape.encoding or facts["encoding"],
        "separator": shape.separator,
        "delimiter": shape.delimiter,
        "lists": sorted({name for name in shape.list_names if name}),
    }


def _define_if_shown(
    client: AnaplanClient, found: dict[str, Any], kind: str, object_id: str
) -> None:
    try:
        _define(client, found, kind, object_id)
    except IntegrationError as error:
        if error.code not in _UNDEFINED:
            raise


def _find_hidden(
    client: AnaplanClient, uses: Collection[Use], accepted: Found, found: Found
) -> list[str]:
    """Return which used actions still exist although they are not listed.

    A process shows all its steps; without one that runs the action nothing can be said.
    """
    known = {id_by_name(accepted, use.kind, use.name) for use in uses}
    listed = {object_id for kind in (*ACTIONS, "processes") for object_id in found.get(kind, ())}
    missing = known - listed - {""}
    if not missing:
        return []
    steps = {
        step.id
        for process in client.processes()[:MOST_PROCESSES]
        for step in client.process_steps(process.id)
    }
    return sorted(missing & steps)
