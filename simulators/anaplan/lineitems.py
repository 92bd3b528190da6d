"""Line items of modules with everything that the catalogue tells about them."""

from typing import Any

from aiohttp import web

from simulators.anaplan.answers import ApiError, Call, page_answer
from simulators.anaplan.catalogue import find_module
from simulators.anaplan.grid import LineItem
from simulators.anaplan.routing import Router
from simulators.anaplan.world import Module

Row = dict[str, Any]
FORMATS: dict[str, Row] = {
    "NUMBER": {
        "dataType": "NUMBER",
        "comparisonIncrease": "GOOD",
        "customUnits": None,
        "decimalPlaces": 2,
        "decimalSeparator": "FULL_STOP",
        "groupingSeparator": "COMMA",
        "minimumSignificantDigits": 4,
        "negativeNumberNotation": "MINUS_SIGN",
        "unitsDisplayType": "NONE",
        "unitsType": "NONE",
        "zeroFormat": "ZERO",
    },
    "TEXT": {"dataType": "TEXT", "textType": "GENERAL"},
}


def add_routes(router: Router) -> None:
    """Serve line items."""
    router.add_in_model("GET", "/lineItems", list_line_items)
    router.add_in_model("GET", "/modules/*/lineItems", list_line_items_of_module)
    router.add_in_model("GET", "/lineItems/*/dimensions", list_dimensions)


async def list_line_items(call: Call) -> web.Response:
    """`GET …/lineItems`."""
    rows = [row for module in call.model.modules.values() for row in _rows(call, module)]
    return page_answer(call, "items", rows, "lineItem")


async def list_line_items_of_module(call: Call) -> web.Response:
    """`GET …/modules/{id}/lineItems`."""
    return page_answer(call, "items", _rows(call, find_module(call)), "lineItem")


async def list_dimensions(call: Call) -> web.Response:
    """`GET …/lineItems/{id}/dimensions`."""
    for module in call.model.modules.values():
        if any(item.id == call.ids[0] for item in module.line_items):
            rows = [{"id": found.id, "name": found.name} for found in module.dimensions]
            return page_answer(call, "dimensions", rows, "dimension")
    raise ApiError(404, "Not Found")


def _rows(call: Call, module: Module) -> list[Row]:
    with_all = call.request.query.get("includeAll", "").lower() == "true"
    return [_row(module, item, with_all=with_all) for item in module.line_items]


def _row(module: Module, item: LineItem, *, with_all: bool) -> Row:
    row: Row = {
        "moduleId": module.id,
        "moduleName": module.name,
        "id": item.id,
        "name": item.name,
    }
    if not with_all:
        return row
    return row | {
        "appliesTo": [{"id": found.id, "name": found.name} for found in module.dimensions],
        "breakback": False,
        "broughtForward": False,
        "cellCount": len(module.grid.cells),
        "code": None,
        "dataTags": [],
        "format": item.format,
        "formatMetadata": FORMATS[item.format],
        "formula": None if item.slot >= 0 else "0",
        "formulaScope": "All Versions",
        "isSummary": False,
        "notes": "",
        "parent": None,
        "readAccessDriver": None,
        "referencedBy": [],
        "startOfSection": False,
        "style": "Normal",
        "summary": "Sum" if item.format == "NUMBER" else "None",
        "timeRange": "Model Calendar",
        "timeScale": "Month",
        "useSwitchover": False,
        "version": {"id": "20000000020", "name": "All"},
        "writeAccessDriver": None,
    }
