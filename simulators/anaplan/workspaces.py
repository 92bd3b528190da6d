"""Workspaces, and who administrates or visits them."""

from typing import Any

from aiohttp import web

from simulators.anaplan.answers import ApiError, Call, envelope, is_asked, page_answer, sorted_rows
from simulators.anaplan.modelfile import Role, UserPart
from simulators.anaplan.roles import has
from simulators.anaplan.routing import (
    ApiHandler,
    Router,
    check_older_routes,
    has_role,
    may_see,
    user_of_path,
)
from simulators.anaplan.world import Workspace

PEOPLE_PAGE = 20
"""Lists of admins and visitors have smaller pages than the others."""


def add_routes(router: Router) -> None:
    """Serve workspaces and their people."""
    router.add("GET", "/workspaces", list_workspaces)
    router.add("GET", "/workspaces/*", get_workspace)
    router.add("GET", "/workspaces/*/admins", _people("admins", "workspaceAdmin"))
    router.add("GET", "/workspaces/*/visitors", _people("visitors", "visitor"))
    router.add("GET", "/users/*/workspaces", list_workspaces_of_user)


async def list_workspaces(call: Call) -> web.Response:
    """`GET /workspaces`: those in which the user has a model."""
    rows = [_row(call, found) for found in _visible(call)]
    fields = ("name", "sizeAllowance")
    return page_answer(call, "workspaces", sorted_rows(call, rows, fields), "workspace")


async def get_workspace(call: Call) -> web.Response:
    """`GET /workspaces/{id}`: only for its admins, though others see it in the list."""
    found = find_workspace(call)
    if not has(call.user, "workspaceAdmin"):
        raise ApiError(404, "Not Found")
    return envelope(call, "workspace", _row(call, found), "workspace")


async def list_workspaces_of_user(call: Call) -> web.Response:
    """`GET /users/{id}/workspaces`, an older call, whose clients insist on the size."""
    check_older_routes(call)
    user = user_of_path(call)
    rows = [_row(call, found, with_size=True) for found in _visible(call) if _is_in(user, found)]
    return page_answer(call, "workspaces", rows, "workspace")


def _people(key: str, role: Role) -> ApiHandler:
    """`GET /workspaces/{id}/admins` and `/visitors`: for the customer's admins, else 500."""

    async def answer(call: Call) -> web.StreamResponse:
        if not has(call.user, "tenantAdmin"):
            raise ApiError(500, "Internal Server Error")
        found = find_workspace(call)
        users = call.world.users.values()
        people = [user for user in users if has(user, role) and _is_in(user, found)]
        rows = [_person(call, user, found) for user in people]
        return page_answer(call, key, rows, key.removesuffix("s"), usual=PEOPLE_PAGE)

    return answer


def _person(call: Call, user: UserPart, found: Workspace) -> dict[str, Any]:
    others = [w for w in call.world.workspaces if w is not found and _is_in(user, w)]
    by_id = call.world.settings.other_workspaces == "ids"
    return {
        "firstName": user.first_name,
        "lastName": user.last_name,
        "email": user.email,
        "active": user.status != "deactivated",
        "otherWorkspaces": [w.id if by_id else w.name for w in others],
    }


def _is_in(user: UserPart, workspace: Workspace) -> bool:
    return any(has_role(user, model) for model in workspace.models)


def _visible(call: Call) -> list[Workspace]:
    return [w for w in call.world.workspaces if any(may_see(call, m) for m in w.models)]


def find_workspace(call: Call) -> Workspace:
    """The workspace of the path; 404 for those who have no model in it."""
    for found in _visible(call):
        if found.id == call.ids[0]:
            return found
    raise ApiError(404, "Not Found")


def _row(call: Call, found: Workspace, *, with_size: bool = False) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": found.id,
        "name": found.name,
        "active": True,
        "sizeAllowance": found.size_allowance,
    }
    if with_size or is_asked(call, "tenantDetails"):
        body["currentSize"] = found.current_size
    return body
