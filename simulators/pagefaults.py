"""Faults of the rows of a page: repeated, shifted, twice; whatever the system's way of paging."""

from typing import Any

from aiohttp import web

from simulators import exactjson
from simulators.faults import WEAK_POINTS, Fault, Handler

Rows = list[Any]


async def repeat_page(_fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    """The rows of the page before; the first page stays. A chunk is repeated as it is."""
    answer = await handler(request)
    before = await _neighbour(request, handler, -1)
    if before is None or not isinstance(answer, web.Response):
        return answer
    rows = _rows_of(before)
    if rows is None:
        answer.body = before.body
    else:
        _put_rows(answer, rows)
    return answer


async def shift_rows(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    """The page as it is after `by` rows came in before it, or for a negative `by` went away."""
    answer = await handler(request)
    here = _rows_of(answer)
    if not here:
        return answer
    by = int(fault.params.get("by", 1))
    before = _rows_of(await _neighbour(request, handler, -1)) or []
    after = _rows_of(await _neighbour(request, handler, 1)) or []
    start = max(0, len(before) - by)
    size = max(len(before), len(here))
    _put_rows(answer, [*before, *here, *after][start : start + size])
    return answer


async def duplicate_rows(
    fault: Fault, request: web.Request, handler: Handler
) -> web.StreamResponse:
    """The page in which `rows` rows from `row` on stand twice."""
    answer = await handler(request)
    rows = _rows_of(answer)
    if rows is not None:
        first = int(fault.params.get("row", 0))
        end = first + int(fault.params.get("rows", 1))
        _put_rows(answer, [*rows[:end], *rows[first:end], *rows[end:]])
    return answer


async def _neighbour(request: web.Request, handler: Handler, step: int) -> web.Response | None:
    """The good answer to the same call for another page; None where there is no such page."""
    address = request.app[WEAK_POINTS].other_page(request.rel_url, step)
    if address is None:
        return None
    answer = await handler(request.clone(rel_url=address))
    return answer if isinstance(answer, web.Response) and answer.status < 300 else None


def _rows_of(answer: web.StreamResponse | None) -> Rows | None:
    """The rows of a page; empty for a page of nothing, None for what is no page."""
    found = _read(answer)
    if found is None:
        return None
    place = _place_of_rows(found)
    return place[0][place[1]] if place is not None else []


def _put_rows(answer: web.StreamResponse, rows: Rows) -> None:
    found = _read(answer)
    place = None if found is None else _place_of_rows(found)
    if place is not None and isinstance(answer, web.Response):
        holder, name = place
        holder[name] = rows
        answer.body = exactjson.write(found)


def _read(answer: web.StreamResponse | None) -> dict[str, Any] | None:
    if not isinstance(answer, web.Response) or not isinstance(answer.body, bytes):
        return None
    try:
        found = exactjson.read(answer.body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _place_of_rows(found: dict[str, Any]) -> tuple[dict[str, Any], str] | None:
    """The object and its member that hold the rows: the first list, at the top or in `data`."""
    for holder in (found, found.get("data")):
        if isinstance(holder, dict):
            for name, value in holder.items():
                if isinstance(value, list):
                    return holder, name
    return None
