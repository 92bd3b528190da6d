"""The audit service: who signed in and who was refused, for those who ask with a token."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from simulators.anaplan.roles import has
from simulators.anaplan.tokens import SCHEME, find_token
from simulators.anaplan.world import WORLD, World

BASE = "/audit/api/1/events"
PUBLIC_BASE = "https://audit.anaplan.com/audit/api/1/events"
USUAL_PAGE = 20
HOUR = 3_600_000
MOST_HOURS = 30 * 24
OTHER_TYPES = ("access_control", "int", "conn_mgmt", "comment", "byok", "plan_iq", "forecaster")
"""Kinds of events of which there are none here; an unheard-of kind means all of them."""


class AuditRefusal(Exception):
    """A call that the audit service does not obey."""

    def __init__(self, http_status: int, status: str, words: str) -> None:
        super().__init__(words)
        self.http_status = http_status
        self.body = {"status": status, "statusMessage": words}


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
        body = {"from": body}
    return _answer(request, body, body.get("interval"), "from", "to")


def _answer(
    request: web.Request, times: Mapping[str, Any], interval: object, first: str, last: str
) -> web.Response:
    """One page of the events between two times in milliseconds."""
    world = request.app[WORLD]
    try:
        _check_caller(request, world)
        start, end = _times(world, times, interval, first, last)
        limit, offset = _number(request, "limit", USUAL_PAGE), _number(request, "offset", 0)
    except AuditRefusal as refusal:
        return web.json_response(refusal.body, status=refusal.http_status)
    is_shown = request.query.get("type") not in OTHER_TYPES
    found = [event for event in world.events if is_shown and start <= event["eventDate"] <= end]
    if "text/plain" in request.headers.get("Accept", ""):
        return web.Response(text="".join(map(_line, found)), content_type="text/plain")
    return _page(found, offset, max(1, limit))


def _check_caller(request: web.Request, world: World) -> None:
    """Let in who has a token under the scheme of the service, and the role of an auditor."""
    token = find_token(world, request.headers.get("Authorization", ""), (SCHEME,))
    if token is None:
        words = "No valid token header found for the request"
        raise AuditRefusal(401, "FAILURE_INVALID_TOKEN", words)
    if not has(token.user, "tenantAuditor"):
        words = "The user is not allowed to do this"
        raise AuditRefusal(401, "FAILURE_UNAUTHORIZED_USER_ACTION", words)


def _bad(words: str) -> AuditRefusal:
    return AuditRefusal(400, "FAILURE_BAD_REQUEST", words)


def _number(request: web.Request, name: str, usual: int) -> int:
    text = request.query.get(name, str(usual))
    if not (text.isascii() and text.isdecimal()):
        raise _bad(f"Invalid value for {name}")
    return int(text)


def _times(
    world: World, times: Mapping[str, Any], interval: object, first: str, last: str
) -> tuple[int, int]:
    """From when to when, in milliseconds; without a word the last 30 days, and never more."""
    now = world.clock.milliseconds()
    try:
        end = int(times.get(last, now))
        hours = MOST_HOURS if interval in (None, "") else int(str(interval))
        start = int(times.get(first, end - hours * HOUR))
    except (ValueError, TypeError, OverflowError) as error:
        raise _bad("Times are milliseconds since 1970, an interval is whole hours") from error
    if hours < 0 or start > end:
        raise _bad("The end must not come before the start")
    if end - start > MOST_HOURS * HOUR or hours > MOST_HOURS:
        if world.settings.audit_refuses_long_ranges:
            raise _bad("Date range cannot exceed 30 days")
        start = end - MOST_HOURS * HOUR
    return start, end


def _line(event: dict[str, Any]) -> str:
    """An event in the Common Event Format, as the service writes it: without a severity."""
    when = datetime.fromtimestamp(event["eventDate"] / 1000, UTC)
    pairs = " ".join(
        f"{name}={str(value).lower() if isinstance(value, bool) else value}"
        for name, value in event.items()
        if value is not None and name not in ("eventTypeId", "message", "eventDate", "checksum")
    )
    head = f"CEF:0|Anaplan, Inc.||null|{event['eventTypeId']}|{event['message']}|"
    return f"{when:%Y-%m-%dT%H:%M:%S}.{event['eventDate'] % 1000:03}Z  {head}{pairs}\n"


def _page(found: list[dict[str, Any]], offset: int, limit: int) -> web.Response:
    page = found[offset : offset + limit]
    paging: dict[str, Any] = {
        "currentPageSize": len(page),
        "totalSize": len(found),
        "offset": offset,
    }
    if offset + len(page) < len(found):
        paging["nextOffset"] = offset + len(page)
        paging["nextUrl"] = f"{PUBLIC_BASE}?limit={limit}&offset={offset + len(page)}"
    if offset > 0:
        paging["previousUrl"] = f"{PUBLIC_BASE}?limit={limit}&offset={max(0, offset - limit)}"
    schema = {"paging": paging, "schema": f"{PUBLIC_BASE}/objects/event"}
    return web.json_response({"meta": schema, "response": page})
