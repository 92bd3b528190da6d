"""What stands above the models: users, models and their state."""

from typing import Any

from aiohttp import web

from simulators.anaplan import occupancy
from simulators.anaplan.answers import (
    ApiError,
    Call,
    envelope,
    is_asked,
    json_answer,
    page_answer,
    read_object,
    sorted_rows,
)
from simulators.anaplan.modelfile import UserPart
from simulators.anaplan.roles import check_workspace_admin
from simulators.anaplan.routing import (
    Router,
    check_older_routes,
    has_role,
    may_see,
    user_of_path,
    visible_model,
)
from simulators.anaplan.tasks import Task
from simulators.anaplan.workspaces import find_workspace
from simulators.anaplan.world import Model, World

MEMORY_PER_CELL = 300
STEPS = {"processing": ("Processing ...", "Opening"), "updating": ("Updating", "Updating")}
"""What a busy model and one that is being opened say of themselves, by `step_words`."""
ONLINE = {"UNLOCKED", "PRODUCTION"}
OFFLINE = {"MAINTENANCE", "PRODUCTION_MAINTENANCE"}
USER_FIELDS = ("firstName", "lastName", "email", "active", "lastLoginDate")


def add_routes(router: Router) -> None:
    """Serve users, models and the state of a model."""
    router.add("GET", "/users", list_users)
    router.add("GET", "/users/*", get_user)
    router.add("GET", "/users/*/models", list_models_of_user)
    router.add("GET", "/workspaces/*/models", list_models_of_workspace)
    router.add("PUT", "/workspaces/*/models/*", refuse)
    router.add("GET", "/models", list_models)
    router.add("GET", "/models/*", get_model)
    router.add_in_model("GET", "/users", list_users_of_model)
    router.add_in_model("PUT", "/onlineStatus", set_online_status)
    router.add_in_model("POST", "/onlineStatus", set_online_status)
    router.add_in_model("GET", "/status", get_status)
    router.add_in_model("POST", "/status", get_status)
    router.add_in_model("POST", "/open", open_model)
    router.add_in_model("POST", "/close", close_model)


async def list_users(call: Call) -> web.Response:
    """`GET /users`."""
    rows = [_user(call, found) for found in call.world.users.values()]
    return page_answer(call, "users", sorted_rows(call, rows, USER_FIELDS), "user")


async def list_users_of_model(call: Call) -> web.Response:
    """`GET …/users`, an older call: those who have a role in the model."""
    check_older_routes(call)
    users = [found for found in call.world.users.values() if has_role(found, call.model)]
    return page_answer(call, "users", [_user(call, found) for found in users], "user")


async def get_user(call: Call) -> web.Response:
    """`GET /users/me` and `GET /users/{id}`."""
    return envelope(call, "user", _user(call, user_of_path(call)), "user")


async def list_models_of_user(call: Call) -> web.Response:
    """`GET /users/{id}/models`, an older call: those that both may see."""
    check_older_routes(call)
    user = user_of_path(call)
    found = [m for m in call.world.models() if may_see(call, m) and has_role(user, m)]
    return page_answer(call, "models", [_model(call, model) for model in found], "model")


async def list_models(call: Call) -> web.Response:
    """`GET /models`: all models that the user may see."""
    rows = [_model(call, found) for found in call.world.models() if may_see(call, found)]
    return page_answer(call, "models", sorted_rows(call, rows, ("name", "activeState")), "model")


async def list_models_of_workspace(call: Call) -> web.Response:
    """`GET /workspaces/{id}/models`."""
    rows = [_model(call, m) for m in find_workspace(call).models if may_see(call, m)]
    return page_answer(call, "models", rows, "model")


async def get_model(call: Call) -> web.Response:
    """`GET /models/{id}`."""
    call.found = visible_model(call, call.ids[0])
    body = _model(call, call.model)
    if is_asked(call, "modelDetails"):
        body["modelTransactionRunning"] = call.model.running is not None
    return envelope(call, "model", body, "model")


async def refuse(call: Call) -> web.Response:
    """The long form of a single model exists, but cannot be read."""
    del call
    raise ApiError(403, "Forbidden")


async def get_status(call: Call) -> web.Response:
    """`GET …/status`: whether the model is busy and with what; never waits."""
    task, is_closed = call.model.running, occupancy.is_closed(call.world, call.model)
    status: dict[str, Any] = {
        "peakMemoryUsageEstimate": None,
        "peakMemoryUsageTime": None,
        "progress": -1.0,
        "currentStep": "Closed" if is_closed else "Open",
        "tooltip": None,
        "taskId": None,
        "exportTaskType": None,
        "creationTime": call.world.clock.milliseconds(),
    }
    busy, opening = STEPS[call.world.settings.step_words]
    if call.model.opener is not None:
        status["currentStep"] = opening
    if call.model.held_by:
        status |= {"currentStep": busy, "progress": 0.5, "tooltip": call.model.held_by}
    if task is not None:
        status |= _work(call.model, task) | {"currentStep": busy}
    return json_answer(call.request, {"requestStatus": status})


def _work(model: Model, task: Task) -> dict[str, Any]:
    """What the state of a model says about the task that has it."""
    kind = task.kind.removesuffix("es" if task.kind == "processes" else "s").capitalize()
    name = model.object_name(task.kind, task.object_id)
    return {
        "progress": task.progress,
        "tooltip": f"The system is currently processing an {kind}: {name}",
        "taskId": task.id,
        "creationTime": task.created_ms,
    }


async def open_model(call: Call) -> web.Response:
    """`POST …/open`: 202 while a closed model is loaded, 200 for an open one."""
    check_workspace_admin(call)
    if not occupancy.is_closed(call.world, call.model):
        return web.Response(status=200)
    occupancy.begin_opening(call.world, call.model)
    return web.Response(status=202)


async def set_online_status(call: Call) -> web.Response:
    """`PUT …/onlineStatus`: takes a model offline, or puts it online again."""
    check_workspace_admin(call)
    wanted = (await read_object(call)).get("status")
    state, base = call.model.active_state, call.model.active_state.startswith("PRODUCTION")
    if wanted not in ("online", "offline") or state not in ONLINE | OFFLINE:
        raise ApiError(400, "status must be online or offline")
    if wanted == "offline":
        call.model.active_state = "PRODUCTION_MAINTENANCE" if base else "MAINTENANCE"
    elif state in OFFLINE:
        call.model.active_state = "PRODUCTION" if base else "UNLOCKED"
    return web.Response(status=204)


async def close_model(call: Call) -> web.Response:
    """`POST …/close`: the next call opens the model again; a task is not cut off."""
    check_workspace_admin(call)
    occupancy.check_may_close(call)
    call.model.is_closed = True
    return web.Response(status=204)


def _user(call: Call, user: UserPart) -> dict[str, Any]:
    return {
        "id": user.id,
        "active": user.status != "deactivated",
        "email": user.email,
        "emailOptIn": False,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "customerId": call.world.customer.id,
        "lastLoginDate": "2026-11-01T08:05:37.000+0000",
    }


def _model(call: Call, model: Model) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": model.id,
        "activeState": model.active_state,
        "name": model.name,
        "currentWorkspaceId": model.workspace_id,
        "currentWorkspaceName": _workspace_name(call.world, model),
        "modelUrl": f"https://us1a.app.anaplan.com/core3/anaplan/{model.workspace_id}/{model.id}",
        "categoryValues": [],
    }
    if is_asked(call, "modelDetails"):
        cells = sum(len(module.grid.cells) for module in model.modules.values())
        body |= {
            "lastSavedSerialNumber": str(model.serial),
            "lastModifiedByUserGuid": next(iter(call.world.users.values())).id,
            "memoryUsage": MEMORY_PER_CELL * cells,
            "isoCreationDate": "2025-01-07T09:00:00.000+0000",
            "lastModified": "2026-11-01T09:00:00.000+0000",
        }
    return body


def _workspace_name(world: World, model: Model) -> str:
    return next(w.name for w in world.workspaces if w.id == model.workspace_id)
