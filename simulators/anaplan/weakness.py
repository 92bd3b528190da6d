"""Where the faults that both stand-ins share find the pages and the tokens of Anaplan."""

import re

from aiohttp import web
from yarl import URL

from simulators.anaplan.oauth import GRANTS
from simulators.anaplan.world import WORLD
from simulators.faults import WeakPoints

_CHUNK = re.compile(r"/chunks/(\d+)/?$")


def _other_page(address: URL, step: int) -> URL | None:
    """The chunk beside a chunk, or the page of `limit` rows beside a page that has a `limit`."""
    chunk = _CHUNK.search(address.path)
    if chunk is not None:
        number = int(chunk[1]) + step
        path = f"{address.path[: chunk.start()]}/chunks/{number}"
        return address.with_path(path, keep_query=True) if number >= 0 else None
    limit, offset = address.query.get("limit", ""), address.query.get("offset", "0")
    if not (limit.isdecimal() and offset.isdecimal()):
        return None
    begin = int(offset) + step * int(limit)
    return address.update_query({"offset": str(begin)}) if begin >= 0 else None


def _revoke(app: web.Application, refresh: bool) -> None:
    app[WORLD].tokens.clear()
    if refresh:
        app[GRANTS].refresh_tokens.clear()


WEAKNESS = WeakPoints(
    other_page=_other_page,
    revoke=_revoke,
    messages=frozenset(
        {"message", "statusMessage", "localMessageText", "failureMessageDetails"}
        | {"error_description"}
    ),
    too_many={"status": {"code": 429, "message": "Too Many Requests"}},
)
