"""Builds the stand-in Anaplan from a model file."""

from pathlib import Path

from aiohttp import web

from simulators import server
from simulators.anaplan import (
    account,
    audit,
    calendar,
    catalogue,
    cellcalls,
    consent,
    definitions,
    dimensioncalls,
    dumpcalls,
    files,
    largereads,
    lineitems,
    lookins,
    modellookins,
    oauth,
    page,
    peoplelookins,
    taskcalls,
    tokens,
    transactional,
    viewcalls,
    workspaces,
)
from simulators.anaplan.loading import load
from simulators.anaplan.routing import ROUTER, Router, dispatch
from simulators.anaplan.running import stop_workers
from simulators.anaplan.weakness import WEAKNESS
from simulators.anaplan.world import WORLD

FAULT_KINDS = (*taskcalls.FAULT_KINDS, "lose_chunk")


PARTS = (
    account,
    calendar,
    catalogue,
    cellcalls,
    definitions,
    dimensioncalls,
    dumpcalls,
    files,
    largereads,
    lineitems,
    taskcalls,
    transactional,
    viewcalls,
    workspaces,
)


def build_app(model_file: Path) -> web.Application:
    """An application that serves a model file; ValueError when the file cannot be used."""
    app = server.build_app(own_fault_kinds=FAULT_KINDS, weak_points=WEAKNESS, system="anaplan")
    app[WORLD] = load(model_file)
    router = app[ROUTER] = Router()
    for part in PARTS:
        part.add_routes(router)
    tokens.add_routes(app)
    oauth.add_routes(app)
    consent.add_routes(app)
    audit.add_routes(app)
    lookins.add_routes(app)
    modellookins.add_routes(app)
    peoplelookins.add_routes(app)
    page.add_routes(app)
    app.router.add_route("*", "/{path:.*}", _anything_else)
    app.on_cleanup.append(stop_workers)
    return app


async def _anything_else(request: web.Request) -> web.StreamResponse:
    """Calls of the Integration API, with single or doubled slashes; 404 for the rest."""
    if [part for part in request.path.split("/") if part][:2] == ["2", "0"]:
        return await dispatch(request)
    raise web.HTTPNotFound
