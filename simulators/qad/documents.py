"""Answers list calls of business documents: workspace, filters, sort, pages and their faults."""

import asyncio
from typing import Any

from aiohttp import web

from simulators.faults import Fault, fault_of
from simulators.qad.amounts import list_from_json, to_json
from simulators.qad.answers import error_answer, list_answer
from simulators.qad.books import Books, Entity
from simulators.qad.filters import NothingMatches, parse_filters, parse_sort
from simulators.qad.ledger import Ledger
from simulators.qad.settings import Settings
from simulators.qad.shapes import ALL_SHAPES
from simulators.qad.tables import DOMAIN, ENTITY, NO_ROWS, Selection, Shape, Table
from simulators.recorder import Counters

WORKSPACE_HEADER = "x-qad-workspace-id"
READ_VERBS = "GET,HEAD,OPTIONS"
OWN_FAULTS = (
    "empty",
    "repeat_page",
    "row_without_key",
    "amount_text",
    "rename_field",
    "total_off",
)
SHAPES_BY_PATH = {shape.path: shape for shape in ALL_SHAPES}


class Documents:
    """All business documents of one running stand-in."""

    def __init__(self, ledger: Ledger, settings: Settings, counters: Counters) -> None:
        self.ledger = ledger
        self._settings = settings
        self._counters = counters

    async def answer(self, request: web.Request, path: str) -> web.Response:
        """Answer a call on a document's path; unknown paths are 404, other verbs than GET 500."""
        shape = SHAPES_BY_PATH.get(path)
        if shape is None:
            return error_answer(404, f"No business document at {path}")
        if request.method == "OPTIONS":
            return web.Response(headers={"Allow": READ_VERBS})
        if request.method not in ("GET", "HEAD"):
            return error_answer(500, f"Request method '{request.method}' not supported")
        entity = find_workspace(self.ledger.books, request.headers.get(WORKSPACE_HEADER))
        if entity is None:
            return error_answer(403, "The workspace is unknown or not allowed for this user")
        if self._settings.page_seconds:
            await asyncio.sleep(self._settings.page_seconds)
        return self._list(request, self.ledger.tables[shape.name], entity)

    def _list(self, request: web.Request, table: Table, entity: Entity) -> web.Response:
        query = request.query
        try:
            page = max(int(query.get("page", "1")), 1)
            size = int(query.get("pageSize", str(self._settings.default_page_size)))
        except ValueError:
            return error_answer(400, "page and pageSize are whole numbers")
        size = min(max(size, 1), self._settings.largest_page_size)
        selection = _select(request, table, entity)
        fault = fault_of(request, *OWN_FAULTS)
        is_repeated = fault is not None and fault.kind == "repeat_page"
        shown = max(page - 1, 1) if is_repeated else page
        rows = selection.read((shown - 1) * size, size)
        total = selection.rows
        if fault is not None:
            rows, total = spoil(fault, table.shape, rows, total)
        self._counters.add("pages")
        self._counters.add(f"pages_{table.shape.name}")
        return list_answer(rows, page, size, total if self._settings.total_count else None)


def find_workspace(books: Books, header: str | None) -> Entity | None:
    """The entity of a workspace header; without one the first entity; None when it is unknown."""
    for entity in books.entities.values():
        if not header or header == f"{entity.domain}_{entity.code}":
            return entity
    return None


def _select(request: web.Request, table: Table, entity: Entity) -> Selection:
    shape = table.shape
    owner = {DOMAIN: entity.domain, ENTITY: entity.code}.get(shape.scope, "")
    try:
        filters = parse_filters(request.query.getall("filter", []), shape.fields)
    except NothingMatches:
        return NO_ROWS
    sort = parse_sort(request.query.getall("sort", []), shape.fields)
    return table.select(owner, filters, sort)


def spoil(fault: Fault, shape: Shape, rows: bytes, total: int) -> tuple[bytes, int]:
    """The rows and the total of a page under one of the stand-in's own faults."""
    if fault.kind == "empty":
        return b"", 0
    if fault.kind == "total_off":
        return rows, total + int(fault.params.get("by", 1))
    if fault.kind == "repeat_page" or not rows:
        return rows, total
    records = list_from_json(rows)
    record = records[min(int(fault.params.get("row", 0)), len(records) - 1)]
    field = fault.params.get("field")
    if fault.kind == "rename_field":
        old = str(field or shape.key[-1])
        new = str(fault.params.get("to", f"{old}New"))
        records = [_renamed(item, old, new) for item in records]
    elif fault.kind == "row_without_key":
        name = str(field or shape.key[1])
        record[name] = None
        if fault.params.get("as") != "null":
            del record[name]
    elif fault.kind == "amount_text":
        for name in [str(field)] if field else shape.amounts:
            record[name] = str(record[name])
    return ",".join(to_json(item) for item in records).encode(), total


def _renamed(record: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    return {new if name == old else name: value for name, value in record.items()}
