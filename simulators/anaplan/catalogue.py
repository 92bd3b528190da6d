"""What a model holds: files, actions of all kinds, lists, modules."""

from operator import itemgetter
from typing import Any

from aiohttp import web

from simulators.anaplan.answers import ApiError, Call, page_answer
from simulators.anaplan.modelfile import ImportPart
from simulators.anaplan.roles import granted
from simulators.anaplan.routing import Router
from simulators.anaplan.world import FileSource, Module

EXPORT_FORMAT = "text/csv"
Row = dict[str, Any]


def add_routes(router: Router) -> None:
    """Serve the lists of a model's objects."""
    for path, handler in (
        ("/files", list_files),
        ("/imports", list_imports),
        ("/exports", list_exports),
        ("/actions", list_actions),
        ("/processes", list_processes),
        ("/lists", list_lists),
        ("/modules", list_modules),
        ("/dashboards", list_nothing),
    ):
        router.add_in_model("GET", path, handler)


def file_row(call: Call, source: FileSource) -> Row:
    """A data source as the catalogue and the upload show it."""
    return {
        "id": source.id,
        "name": source.name,
        "chunkCount": call.model.contents.count(call.user.id, source.id),
        "delimiter": source.delimiter,
        "encoding": source.encoding,
        "firstDataRow": 2,
        "format": "txt",
        "headerRow": 1,
        "separator": source.separator,
    }


def _output_row(call: Call, export_id: str, name: str) -> Row:
    chunks = call.model.contents.count(call.user.id, export_id)
    return {"id": export_id, "name": name, "chunkCount": chunks, "firstDataRow": 0, "headerRow": 0}


async def list_files(call: Call) -> web.Response:
    """`GET …/files`: data sources, and the output file of each export."""
    rows = [file_row(call, source) for source in call.model.files.values()]
    rows += [_output_row(call, part.id, part.name) for part in call.model.exports.values()]
    return page_answer(call, "files", _sorted(call, rows), "file")


def import_row(part: ImportPart) -> Row:
    """An import as the catalogue shows it."""
    kind = "MODULE_DATA" if part.module else "HIERARCHY_DATA"
    row: Row = {"id": part.id, "name": part.name, "importType": kind}
    if part.file_id:
        row["importDataSourceId"] = part.file_id
    return row


async def list_imports(call: Call) -> web.Response:
    """`GET …/imports`."""
    rows = [import_row(part) for part in granted(call, call.model.imports).values()]
    return page_answer(call, "imports", _sorted(call, rows), "import")


async def list_exports(call: Call) -> web.Response:
    """`GET …/exports`."""
    rows = [
        {
            "id": part.id,
            "name": part.name,
            "exportType": part.layout,
            "exportFormat": EXPORT_FORMAT,
            "encoding": part.encoding,
            "layout": part.layout,
        }
        for part in granted(call, call.model.exports).values()
    ]
    return page_answer(call, "exports", _sorted(call, rows), "export")


async def list_actions(call: Call) -> web.Response:
    """`GET …/actions`."""
    rows = [
        {"id": part.id, "name": part.name, "actionType": part.action_type}
        for part in granted(call, call.model.actions).values()
    ]
    return page_answer(call, "actions", _sorted(call, rows), "action")


async def list_processes(call: Call) -> web.Response:
    """`GET …/processes`."""
    rows = [
        {"id": part.id, "name": part.name} for part in granted(call, call.model.processes).values()
    ]
    return page_answer(call, "processes", _sorted(call, rows), "process")


async def list_lists(call: Call) -> web.Response:
    """`GET …/lists`."""
    rows = [{"id": d.id, "name": d.name} for d in call.model.dimensions.values() if d.is_list]
    return page_answer(call, "lists", rows, "list")


async def list_modules(call: Call) -> web.Response:
    """`GET …/modules`."""
    rows = [{"id": found.id, "name": found.name} for found in call.model.modules.values()]
    return page_answer(call, "modules", rows, "module")


async def list_nothing(call: Call) -> web.Response:
    """A kind of object that no model here has."""
    return page_answer(call, "dashboards", [], "dashboard")


def find_module(call: Call) -> Module:
    """The module of the path; 404 when there is none."""
    module = call.model.modules.get(call.ids[0])
    if module is None:
        raise ApiError(404, "Not Found")
    return module


def _sorted(call: Call, rows: list[Row]) -> list[Row]:
    """Rows by `sort`, fields with an optional sign; a field that is not there is ignored."""
    for field in reversed(call.request.query.get("sort", "").split(",")):
        name = field.strip().lstrip("+-")
        if name and all(name in row for row in rows):
            rows.sort(key=itemgetter(name), reverse=field.strip().startswith("-"))
    return rows
