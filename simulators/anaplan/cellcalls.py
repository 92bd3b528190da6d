"""Cells written without a task; the call waits while a task has the model."""

import json
from typing import Any

from aiohttp import web

from simulators.anaplan import cellview, occupancy
from simulators.anaplan.answers import ApiError, Call, check_is_json, json_answer, schema_of
from simulators.anaplan.catalogue import find_module
from simulators.anaplan.dimensions import UNKNOWN, Dimension
from simulators.anaplan.doubles import round_cells
from simulators.anaplan.grid import LineItem
from simulators.anaplan.routing import Router
from simulators.anaplan.transactional import failure_row
from simulators.anaplan.world import Module, count

Row = dict[str, Any]


class _Failure(Exception):
    """Why one cell is not written: the kind and the words."""


def add_routes(router: Router) -> None:
    """Serve writing of cells."""
    router.add_in_model("POST", "/modules/*/data", write_cells)


async def write_cells(call: Call) -> web.Response:
    """`POST …/modules/{id}/data`: a bare array of cells; the good ones are written."""
    module = find_module(call)
    raw = await call.request.read()
    check_is_json(call, raw)
    most_bytes = call.world.settings.most_cell_write_bytes
    if len(raw) > most_bytes:
        raise ApiError(400, f"The body must have at most {most_bytes} bytes")
    try:
        body = json.loads(raw, parse_float=str)
    except (RecursionError, ValueError) as error:
        raise ApiError(400, f"Malformed JSON: {error}") from error
    most = call.world.settings.most_cell_writes
    if not isinstance(body, list) or len(body) > most:
        raise ApiError(400, f"The body must be an array of at most {most} cells")
    count(call.request.app, "cell_posts")
    async with occupancy.alone(call):
        failures = _write_all(module, body, as_double=call.world.settings.cells_are_double)
    answer: Row = {"numberOfCellsChanged": len(body) - len(failures)}
    if call.world.settings.cell_write_has_envelope:
        answer = schema_of(call, "cell") | answer
    if failures:
        answer["failures"] = failures
    return json_answer(call.request, answer)


def _write_all(module: Module, body: list[Any], *, as_double: bool) -> list[Row]:
    """Write the good cells and say what is wrong with the others."""
    failures: list[Row] = []
    for number, cell in enumerate(body):
        try:
            key = _write(module, cell if isinstance(cell, dict) else {})
        except _Failure as error:
            kind, words = error.args
            failures.append(failure_row(number, kind, words))
            continue
        if as_double:
            round_cells(module.grid, [key])
    return failures


def _write(module: Module, cell: Row) -> int:
    """Write one cell and give its key."""
    item = _line_item(module, cell)
    if item.slot < 0:
        raise _Failure("cellIsCalculated", f"{item.name} is calculated")
    named = cell.get("dimensions")
    coordinates = (
        [found for found in named if isinstance(found, dict)] if isinstance(named, list) else []
    )
    indexes = [_member(dimension, coordinates) for dimension in module.dimensions]
    value = cell.get("value")
    if value is None or isinstance(value, bool | dict | list):
        raise _Failure("invalidValue", "The value must be a number or a text")
    key = module.grid.key(indexes)
    try:
        cellview.set_values(module, key, {item.name: value})
    except cellview.BadCell as error:
        raise _Failure("invalidValue", str(error)) from error
    return key


def _line_item(module: Module, cell: Row) -> LineItem:
    for item in module.line_items:
        if item.id == cell.get("lineItemId") or item.name == cell.get("lineItemName"):
            return item
    raise _Failure("invalidLineItem", "There is no such line item")


def _member(dimension: Dimension, coordinates: list[Row]) -> int:
    for found in coordinates:
        if found.get("dimensionId") == dimension.id or found.get("dimensionName") == dimension.name:
            if "itemId" in found:
                index = dimension.find_id(str(found["itemId"]))
            elif "itemCode" in found:
                index = dimension.find(str(found["itemCode"]), "code")
            else:
                index = dimension.find(str(found.get("itemName", "")), "name")
            if index == UNKNOWN:
                raise _Failure("invalidItem", f"There is no such item in {dimension.name}")
            if index in dimension.parents:
                raise _Failure("cellIsCalculated", "The item is an aggregate")
            return index
    raise _Failure("missingDimension", f"{dimension.name} is missing")
