"""The application that both stand-ins are built on: recording, faults, shared look-ins."""

import re
import time
from collections.abc import Iterable

from aiohttp import web

from simulators.faultkinds import carry_out
from simulators.faults import WEAK_POINTS, BadFault, FaultBook, Handler, WeakPoints
from simulators.recorder import Counters, Recorder, read_short_body
from simulators.scenarios import BY_SYSTEM, UnknownScenario, steps_of
from simulators.serving import CONTEXT_ROOT, LOOK_IN, Running, run, start, take_steps

__all__ = ["CONTEXT_ROOT", "LOOK_IN", "Running", "build_app", "run", "start"]

COUNTERS = web.AppKey("counters", Counters)
RECORDER = web.AppKey("recorder", Recorder)
FAULTS = web.AppKey("faults", FaultBook)
IN_FLIGHT = web.AppKey("in_flight", list[int])
SYSTEM = web.AppKey("system", str)

LARGEST_BODY = 256 * 1024 * 1024


def build_app(
    *,
    own_fault_kinds: Iterable[str] = (),
    context_root: str = "",
    weak_points: WeakPoints | None = None,
    system: str = "",
) -> web.Application:
    """An application with recording, faults and the shared look-ins under `/_sim/`.

    `own_fault_kinds` are carried out by the system's own handlers (`faults.fault_of`);
    a generic kind named here (for example "empty") is left to them as well.
    `weak_points` is where the other kinds find this system's pages and tokens;
    `system` is the one whose scenarios it offers;
    `context_root` is the path that the printed address ends with.
    """
    app = web.Application(middlewares=[_watch], client_max_size=LARGEST_BODY)
    app[COUNTERS] = Counters()
    app[RECORDER] = Recorder()
    app[FAULTS] = FaultBook(own_fault_kinds)
    app[WEAK_POINTS] = weak_points or WeakPoints()
    app[CONTEXT_ROOT] = context_root.rstrip("/")
    app[IN_FLIGHT] = [0]
    app[SYSTEM] = system
    app.router.add_get(f"{LOOK_IN}requests", _get_requests)
    app.router.add_delete(f"{LOOK_IN}requests", _delete_requests)
    app.router.add_get(f"{LOOK_IN}counters", _get_counters)
    app.router.add_delete(f"{LOOK_IN}counters", _delete_counters)
    app.router.add_get(f"{LOOK_IN}faults", _get_faults)
    app.router.add_post(f"{LOOK_IN}faults", _post_faults)
    app.router.add_delete(f"{LOOK_IN}faults", _delete_faults)
    app.router.add_get(f"{LOOK_IN}scenarios", _get_scenarios)
    app.router.add_post(f"{LOOK_IN}scenarios", _post_scenario)
    return app


@web.middleware
async def _watch(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count and record a call, and let a fault have it when one is due."""
    if request.path.startswith(LOOK_IN):
        return await handler(request)
    app = request.app
    in_flight = app[IN_FLIGHT]
    in_flight[0] += 1
    counters = app[COUNTERS]
    counters.add("requests")
    counters.high("max_parallel", in_flight[0])
    started, status, name = time.monotonic(), 0, ""
    body = await read_short_body(request)
    try:
        book = app[FAULTS]
        due = book.take(request.method, request.path, request.query_string) if book.faults else None
        if due is not None:
            name = due.kind
            counters.add("faults")
            answer = await carry_out(book, due, request, handler)
        else:
            answer = await handler(request)
        status = 0 if name in ("reset", "drop") else answer.status
        return answer
    except web.HTTPException as error:
        status = error.status
        raise
    except RecursionError as error:
        status = 400
        raise web.HTTPBadRequest(text="The body is nested too deep") from error
    finally:
        in_flight[0] -= 1
        app[RECORDER].keep(request, status=status, started=started, body=body, fault=name)


async def _get_requests(request: web.Request) -> web.Response:
    query = request.query
    try:
        found = request.app[RECORDER].find(query.get("path", ""), query.get("method", "").upper())
    except re.error as error:
        raise web.HTTPBadRequest(text=f"'path' is no regular expression: {error}") from error
    return web.json_response({"requests": found, "count": len(found)})


async def _delete_requests(request: web.Request) -> web.Response:
    request.app[RECORDER].clear()
    return web.Response(status=204)


async def _get_counters(request: web.Request) -> web.Response:
    return web.json_response(request.app[COUNTERS].all())


async def _delete_counters(request: web.Request) -> web.Response:
    request.app[COUNTERS].clear()
    return web.Response(status=204)


async def _get_faults(request: web.Request) -> web.Response:
    return web.json_response([fault.describe() for fault in request.app[FAULTS].faults])


async def _post_faults(request: web.Request) -> web.Response:
    try:
        added = request.app[FAULTS].add(await request.json())
    except BadFault as error:
        return web.json_response({"error": str(error)}, status=400)
    except ValueError:
        return web.json_response({"error": "The body is not JSON."}, status=400)
    return web.json_response([fault.describe() for fault in added])


async def _delete_faults(request: web.Request) -> web.Response:
    request.app[FAULTS].clear()
    return web.Response(status=204)


async def _get_scenarios(request: web.Request) -> web.Response:
    found = BY_SYSTEM.get(request.app[SYSTEM], ())
    return web.json_response({scenario.name: scenario.words for scenario in found})


async def _post_scenario(request: web.Request) -> web.Response:
    """Begin a scenario: `{"name"}`; what it sets stays until it is set otherwise."""
    try:
        raw = await request.json()
        steps = steps_of(request.app[SYSTEM], raw["name"] if isinstance(raw, dict) else "")
    except UnknownScenario as error:
        return web.json_response({"error": str(error)}, status=400)
    except (KeyError, ValueError):
        return web.json_response({"error": 'Give {"name": "…"}.'}, status=400)
    host, port = request.get_extra_info("sockname")[:2]
    await take_steps(f"{request.scheme}://{host}:{port}", steps)
    return web.Response(status=204)
