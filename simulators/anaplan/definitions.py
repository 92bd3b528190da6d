"""Single definitions: what an import expects, what an export gives, a process, a list."""

from typing import Any

from aiohttp import web

from simulators.anaplan.answers import ApiError, Call, envelope
from simulators.anaplan.catalogue import EXPORT_FORMAT, import_row
from simulators.anaplan.checking import find_step
from simulators.anaplan.dimensions import TIME_ID, Dimension
from simulators.anaplan.exporting import ExportJob
from simulators.anaplan.modelfile import ExportColumn, ExportPart
from simulators.anaplan.roles import defined
from simulators.anaplan.routing import Router
from simulators.anaplan.world import Module


def add_routes(router: Router) -> None:
    """Serve single definitions."""
    router.add_in_model("GET", "/imports/*", get_import)
    router.add_in_model("GET", "/exports/*", get_export)
    router.add_in_model("GET", "/processes/*", get_process)
    router.add_in_model("GET", "/actions/*", get_action)
    router.add_in_model("GET", "/lists/*", get_list)


async def get_import(call: Call) -> web.Response:
    """`GET …/imports/{id}`; an unknown id gives 500, as it was seen to."""
    part = defined(call, call.model.imports).get(call.ids[0])
    if part is None:
        raise ApiError(500, "Internal Server Error")
    headers = [column.header for column in part.columns if column.header]
    body = {
        "name": part.name,
        "type": "FILE" if part.file_id else "MODEL",
        "source": {
            "textEncoding": part.encoding,
            "columnSeparator": part.separator,
            "textDelimiter": part.delimiter,
            "decimalSeparator": part.decimal_separator,
            "headerRow": 1,
            "firstDataRow": 2,
            "columnCount": len(headers),
            "headerNames": headers,
        },
    }
    return envelope(call, "importMetadata", body, "import")


async def get_export(call: Call) -> web.Response:
    """`GET …/exports/{id}`."""
    part = defined(call, call.model.exports).get(call.ids[0])
    if part is None:
        raise ApiError(404, "Not Found")
    module = call.model.module(part.module)
    columns = [column for column in part.columns if column.header]
    body = {
        "columnCount": len(columns),
        "rowCount": _row_count(call, part, module),
        "headerNames": [column.header for column in columns],
        "dataTypes": [_data_type(module, column) for column in columns],
        "listNames": [column.dimension for column in columns],
        "exportFormat": EXPORT_FORMAT,
        "encoding": part.encoding,
        "delimiter": '"',
        "separator": part.separator,
        "layout": part.layout,
    }
    return envelope(call, "exportMetadata", body, "export")


def _row_count(call: Call, part: ExportPart, module: Module) -> int:
    """How many rows an export is said to have: all that have a cell, or those that it gives."""
    settings = call.world.settings
    if not settings.row_count_is_exact:
        return len(module.grid.cells)
    job = ExportJob(call.model, part, settings)
    for _ in job.chunks(settings.export_chunk_bytes):
        pass
    return job.rows


def _data_type(module: Module, column: ExportColumn) -> str:
    if column.line_item:
        return next(item.format for item in module.line_items if item.name == column.line_item)
    dimension = next(found for found in module.dimensions if found.name == column.dimension)
    return "TIME_ENTITY" if dimension.id == TIME_ID else "ENTITY"


async def get_process(call: Call) -> web.Response:
    """`GET …/processes/{id}`: its steps in order."""
    part = defined(call, call.model.processes).get(call.ids[0])
    if part is None:
        raise ApiError(404, "Not Found")
    with_source = call.request.query.get("showImportDataSource", "").lower() == "true"
    steps = [_step(call, name, with_source=with_source) for name in part.steps]
    return envelope(call, "processMetadata", {"name": part.name, "actions": steps}, "process")


def _step(call: Call, name: str, *, with_source: bool) -> dict[str, Any]:
    kind, step_id = find_step(call.model, name) or ("", "")
    if kind == "imports":
        part = call.model.imports[step_id]
        row = import_row(part) | {"actionType": "IMPORT"}
        if with_source and part.file_id:
            row["importDataSource"] = {"importDataSourceId": part.file_id, "type": "FILE"}
        return row
    if kind == "exports":
        export = call.model.exports[step_id]
        return {
            "id": step_id,
            "name": export.name,
            "actionType": "EXPORT",
            "exportType": export.layout,
            "exportFormat": EXPORT_FORMAT,
            "layout": export.layout,
        }
    action = call.model.actions[step_id]
    return {"id": step_id, "name": action.name, "actionType": action.action_type}


async def get_action(call: Call) -> web.Response:
    """`GET …/actions/{id}`."""
    part = defined(call, call.model.actions).get(call.ids[0])
    if part is None:
        raise ApiError(404, "Not Found")
    body = {"id": part.id, "name": part.name, "actionType": part.action_type}
    return envelope(call, "action", body, "action")


def find_list(call: Call) -> Dimension:
    """The list of the path; 404 when there is none."""
    found = call.model.dimensions.get(call.ids[0])
    if found is None or not found.is_list:
        raise ApiError(404, "Not Found")
    return found


async def get_list(call: Call) -> web.Response:
    """`GET …/lists/{id}`."""
    found = find_list(call)
    body = {
        "id": found.id,
        "name": found.name,
        "hasSelectiveAccess": False,
        "numberedList": False,
        "itemCount": sum(1 for _ in found.all()),
        "productionData": False,
        "workflowEnabled": False,
        "useTopLevelAsPageDefault": False,
        "managedBy": "",
        "permittedItems": 1_000_000_000,
    }
    return envelope(call, "metadata", body, "list")
