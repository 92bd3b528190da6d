"""Members of dimensions, read and looked up; calls wait while a task has the model."""

from typing import Any

from aiohttp import web

from simulators.anaplan import occupancy
from simulators.anaplan.answers import ApiError, Call, envelope, read_object
from simulators.anaplan.dimensions import TIME_ID, UNKNOWN, USERS_ID, Dimension, fold
from simulators.anaplan.modelfile import UserPart
from simulators.anaplan.routing import Router, has_role

Row = dict[str, Any]


def add_routes(router: Router) -> None:
    """Serve members of dimensions."""
    router.add_in_model("GET", "/dimensions/*/items", list_dimension_items)
    router.add_in_model("POST", "/dimensions/*/items", find_dimension_items)


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
    """The dimension of those who have a role in the model: addresses, or accounts by a switch."""
    users = Dimension(USERS_ID, "Users")
    for user in call.world.users.values():
        if not has_role(user, call.model):
            continue
        if call.world.settings.users_are_accounts:
            _add_account(users, user)
        else:
            users.add(user.email)
    return users


def _add_account(users: Dimension, user: UserPart) -> None:
    """Add a user by the full name, or the address where the name is taken, under its own id."""
    name = f"{user.first_name} {user.last_name}"
    index = users.add(user.email if fold(name) in users.by_name else name)
    item = users.items[index]
    if item is not None:
        item.id = user.id


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
    if codes and not found.by_code:
        raise ApiError(400, "The members of this dimension have no codes")
    async with occupancy.alone(call):
        indexes = [found.find(str(name), "name") for name in names]
        indexes += [found.find(str(code), "code") for code in codes]
        rows = [dimension_item(found, i) for i in dict.fromkeys(indexes) if i != UNKNOWN]
    return envelope(call, "items" if rows else "", rows, "dimensionItem")
