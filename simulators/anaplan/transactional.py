"""Small synchronous reads and writes, which wait while a task has the model."""

from itertools import islice
from typing import Any

from aiohttp import web

from simulators.anaplan import occupancy
from simulators.anaplan.answers import ApiError, Call, envelope, json_answer, read_object, schema_of
from simulators.anaplan.definitions import find_list
from simulators.anaplan.deleting import delete_members
from simulators.anaplan.dimensions import TIME_ID, UNKNOWN, USERS_ID, Dimension, fold
from simulators.anaplan.roles import check_workspace_admin
from simulators.anaplan.routing import Router, has_role
from simulators.anaplan.views import list_lines

MOST_ITEMS = 100_000
PREVIEW_ROWS = 1_000
NOT_EMPTY = (
    "We can't reset the list item index of a list that contains data. "
    "Select an empty list that doesn't contain any list items."
)
Row = dict[str, Any]


def add_routes(router: Router) -> None:
    """Serve members of lists and of dimensions."""
    router.add_in_model("GET", "/lists/*/items", list_items)
    router.add_in_model("POST", "/lists/*/items", change_items)
    router.add_in_model("PUT", "/lists/*/items", update_items)
    router.add_in_model("GET", "/lists/*/preview", preview)
    router.add_in_model("POST", "/lists/*/resetIndex", reset_index)
    router.add_in_model("GET", "/dimensions/*/items", list_dimension_items)
    router.add_in_model("POST", "/dimensions/*/items", find_dimension_items)


async def list_items(call: Call) -> web.Response:
    """`GET …/lists/{id}/items`: all members at once."""
    found = find_list(call)
    with_all = call.request.query.get("includeAll", "").lower() == "true"
    async with occupancy.alone(call):
        if "text/csv" in call.request.headers.get("Accept", ""):
            return web.Response(text="".join(list_lines(found)), content_type="text/csv")
        rows = [_list_item(found, index, with_all=with_all) for index, _ in found.all()]
    return envelope(call, "listItems" if rows else "", rows, "listItem")


async def preview(call: Call) -> web.Response:
    """`GET …/lists/{id}/preview`: the first 1000 members as CSV."""
    found = find_list(call)
    async with occupancy.alone(call):
        lines = islice(list_lines(found), PREVIEW_ROWS + 1)
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
    coming = {fold(str(item.get(key) or "")) for item in items for key in ("name", "code")}
    for number, item in enumerate(items):
        name, code = str(item.get("name") or ""), str(item.get("code") or "")
        parent = str(item.get("parent") or "")
        if not (name or code):
            words = "A name or a code is needed"
            failures.append(failure_row(number, "INCOMPLETE_DATA", words))
            continue
        if fold(parent) not in coming and _is_refused(call, found, parent):
            failures.append(_parent_failure(number, parent))
            continue
        try:
            added.append((found.add(name, code), parent))
        except ValueError as error:
            failures.append(failure_row(number, "DUPLICATE", str(error)))
    for index, parent in added:
        place = found.find(parent)
        if place not in (UNKNOWN, index):
            found.set_parent(index, place)
    return _counted(call, {"added": len(added), "total": len(items)}, failures)


def _is_refused(call: Call, found: Dimension, parent: str) -> bool:
    """Whether an item fails because there is no such parent; the switch lets it do without."""
    is_there = not parent or found.find(parent) != UNKNOWN
    return not is_there and call.world.settings.unknown_parent == "fails"


def _parent_failure(number: int, parent: str) -> Row:
    words = f"incorrect format -- column name:Parent, value:{parent}"
    return failure_row(number, "INCORRECT_FORMAT", words)


def _counted(call: Call, counts: Row, failures: list[Row]) -> web.Response:
    body = schema_of(call, "listItem") | counts | {"ignored": len(failures)}
    if failures:
        body["failures"] = failures
    return json_answer(call.request, body)


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
            if index == UNKNOWN:
                failures.append(failure_row(number, "INCOMPLETE_DATA", "There is no such item"))
            elif _needs_code(found, index, item):
                failures.append(
                    failure_row(number, "INCOMPLETE_DATA", "The item has a code: give it")
                )
            elif _is_refused(call, found, str(item.get("parent") or "")):
                failures.append(_parent_failure(number, str(item["parent"])))
            else:
                updated += _update_item(found, index, item)
    return _counted(call, {"updated": updated, "total": len(items)}, failures)


def _needs_code(found: Dimension, index: int, item: Row) -> bool:
    """Whether a member that has a code was named by its name alone."""
    member = found.items[index]
    return member is not None and bool(member.code) and not (item.get("id") or item.get("code"))


def _update_item(found: Dimension, index: int, item: Row) -> bool:
    """Change what differs and say whether anything did; a code changes only by the id."""
    renamed = found.rename(index, str(item.get("name") or ""))
    recoded = bool(item.get("id")) and found.recode(index, str(item.get("code") or ""))
    parent = found.find(str(item.get("parent") or ""))
    if parent != UNKNOWN:
        found.set_parent(index, parent)
    return renamed or recoded or parent != UNKNOWN


def _find_dimension(call: Call) -> Dimension:
    if call.ids[0] == USERS_ID:
        return _users(call)
    found = call.model.dimensions.get(call.ids[0])
    if found is None:
        raise ApiError(404, "Not Found")
    if found.id == TIME_ID:
        raise ApiError(400, "The time dimension cannot be read here")
    return found


def _users(call: Call) -> Dimension:
    """The dimension of those who have a role in the model, by their addresses."""
    users = Dimension(USERS_ID, "Users")
    for user in call.world.users.values():
        if has_role(user, call.model):
            users.add(user.email)
    return users


def dimension_item(found: Dimension, index: int) -> Row:
    """A member as the calls on dimensions show it."""
    item = found.items[index]
    if item is None:
        return {}
    row: Row = {"id": item.id, "name": item.name}
    if item.code:
        row["code"] = item.code
    return row


async def list_dimension_items(call: Call) -> web.Response:
    """`GET …/dimensions/{id}/items`."""
    found = _find_dimension(call)
    async with occupancy.alone(call):
        rows = [dimension_item(found, index) for index, _ in found.all()]
    return envelope(call, "items" if rows else "", rows, "dimensionItem")


async def find_dimension_items(call: Call) -> web.Response:
    """`POST …/dimensions/{id}/items`: those of the given names and codes that are there."""
    found, body = _find_dimension(call), await read_object(call)
    names, codes = body.get("names") or [], body.get("codes") or []
    if not isinstance(names, list) or not isinstance(codes, list) or not (names or codes):
        raise ApiError(400, "names or codes must be given")
    async with occupancy.alone(call):
        indexes = [found.find(str(name), "name") for name in names]
        indexes += [found.find(str(code), "code") for code in codes]
        rows = [dimension_item(found, i) for i in dict.fromkeys(indexes) if i != UNKNOWN]
    return envelope(call, "items" if rows else "", rows, "dimensionItem")
