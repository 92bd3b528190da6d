"""Views: which there are, what lies on their axes, and their cells."""

from typing import Any

from aiohttp import web

from simulators.anaplan import occupancy, views
from simulators.anaplan.answers import ApiError, Call, envelope, is_asked, json_answer, page_answer
from simulators.anaplan.catalogue import find_module
from simulators.anaplan.dimensioncalls import dimension_item
from simulators.anaplan.dimensions import UNKNOWN, Dimension
from simulators.anaplan.routing import Router
from simulators.anaplan.views import View
from simulators.anaplan.world import Model, Module

Row = dict[str, Any]


def add_routes(router: Router) -> None:
    """Serve views."""
    router.add_in_model("GET", "/views", list_views)
    router.add_in_model("GET", "/modules/*/views", list_views_of_module)
    router.add_in_model("GET", "/views/*", get_view)
    router.add_in_model("GET", "/views/*/data", read_cells)
    router.add_in_model("GET", "/views/*/dimensions/*/items", list_items)
    router.add_in_model("GET", "/lineItems/*/dimensions/*/items", list_items)


def _row(module: Module, name: str) -> Row:
    return {"code": module.name, "id": module.id, "name": name, "moduleId": module.id}


def _saved_rows(model: Model, module: Module) -> list[Row]:
    rows = []
    for part in model.views.values():
        if part.module in (module.id, module.name):
            name = f"{_quoted(module.name)}.{_quoted(part.name)}"
            rows.append({"code": part.name, "id": part.id, "name": name, "moduleId": module.id})
    return rows


def _quoted(name: str) -> str:
    return name if name.replace("_", "").isalnum() else f"'{name}'"


async def list_views(call: Call) -> web.Response:
    """`GET …/views`: the default view of each module, and the saved ones."""
    with_saved = is_asked(call, "includesubsidiaryviews")
    with_saved = with_saved or not call.world.settings.saved_views_need_asking
    rows = [
        row
        for module in call.model.modules.values()
        for row in (
            _row(module, module.name),
            *(_saved_rows(call.model, module) if with_saved else ()),
        )
    ]
    return page_answer(call, "views", rows, "view")


async def list_views_of_module(call: Call) -> web.Response:
    """`GET …/modules/{id}/views`."""
    module = find_module(call)
    rows = [_row(module, "default"), *_saved_rows(call.model, module)]
    return page_answer(call, "views", rows, "view")


def find_view(call: Call) -> View:
    """The view of the path, by id; 404 when there is none."""
    view = views.find_view(call.model, call.ids[0]) if call.ids[0].isdecimal() else None
    if view is None:
        raise ApiError(404, "Not Found")
    return view


async def get_view(call: Call) -> web.Response:
    """`GET …/views/{id}`: dimensions by axis; an empty axis is left out."""
    view = find_view(call)
    axes = {
        name: [{"id": view.dimension(n).id, "name": view.dimension(n).name} for n in numbers]
        for name, numbers in (("rows", view.rows), ("columns", view.columns), ("pages", view.pages))
    }
    axes["columns"].append({"id": views.LINE_ITEMS_ID, "name": "Line items"})
    body = {"viewId": view.id, "viewName": view.name}
    return json_answer(call.request, body | {name: axis for name, axis in axes.items() if axis})


async def read_cells(call: Call) -> web.Response:
    """`GET …/views/{id}/data`: one page, as JSON with `format=v1` or as CSV."""
    view = find_view(call)
    pages, settings = views.first_pages(view) | _page_selectors(call, view), call.world.settings
    async with occupancy.alone(call):
        try:
            table = views.read_table(
                view,
                pages,
                settings.most_cell_reads,
                with_empty=settings.views_show_empty_rows,
            )
        except views.TooLarge:
            raise ApiError(400, "The view has too many cells") from None
    most = call.request.query.get("maxRows", "")
    if most.isdecimal():
        del table.rows[int(most) :]
    accept = call.request.headers.get("Accept", "")
    if call.request.query.get("format") != "v1" or "text/csv" in accept:
        quoted = "escaped=true" in accept
        text = "".join(views.grid_lines(view, table, quoted=quoted))
        return web.Response(text=text, content_type="text/csv")
    body: Row = {"pages": table.pages} if table.pages else {}
    body["columnCoordinates"] = table.columns
    body["rows"] = [{"rowCoordinates": labels, "cells": cells} for labels, cells in table.rows]
    return json_answer(call.request, body)


def _page_selectors(call: Call, view: View) -> dict[int, int]:
    """The members of `pages=dimension:item`, repeated or with commas, by dimension number."""
    chosen = {}
    for text in ",".join(call.request.query.getall("pages", [])).split(","):
        if not text:
            continue
        dimension_id, _, item_id = text.partition(":")
        number = next((n for n in view.pages if view.dimension(n).id == dimension_id), None)
        if number is None:
            raise ApiError(400, f"Invalid page selector [{dimension_id}]")
        index = view.dimension(number).find_id(item_id)
        if index == UNKNOWN:
            raise ApiError(400, f"Invalid page selector [{dimension_id}]")
        chosen[number] = index
    return chosen


async def list_items(call: Call) -> web.Response:
    """`GET …/dimensions/{id}/items` of a view or a line item: any dimension, time too."""
    view = find_view(call)
    found = _dimension(view, call.ids[1])
    async with occupancy.alone(call):
        rows = [dimension_item(found, index) for index, _ in found.all()]
    return envelope(call, "items" if rows else "", rows, "dimensionItem")


def _dimension(view: View, wanted: str) -> Dimension:
    for dimension in view.module.dimensions:
        if dimension.id == wanted:
            return dimension
    raise ApiError(404, "Not Found")
