"""Browses: `api/qracore/browses` shows each document under keys such as `gl.GLCode`."""

from aiohttp import web

from simulators.qad.amounts import dump_text
from simulators.qad.answers import allowed_verbs, error_answer, json_answer, rows_answer, wrong_verb
from simulators.qad.books import Login
from simulators.qad.listing import Lists, Page
from simulators.qad.rawrows import rename_fields
from simulators.qad.surfaces import BY_BROWSE, FIELD_LIST_BROWSE, Surface
from simulators.qad.wording import DATA_TYPES, label

SHORT = "urn:browse:"
COUNT_PATH = "api/qracore/browses/totalCount"


async def answer_browse(
    request: web.Request, path: str, lists: Lists, login: Login
) -> web.Response:
    """A page of a browse or, under `totalCount/`, how many rows it has.

    An unknown browse, and one asked without `page` and `pageAction`, is 200 with no rows.
    """
    if request.method == "OPTIONS":
        return allowed_verbs("GET,HEAD,OPTIONS")
    if request.method not in ("GET", "HEAD"):
        return wrong_verb(request.method, lists.settings.wrong_verb)
    settings, is_count = lists.settings, path == COUNT_PATH
    identity = request.query.get("browseId", "")
    if identity == FIELD_LIST_BROWSE:
        return _fields(request, lists)
    surface = _find(identity, short=settings.browse_short_ids)
    if surface is None and settings.unknown_browse == "404":
        return error_answer(404, f"No browse {identity}")
    if surface is None or not (is_count or _has_paging(request, lists)):
        return _total(lists, 0) if is_count else rows_answer(b"")
    columns = _columns(surface, lists)
    names = {column: name for name, column in columns.items()}
    found = await lists.read(request, surface.shape, login, names)
    if isinstance(found, web.Response):
        return found
    if is_count:
        return _total(lists, found.total)
    rows = rename_fields(found.rows, columns)
    if settings.browse_noise:
        rows = _with_noise(surface, found, rows)
    return rows_answer(b"\n".join(rows), found.total if settings.browse_total else None)


def _find(identity: str, *, short: bool) -> Surface | None:
    found = BY_BROWSE.get(identity)
    return found or (BY_BROWSE.get(f"{SHORT}{identity}") if short else None)


def _columns(surface: Surface, lists: Lists) -> dict[str, str]:
    return surface.bare_columns if lists.settings.browse_keys == "bare" else surface.columns


def _has_paging(request: web.Request, lists: Lists) -> bool:
    query = request.query
    if not lists.settings.browse_needs_paging:
        return True
    if "page" not in query or "pageAction" not in query:
        return False
    if not lists.settings.browse_strict_action:
        return True
    return query["pageAction"] == ("first" if query["page"] == "1" else "next")


def _total(lists: Lists, total: int) -> web.Response:
    if lists.settings.total_count_shape == "number":
        return json_answer(total)
    return json_answer({"data": {"totalCount": total}})


def _with_noise(surface: Surface, page: Page, rows: list[bytes]) -> list[bytes]:
    """The rows with the members that every browse adds."""
    table, own = surface.table, b',"local_variables.'
    start = own + b'local-var00":""' + own + b'uniqueId":"'
    cell = f',"{table}.decoration_cell":"","{table}.oid_{table}":"0x'.encode()
    first = (page.page - 1) * page.size
    return [
        b'%b%b%d"%bBrowseRowOrderIndex":%d%b%016x"}'
        % (row[:-1], start, place + 1, own, place, cell, place)
        for place, row in enumerate(rows, first)
    ]


def _fields(request: web.Request, lists: Lists) -> web.Response:
    """The browse of a browse's fields, asked by `filter=browseURI,eq,<urn>,literal`."""
    wanted = [text.split(",") for text in request.query.getall("filter", [])]
    surface = next(
        (
            _find(parts[2], short=lists.settings.browse_short_ids)
            for parts in wanted
            if parts[:2] == ["browseURI", "eq"] and len(parts) > 2
        ),
        None,
    )
    if surface is None or not _has_paging(request, lists):
        return rows_answer(b"")
    rows = [
        {
            "field": column,
            "fieldLabel": label(name),
            "fieldDataType": DATA_TYPES[surface.shape.fields[name]],
        }
        for name, column in _columns(surface, lists).items()
    ]
    return rows_answer("\n".join(map(dump_text, rows)).encode())
