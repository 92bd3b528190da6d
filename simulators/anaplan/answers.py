"""How the Integration API answers: envelopes, pages and errors."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

import msgspec
from aiohttp import web

from simulators.anaplan.modelfile import UserPart
from simulators.anaplan.world import Model, World

PUBLIC_BASE = "https://api.anaplan.com/2/0"
SMALL_BODY = 1_000
HIGHEST_OFFSET = 10**12
LINK_PAGE = 20
"""Without a `limit` the link to a next page is one of pages of this size, whatever was given."""


class ApiError(Exception):
    """An answer that is an error: HTTP status and words."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers or {}


@dataclass(slots=True)
class Call:
    """A signed-in call of the Integration API; `ids` are the ids of its path after the model's."""

    request: web.Request
    world: World
    user: UserPart
    path: str
    ids: tuple[str, ...] = ()
    found: Model | None = field(default=None)

    @property
    def model(self) -> Model:
        """The model of the path; only for paths that have one."""
        if self.found is None:
            raise ApiError(404, "Not Found")
        return self.found

    @property
    def now(self) -> float:
        """The service's time in seconds since 1970."""
        return self.world.clock.now()


def json_answer(request: web.Request, body: object, status: int = 200) -> web.Response:
    """A JSON answer, compressed when it is long and the client takes gzip."""
    raw = msgspec.json.encode(body)
    answer = web.Response(body=raw, status=status, content_type="application/json")
    if len(raw) > SMALL_BODY and "gzip" in request.headers.get("Accept-Encoding", ""):
        answer.enable_compression(web.ContentCoding.gzip)
    return answer


def error_answer(request: web.Request, error: ApiError) -> web.Response:
    """An error in the shape of the Integration API."""
    body = {
        "status": {"code": error.status, "message": error.message},
        "path": request.path,
        "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z"),
    }
    answer = json_answer(request, body, error.status)
    answer.headers.update(error.headers)
    return answer


def schema_of(call: Call, kind: str) -> dict[str, Any]:
    """The `meta` and `status` that most answers begin with."""
    place = f"/models/{call.found.id}" if call.found is not None else ""
    meta: dict[str, object] = {"schema": f"{PUBLIC_BASE}{place}/objects/{kind}"}
    return {"meta": meta, "status": {"code": 200, "message": "Success"}}


def envelope(
    call: Call, key: str, value: object, kind: str, paging: dict[str, object] | None = None
) -> web.Response:
    """An answer with `meta` and `status`; an empty collection is left out."""
    body = schema_of(call, kind)
    if paging is not None:
        body["meta"]["paging"] = paging
    if key and not (paging is not None and not value):
        body[key] = value
    return json_answer(call.request, body)


def page_answer(
    call: Call, key: str, rows: list[dict[str, Any]], kind: str, *, usual: int = 0
) -> web.Response:
    """One page of a collection by `limit` and `offset`; `usual` rows where no limit is given."""
    limit, offset = _number(call, "limit"), _number(call, "offset") or 0
    largest = call.world.settings.page_size
    size = min(limit or usual or largest, largest)
    page = rows[offset : offset + size]
    paging: dict[str, object] = {
        "currentPageSize": len(page),
        "totalSize": len(rows),
        "offset": offset,
    }
    address = f"{PUBLIC_BASE}{call.path.removeprefix('/2/0')}"
    if offset + len(page) < len(rows):
        paging["next"] = f"{address}?limit={size}&offset={offset + size}"
    elif limit is None and offset + LINK_PAGE < len(rows) and call.world.settings.next_link_always:
        paging["next"] = f"{address}?limit={LINK_PAGE}&offset={offset + LINK_PAGE}"
    if offset > 0:
        paging["previous"] = f"{address}?limit={size}&offset={max(0, offset - size)}"
    return envelope(call, key, page, kind, paging)


def _number(call: Call, name: str) -> int | None:
    text = call.request.query.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal()) or int(text) > HIGHEST_OFFSET:
        raise ApiError(400, f"Invalid value for parameter {name}: {text}")
    return int(text)


def sorted_rows(
    call: Call, rows: list[dict[str, Any]], fields: Sequence[str]
) -> list[dict[str, Any]]:
    """Rows by `sort` where every field needs its sign, and must be one of some."""
    for text in reversed([part for part in call.request.query.get("sort", "").split(",") if part]):
        if text[0] not in "+-":
            form = "(-){column_name_1},(+){column_name_2}.."
            words = f"Bad sort order format: '{text}'. Please follow {form} format"
            raise ApiError(400, words)
        if text[1:] not in fields:
            raise ApiError(400, "Failed to parse sort parameter")
        rows.sort(key=itemgetter(text[1:]), reverse=text[0] == "-")
    return rows


def is_asked(call: Call, name: str) -> bool:
    """Whether a query says `true` to something, in any case."""
    return call.request.query.get(name, "").lower() == "true"


def check_is_json(call: Call, raw: bytes) -> None:
    """Refuse a body that says of itself that it is something other than JSON."""
    status = call.world.settings.wrong_type_status
    given = call.request.headers.get("Content-Type", "")
    if status and raw and given and "json" not in given.lower():
        raise ApiError(status, "Unsupported Media Type")


async def read_object(call: Call) -> dict[str, Any]:
    """The JSON object of a call's body; 400 when it is none."""
    raw = await call.request.read()
    check_is_json(call, raw)
    try:
        body = msgspec.json.decode(raw) if raw.strip() else {}
    except (RecursionError, msgspec.DecodeError) as error:
        raise ApiError(400, f"Malformed JSON: {error}") from error
    if not isinstance(body, dict):
        raise ApiError(400, "The body must be a JSON object")
    return body
