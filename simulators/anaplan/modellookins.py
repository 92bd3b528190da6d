"""A look-in that changes what a model offers by name, as its builder would."""

from typing import Any

import msgspec
from aiohttp import web

from simulators.anaplan.dimensions import Dimension
from simulators.anaplan.lookins import bad, find_model, read_json
from simulators.anaplan.modelfile import (
    ActionPart,
    ExportColumn,
    ExportPart,
    ImportColumn,
    ImportPart,
    Part,
    ProcessPart,
)
from simulators.anaplan.world import WORLD, Model
from simulators.server import LOOK_IN

PARTS: dict[str, type[Part]] = {
    "imports": ImportPart,
    "exports": ExportPart,
    "actions": ActionPart,
    "processes": ProcessPart,
}


def add_routes(app: web.Application) -> None:
    """Serve the look-in."""
    app.router.add_post(f"{LOOK_IN}objects", change_object)


async def change_object(request: web.Request) -> web.Response:
    """Change, add or remove an object of a model: `model`, `kind`, `id` and `change`.

    `change` holds members of the model file, null removes the object; a list can only be
    removed or given another `name`.
    """
    body = await read_json(request)
    model = find_model(request.app[WORLD], str(body.get("model", "")))
    kind, object_id, change = str(body.get("kind")), str(body.get("id")), body.get("change", {})
    if kind == "lists":
        _change_list(model, object_id, change)
    elif kind in PARTS:
        _change_part(model, kind, object_id, change)
    else:
        raise bad(f"'kind' must be one of {', '.join([*PARTS, 'lists'])}")
    return web.Response(status=204)


def _change_part(model: Model, kind: str, object_id: str, change: dict[str, Any] | None) -> None:
    parts: dict[str, Any] = dict(model.runnable(kind))
    if change is None:
        parts.pop(object_id, None)
    else:
        now = msgspec.to_builtins(parts[object_id]) if object_id in parts else {}
        try:
            part = msgspec.convert({**now, **change, "id": object_id}, PARTS[kind])
        except msgspec.ValidationError as error:
            raise bad(str(error)) from error
        parts[object_id] = part
    setattr(model, kind, parts)


def _change_list(model: Model, object_id: str, change: dict[str, Any] | None) -> None:
    found = model.dimensions.get(object_id)
    if found is None or not found.is_list:
        raise bad(f"There is no list {object_id!r}")
    if change is None:
        del model.dimensions[object_id]
        return
    _rename(model, found, str(change.get("name", found.name)))


def _rename(model: Model, dimension: Dimension, name: str) -> None:
    """Give a list another name, also where imports and exports speak of it."""
    columns: list[ImportColumn | ExportColumn] = [
        *(column for part in model.imports.values() for column in part.columns),
        *(column for part in model.exports.values() for column in part.columns),
    ]
    for column in columns:
        if column.dimension == dimension.name:
            column.dimension = name
    dimension.name = name
