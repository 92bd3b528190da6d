"""Look-ins of the stand-in Anaplan: cells, files, the clock, the switches, a held model."""

import asyncio
import contextlib
from dataclasses import asdict
from typing import Any, get_args

from aiohttp import web

from simulators.anaplan import cellview
from simulators.anaplan.modelfile import State
from simulators.anaplan.settings import BadSetting
from simulators.anaplan.world import WORLD, Model, Module, World
from simulators.server import LOOK_IN

HOLDS = web.AppKey("holds", dict[str, asyncio.Task[None]])
CELLS_AT_ONCE = 10_000
FARTHEST = 1e9
UNITS = {"seconds": 1, "minutes": 60, "hours": 3600}


def add_routes(app: web.Application) -> None:
    """Serve the look-ins that only this stand-in has."""
    app[HOLDS] = {}
    app.router.add_get(f"{LOOK_IN}cells", get_cells)
    app.router.add_post(f"{LOOK_IN}cells", post_cells)
    app.router.add_get(f"{LOOK_IN}files/{{file}}", get_upload)
    app.router.add_put(f"{LOOK_IN}files/{{file}}", put_default)
    app.router.add_get(f"{LOOK_IN}settings", get_settings)
    app.router.add_post(f"{LOOK_IN}settings", post_settings)
    app.router.add_post(f"{LOOK_IN}clock", post_clock)
    app.router.add_post(f"{LOOK_IN}hold", post_hold)
    app.router.add_delete(f"{LOOK_IN}hold", delete_hold)
    app.on_cleanup.append(_end_holds)


def bad(words: str) -> web.HTTPBadRequest:
    """A refusal with words for the person who wrote the test."""
    return web.HTTPBadRequest(text=words)


def find_model(world: World, name: str) -> Model:
    """The model with this name or id, the first one without; 400 when there is none."""
    try:
        return world.find_model(name)
    except KeyError:
        raise bad(f"There is no model {name!r}") from None


def find_module(model: Model, name: str) -> Module:
    """The module with this name or id, the first one without; 400 when there is none."""
    try:
        return model.module(name) if name else next(iter(model.modules.values()))
    except (KeyError, StopIteration):
        raise bad(f"Model {model.name!r} has no module {name!r}") from None


def number(text: str, default: int) -> int:
    """A whole number of a query; 400 when it is none."""
    try:
        return int(text) if text else default
    except ValueError:
        raise bad(f"{text!r} is no whole number") from None


async def read_json(request: web.Request) -> dict[str, Any]:
    """The JSON object of a look-in; 400 when it is none."""
    try:
        body = await request.json()
    except ValueError:
        raise bad("The body is not JSON") from None
    if not isinstance(body, dict):
        raise bad("The body must be a JSON object")
    return body


async def get_cells(request: web.Request) -> web.Response:
    """Rows of a module: `model`, `module`, a member per dimension name, `offset`, `limit`."""
    query = request.query
    model = find_model(request.app[WORLD], query.get("model", ""))
    module = find_module(model, query.get("module", ""))
    offset = number(query.get("offset", ""), 0)
    limit = number(query.get("limit", ""), CELLS_AT_ONCE)
    try:
        rows, total = cellview.select_rows(module, query, offset, limit)
    except cellview.BadCell as error:
        raise bad(str(error)) from error
    return web.json_response(
        {
            "model": model.name,
            "module": module.name,
            "dimensions": [dimension.name for dimension in module.dimensions],
            "lineItems": [item.name for item in module.line_items],
            "total": total,
            "offset": offset,
            "rows": list(cellview.iter_json_rows(rows)),
        }
    )


async def post_cells(request: web.Request) -> web.Response:
    """Change cells behind everybody's back: `coordinates` with `values`, or `swap` two of them."""
    body = await read_json(request)
    model = find_model(request.app[WORLD], str(body.get("model", "")))
    module = find_module(model, str(body.get("module", "")))
    try:
        if "swap" in body:
            first, second = (cellview.find_key(module, found) for found in body["swap"])
            names = [str(body["lineItem"])] if "lineItem" in body else []
            cellview.swap(module, (first, second), names)
        else:
            key = cellview.find_key(module, body.get("coordinates"))
            values = body.get("values") or {str(body.get("lineItem", "")): body.get("value", "")}
            cellview.set_values(module, key, values)
    except (cellview.BadCell, TypeError, ValueError, AttributeError) as error:
        raise bad(str(error)) from error
    return web.Response(status=204)


async def get_upload(request: web.Request) -> web.Response:
    """What was uploaded last to a file, whoever did it, as plain bytes."""
    world = request.app[WORLD]
    model = find_model(world, request.query.get("model", ""))
    for user in world.users.values():
        content = model.contents.peek(user.id, request.match_info["file"])
        if content is not None:
            raw = await asyncio.to_thread(content.whole)
            return web.Response(body=raw, content_type="application/octet-stream")
    raise web.HTTPNotFound


async def put_default(request: web.Request) -> web.Response:
    """Set the default content of a file, as an administrator does in Anaplan."""
    model = find_model(request.app[WORLD], request.query.get("model", ""))
    file_id = request.match_info["file"]
    if file_id not in model.files:
        raise web.HTTPNotFound
    model.contents.set_default(file_id, await request.read())
    return web.Response(status=204)


def _describe_settings(world: World) -> dict[str, Any]:
    states = {model.id: model.active_state for model in world.models()}
    return {**asdict(world.settings), "activeStates": states}


async def get_settings(request: web.Request) -> web.Response:
    """All switches, and the state of each model."""
    return web.json_response(_describe_settings(request.app[WORLD]))


async def post_settings(request: web.Request) -> web.Response:
    """Move switches by name; `activeState` with an optional `model` sets the state of a model."""
    world, body = request.app[WORLD], await read_json(request)
    if "activeState" in body:
        model = find_model(world, str(body.pop("model", "")))
        state = body.pop("activeState")
        if state not in get_args(State):
            raise bad(f"'activeState' must be one of {', '.join(get_args(State))}")
        model.active_state = state
    for name, value in body.items():
        try:
            world.settings.change(name, value)
        except BadSetting as error:
            raise bad(str(error)) from error
    if {"requests_per_minute", "rate_window_seconds"} & body.keys():
        world.bucket = -1.0
    return web.json_response(_describe_settings(world))


async def post_clock(request: web.Request) -> web.Response:
    """Move the service's clock forward by `seconds`, `minutes` and `hours` together."""
    clock, body = request.app[WORLD].clock, await read_json(request)
    for name, value in body.items():
        if name not in UNITS or isinstance(value, bool) or not isinstance(value, int | float):
            raise bad(f"Give numbers under {', '.join(UNITS)}")
        if not 0 <= value <= FARTHEST:
            raise bad("The clock only moves forward, and not out of the calendar")
        clock.ahead_seconds += value * UNITS[name]
    return web.json_response({"now": clock.now(), "ahead_seconds": clock.ahead_seconds})


async def post_hold(request: web.Request) -> web.Response:
    """Keep a model busy for `seconds` (or until DELETE); `tooltip` is what its status says."""
    body = await read_json(request)
    model = find_model(request.app[WORLD], str(body.get("model", "")))
    holds = request.app[HOLDS]
    if model.id in holds and not holds[model.id].done():
        raise bad(f"Model {model.name!r} is held already")
    words = str(body.get("tooltip", "The system is currently processing an Import: by hand"))
    seconds = float(body.get("seconds", 3600))
    taken = asyncio.Event()
    holds[model.id] = asyncio.create_task(_hold(model, words, seconds, taken))
    await taken.wait()
    return web.Response(status=204)


async def _hold(model: Model, words: str, seconds: float, taken: asyncio.Event) -> None:
    async with model.lock:
        model.held_by = words
        taken.set()
        try:
            await asyncio.sleep(seconds)
        finally:
            model.held_by = ""


async def delete_hold(request: web.Request) -> web.Response:
    """Let all models go."""
    await _end_holds(request.app)
    return web.Response(status=204)


async def _end_holds(app: web.Application) -> None:
    for hold in app[HOLDS].values():
        hold.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await hold
    app[HOLDS].clear()
