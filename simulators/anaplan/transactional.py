"""Members of lists, read and written at once; calls wait while a task has the model."""

from itertools import islice
from typing import Any

from aiohttp import web

from simulators.anaplan import occupancy
from simulators.anaplan.answers import ApiError, Call, envelope, json_answer, read_object, schema_of
from simulators.anaplan.definitions import find_list
from simulators.anaplan.deleting import delete_members
from simulators.anaplan.dimensions import UNKNOWN, Dimension, fold
from simulators.anaplan.roles import check_workspace_admin
from simulators.anaplan.routing import Router
from simulators.anaplan.views import list_lines

MOST_ITEMS = 100_000
PREVIEW_ROWS = 1_000
NOT_EMPTY = (
    "We can't reset the list item index of a list that contains data. "
    "Select an empty list that doesn't contain any list items."
)
Row = dict[str, Any]


def add_routes(router: Router) -> None:
    """Serve members of lists."""
    router.add_in_model("GET", "/lists/*/items", list_items)
    router.add_in_model("POST", "/lists/*/items", change_items)
    router.add_in_model("PUT", "/lists/*/items", update_items)
    router.add_in_model("GET", "/lists/*/preview", preview)
    router.add_in_model("POST", "/lists/*/resetIndex", reset_index)


async def list_items(call: Call) -> web.Response:
    """`GET …/lists/{id}/items`: all members at once."""
    found = find_list(call)
    with_all = call.request.query.get("includeAll", "").lower() == "true"
    async with occupancy.alone(call):
        if "text/csv" in call.request.headers.get("Accept", ""):
            lines = list_lines(found, with_ids=call.world.settings.list_csv_has_ids)
            return web.Response(text="".join(lines), content_type="text/csv")
        rows = [_list_item(found, index, with_all=with_all) for index, _ in found.all()]
    return envelope(call, "listItems" if rows else "", rows, "listItem")


async def preview(call: Call) -> web.Response:
    """`GET …/lists/{id}/preview`: the first 1000 members as CSV."""
    found = find_list(call)
    async with occupancy.alone(call):
        lines = list_lines(found, with_ids=call.world.settings.list_csv_has_ids)
        lines = islice(lines, PREVIEW_ROWS + 1)
        return web.Response(text="".join(lines), content_type="text/csv")


async def reset_index(call: Call) -> web.Response:
    """`POST …/lists/{id}/resetIndex`: only for an empty list."""
    check_workspace_admin(call)
    found = find_list(call)
    if any(True for _ in found.all()):
        raise ApiError(400, NOT_EMPTY)
    return web.Response(status=200)


def _list_item(dimension: Dimension, index: int, *, with_all: bool) -> Row:
    item = dimension.items[index]
    if item is None:
        return {}
    row: Row = {
        "id": item.id,
        "name": item.name,
        "listId": dimension.id,
        "listName": dimension.name,
    }
    if item.code:
        row["code"] = item.code
    parent = dimension.items[item.parent] if item.parent != UNKNOWN else None
    if parent is not None:
        row |= {"parent": parent.name, "parentId": parent.id}
    if with_all:
        row |= {"properties": {}, "subsets": {}}
    return row


async def _read_items(call: Call) -> list[Row]:
    items = (await read_object(call)).get("items")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ApiError(400, "items must be a list of objects")
    if len(items) > MOST_ITEMS:
        raise ApiError(400, "At most 100000 items in one call")
    return items


async def change_items(call: Call) -> web.Response:
    """`POST …/lists/{id}/items?action=add` or `delete`."""
    found, items = find_list(call), await _read_items(call)
    action = call.request.query.get("action", "")
    if action not in ("add", "delete"):
        raise ApiError(400, "action must be add or delete")
    async with occupancy.alone(call):
        if action == "add":
            return _add_items(call, found, items)
        return _delete_items(call, found, items)


def failure_row(number: int, kind: str, words: str) -> Row:
    """What was wrong with one of the things that a call named, by its place from 0."""
    return {"requestIndex": number, "failureType": kind, "failureMessageDetails": words}


def _add_items(call: Call, found: Dimension, items: list[Row]) -> web.Response:
    """Add members first and hang them below their parents then, so that a call may bring both."""
    failures: list[Row] = []
    added: list[tuple[int, str]] = []
    coming: set[str] = set()
    if call.world.settings.parents_in_same_call:
        coming = {fold(str(item.get(key) or "")) for item in items for key in ("name", "code")}
    for number, item in enumerate(items):
        name, code, parent = (str(item.get(key) or "") for key in ("name", "code", "parent"))
        odd = _odd_text(item)
        own = fold(parent) in (fold(name), fold(code)) and bool(parent)
        if odd:
            failures.append(_format_failure(number, odd, item[odd]))
        elif not (name or code):
            words = "A name or a code is needed"
            failures.append(failure_row(number, "INCOMPLETE_DATA", words))
        elif own or (fold(parent) not in coming and _is_refused(call, found, parent)):
            failures.append(_format_failure(number, "parent", parent))
        else:
            try:
                added.append((found.add(name, code), parent))
            except ValueError as error:
                failures.append(failure_row(number, "DUPLICATE", str(error)))
    for index, parent in added:
        found.set_parent(index, found.find(parent))
    return _counted(call, {"added": len(added), "total": len(items)}, failures)


def _odd_text(item: Row) -> str:
    """The first member of an item that is neither text nor a number, empty without one."""
    for key in ("name", "code", "parent"):
        if isinstance(item.get(key), bool | dict | list):
            return key
    return ""


def _is_refused(call: Call, found: Dimension, parent: str) -> bool:
    """Whether an item fails because there is no such parent; the switch lets it do without."""
    is_there = not parent or found.find(parent) != UNKNOWN
    return not is_there and call.world.settings.unknown_parent == "fails"


def _format_failure(number: int, key: str, value: object) -> Row:
    words = f"incorrect format -- column name:{key.capitalize()}, value:{value}"
    return failure_row(number, "INCORRECT_FORMAT", words)


def _counted(call: Call, counts: Row, failures: list[Row]) -> web.Response:
    body = schema_of(call, "listItem") | counts | {"ignored": len(failures)}
    if failures:
        body["failures"] = failures
    if call.world.settings.failure_words == "camel":
        for failure in failures:
            failure["failureType"] = _in_camel_case(failure["failureType"])
    return json_answer(call.request, body)


def _in_camel_case(words: str) -> str:
    """The other way to write a kind of failure: `INCORRECT_FORMAT` is `incorrectFormat`."""
    first, *others = words.lower().split("_")
    return first + "".join(map(str.capitalize, others))


def _locate(found: Dimension, item: Row) -> int:
    if item.get("id"):
        return found.find_id(str(item["id"]))
    if item.get("code"):
        return found.find(str(item["code"]), "code")
    return found.find(str(item.get("name") or ""), "name")


def _delete_items(call: Call, found: Dimension, items: list[Row]) -> web.Response:
    indexes = [_locate(found, item) for item in items]
    failures = [
        failure_row(number, "INCORRECT_FORMAT", "There is no such item")
        for number, index in enumerate(indexes)
        if index == UNKNOWN
    ]
    deleted = delete_members(call.model, found, frozenset(indexes) - {UNKNOWN})
    return _counted(call, {"deleted": deleted}, failures)


async def update_items(call: Call) -> web.Response:
    """`PUT …/lists/{id}/items`: other names or parents for members that are there."""
    found, items = find_list(call), await _read_items(call)
    failures: list[Row] = []
    updated = 0
    async with occupancy.alone(call):
        for number, item in enumerate(items):
            index = _locate(found, item)
            failure = _update_failure(call, found, index, number, item)
            if failure is not None:
                failures.append(failure)
            else:
                updated += _update_item(found, index, item)
    return _counted(call, {"updated": updated, "total": len(items)}, failures)


def _update_failure(call: Call, found: Dimension, index: int, number: int, item: Row) -> Row | None:
    """Why a member cannot be changed as an item says."""
    parent, odd = str(item.get("parent") or ""), _odd_text(item)
    if odd:
        return _format_failure(number, odd, item[odd])
    if index == UNKNOWN:
        return failure_row(number, "INCOMPLETE_DATA", "There is no such item")
    if _needs_code(found, index, item):
        return failure_row(number, "INCOMPLETE_DATA", "The item has a code: give it")
    place = found.find(parent)
    if _is_refused(call, found, parent) or (parent and found.is_below(place, index)):
        return _format_failure(number, "parent", parent)
    return None


def _needs_code(found: Dimension, index: int, item: Row) -> bool:
    """Whether a member that has a code was named by its name alone."""
    member = found.items[index]
    return member is not None and bool(member.code) and not (item.get("id") or item.get("code"))


def _update_item(found: Dimension, index: int, item: Row) -> bool:
    """Change what differs and say whether anything did; a code changes only by the id."""
    renamed = found.rename(index, str(item.get("name") or ""))
    recoded = bool(item.get("id")) and found.recode(index, str(item.get("code") or ""))
    parent = found.find(str(item.get("parent") or ""))
    found.set_parent(index, parent)
    return renamed or recoded or parent != UNKNOWN
