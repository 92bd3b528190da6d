"""The audit service: who signed in and who was refused, for those who ask with a token."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from simulators.anaplan.tokens import SCHEME, find_token
from simulators.anaplan.world import WORLD, World

BASE = "/audit/api/1/events"
PUBLIC_BASE = "https://audit.anaplan.com/audit/api/1/events"
USUAL_PAGE, LARGEST_PAGE = 20, 10_000
MOST_HOURS = 30 * 24
HOUR = 3_600_000


def add_routes(app: web.Application) -> None:
    """Serve the audit log."""
    app.router.add_get(BASE, get_events)
    app.router.add_post(f"{BASE}/search", search_events)


async def get_events(request: web.Request) -> web.Response:
    """`GET /audit/api/1/events`: by `type`, `dateFrom`, `dateTo` or `intervalInHours`."""
    query = request.query
    return _answer(request, query, query.get("intervalInHours"), "dateFrom", "dateTo")


async def search_events(request: web.Request) -> web.Response:
    """`POST /audit/api/1/events/search`: the same with `from`, `to`, `interval` in the body."""
    try:
        body = await request.json()
    except ValueError:
        body = {}
    if not isinstance(body, dict):
        raise web.HTTPBadRequest
    return _answer(request, body, body.get("interval"), "from", "to")


def _answer(
    request: web.Request, times: Mapping[str, Any], interval: object, first: str, last: str
) -> web.Response:
    """One page of the events between two times in milliseconds."""
    world = request.app[WORLD]
    if find_token(world, request.headers.get("Authorization", ""), (SCHEME,)) is None:
        words = "No valid token header found for the request"
        body = {"status": "FAILURE_INVALID_TOKEN", "statusMessage": words}
        return web.json_response(body, status=401)
    try:
        start, end = _times(world, times, interval, first, last)
        limit = min(int(request.query.get("limit", USUAL_PAGE)), LARGEST_PAGE)
        offset = max(0, int(request.query.get("offset", 0)))
    except (ValueError, TypeError):
        raise web.HTTPBadRequest from None
    is_shown = request.query.get("type", "all") in ("all", "user_activity")
    found = [event for event in world.events if is_shown and start <= event["eventDate"] <= end]
    return _page(found, offset, max(1, limit))


def _times(
    world: World, times: Mapping[str, Any], interval: object, first: str, last: str
) -> tuple[int, int]:
    """From when to when, in milliseconds; never more than 30 days back."""
    now = world.clock.milliseconds()
    hours = min(int(str(interval or MOST_HOURS)), MOST_HOURS)
    return max(int(times.get(first, 0)), now - hours * HOUR), int(times.get(last, now))


def _page(found: list[dict[str, Any]], offset: int, limit: int) -> web.Response:
    page = found[offset : offset + limit]
    paging: dict[str, Any] = {
        "currentPageSize": len(page),
        "totalSize": len(found),
        "offset": offset,
    }
    if offset + len(page) < len(found):
        paging["nextUrl"] = f"{PUBLIC_BASE}?limit={limit}&offset={offset + len(page)}"
    schema = {"paging": paging, "schema": f"{PUBLIC_BASE}/objects/event"}
    return web.json_response({"meta": schema, "response": page})
