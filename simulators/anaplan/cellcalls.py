"""Cells read and written without a task; the calls wait while a task has the model."""

import csv
import io
import json
from typing import Any

from aiohttp import web

from simulators.anaplan import cellview
from simulators.anaplan.answers import ApiError, Call, json_answer
from simulators.anaplan.catalogue import find_module
from simulators.anaplan.dimensions import UNKNOWN, Dimension
from simulators.anaplan.grid import LineItem
from simulators.anaplan.routing import Router
from simulators.anaplan.world import Module, count

MOST_WRITES = 100_000
MOST_READS = 1_000_000
Row = dict[str, Any]


class _Failure(Exception):
    """Why one cell is not written: the kind and the words."""


def add_routes(router: Router) -> None:
    """Serve reading and writing of cells."""
    router.add_in_model("POST", "/modules/*/data", write_cells)
    router.add_in_model("GET", "/views/*/data", read_cells)


async def write_cells(call: Call) -> web.Response:
    """`POST …/modules/{id}/data`: a bare array of cells; the good ones are written."""
    module = find_module(call)
    try:
        body = json.loads(await call.request.read(), parse_float=str)
    except ValueError as error:
        raise ApiError(400, f"Malformed JSON: {error}") from error
    if not isinstance(body, list) or len(body) > MOST_WRITES:
        raise ApiError(400, "The body must be an array of at most 100000 cells")
    count(call.request.app, "cell_posts")
    failures: list[Row] = []
    async with call.model.lock:
        for number, cell in enumerate(body):
            try:
                _write(module, cell if isinstance(cell, dict) else {})
            except _Failure as error:
                kind, words = error.args
                failures.append(
                    {
                        "requestIndex": number,
                        "failureType": kind,
                        "failureMessageDetails": words,
                    }
                )
    answer: Row = {"numberOfCellsChanged": len(body) - len(failures)}
    if failures:
        answer["failures"] = failures
    return json_answer(call.request, answer)


def _write(module: Module, cell: Row) -> None:
    item = _line_item(module, cell)
    if item.slot < 0:
        raise _Failure("cellIsCalculated", f"{item.name} is calculated")
    named = cell.get("dimensions")
    coordinates = [found for found in named if isinstance(found, dict)] if named else []
    indexes = [_member(dimension, coordinates) for dimension in module.dimensions]
    value = cell.get("value")
    if value is None or isinstance(value, bool | dict | list):
        raise _Failure("invalidValue", "The value must be a number or a text")
    try:
        cellview.set_values(module, module.grid.key(indexes), {item.name: value})
    except cellview.BadCell as error:
        raise _Failure("invalidValue", str(error)) from error


def _line_item(module: Module, cell: Row) -> LineItem:
    for item in module.line_items:
        if item.id == cell.get("lineItemId") or item.name == cell.get("lineItemName"):
            return item
    raise _Failure("invalidLineItem", "There is no such line item")


def _member(dimension: Dimension, coordinates: list[Row]) -> int:
    for found in coordinates:
        if found.get("dimensionId") == dimension.id or found.get("dimensionName") == dimension.name:
            if "itemId" in found:
                ids = {item.id: index for index, item in dimension.all()}
                index = ids.get(str(found["itemId"]), UNKNOWN)
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


async def read_cells(call: Call) -> web.Response:
    """`GET …/views/{id}/data`: the default view, as JSON with `format=v1` or as CSV."""
    module = find_module(call)
    if len(module.grid.cells) * len(module.line_items) > MOST_READS:
        raise ApiError(400, "The view has more than 1000000 cells")
    async with call.model.lock:
        rows, _ = cellview.select_rows(module, {}, 0, -1)
    heads = [item.name for item in module.line_items]
    if call.request.query.get("format") == "v1":
        body = {
            "columnCoordinates": [[name] for name in heads],
            "rows": [
                {
                    "rowCoordinates": list(row.coordinates.values()),
                    "cells": list(row.values.values()),
                }
                for row in rows
            ],
        }
        return json_answer(call.request, body)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*[""] * len(module.dimensions), *heads])
    writer.writerows([*row.coordinates.values(), *row.values.values()] for row in rows)
    return web.Response(text=out.getvalue(), content_type="text/csv")
