"""Finds the handler of a path of the Integration API, and judges the call before it gets there."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from simulators.anaplan import limiting, occupancy
from simulators.anaplan.answers import ApiError, Call, error_answer
from simulators.anaplan.modelfile import UserPart
from simulators.anaplan.tokens import SCHEME, find_token
from simulators.anaplan.world import WORLD, Model, World

ANY = "*"
ONLINE_STATUS = "onlineStatus"
NEVER_OPENING = ("status", "open", "close", ONLINE_STATUS)
ApiHandler = Callable[[Call], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Router:
    """Handlers by path; `*` stands for one id. Model paths are given without the model."""

    account: dict[tuple[str, ...], dict[str, ApiHandler]] = field(default_factory=dict)
    model: dict[tuple[str, ...], dict[str, ApiHandler]] = field(default_factory=dict)

    def add(self, method: str, path: str, handler: ApiHandler) -> None:
        """Serve a path of the account, for example `/workspaces/*`."""
        self.account.setdefault(_cut(path), {})[method] = handler

    def add_in_model(self, method: str, path: str, handler: ApiHandler) -> None:
        """Serve a path below a model, for example `/files/*`, under both forms of address."""
        self.model.setdefault(_cut(path), {})[method] = handler


ROUTER = web.AppKey("router", Router)


def _cut(path: str) -> tuple[str, ...]:
    return tuple(part for part in path.split("/") if part)


def _match(
    table: dict[tuple[str, ...], dict[str, ApiHandler]], parts: tuple[str, ...], method: str
) -> tuple[ApiHandler, tuple[str, ...]]:
    handlers = table.get(parts)
    ids: tuple[str, ...] = ()
    if handlers is None:
        for pattern, found in table.items():
            if len(pattern) == len(parts) and all(
                want in (ANY, part) for want, part in zip(pattern, parts, strict=True)
            ):
                handlers = found
                ids = tuple(p for want, p in zip(pattern, parts, strict=True) if want == ANY)
                break
    if handlers is None:
        raise ApiError(404, "Not Found")
    if method not in handlers:
        raise ApiError(405, "Method Not Allowed")
    return handlers[method], ids


async def dispatch(request: web.Request) -> web.StreamResponse:
    """Answer any call below `/2/0`."""
    try:
        return await _dispatch(request)
    except ApiError as error:
        return error_answer(request, error)
    except web.HTTPException:
        raise
    except Exception:
        logging.getLogger(__name__).exception("%s %s broke", request.method, request.path)
        return error_answer(request, ApiError(500, "Internal Server Error"))


async def _dispatch(request: web.Request) -> web.StreamResponse:
    world = request.app[WORLD]
    refusal = limiting.take_from_bucket(request, world)
    if refusal is not None:
        return refusal
    header = request.headers.get("Authorization", "")
    token = find_token(world, header, (SCHEME, "Bearer"))
    if token is None:
        return _not_signed_in(request, world)
    parts = _cut(request.path)[2:]
    call = Call(request, world, token.user, "/2/0/" + "/".join(parts))
    router = request.app[ROUTER]
    if parts[:1] == ("models",) and len(parts) > 2:
        return await _below_model(router, call, parts[1], parts[2:])
    if parts[:1] == ("workspaces",) and parts[2:3] == ("models",) and len(parts) > 4:
        return await _below_model(router, call, parts[3], parts[4:], workspace_id=parts[1])
    handler, call.ids = _match(router.account, parts, request.method)
    return await handler(call)


async def _below_model(
    router: Router, call: Call, model_id: str, parts: tuple[str, ...], workspace_id: str = ""
) -> web.StreamResponse:
    call.found = visible_model(call, model_id, workspace_id)
    if model_id in call.user.no_access:
        raise ApiError(404, "Not Found")
    handler, call.ids = _match(router.model, parts, call.request.method)
    if parts[0] != ONLINE_STATUS:
        occupancy.check_state(call)
    if parts[0] not in NEVER_OPENING:
        await occupancy.wait_until_open(call)
    return await handler(call)


def visible_model(call: Call, model_id: str, workspace_id: str = "") -> Model:
    """The model with exactly this id; 404 for a stranger to it as for an unknown one."""
    for model in call.world.models():
        if model.id == model_id and workspace_id in ("", model.workspace_id):
            if may_see(call, model):
                return model
            break
    raise ApiError(404, "Not Found")


def may_see(call: Call, model: Model) -> bool:
    """Whether the user has a role in the model."""
    return has_role(call.user, model)


def has_role(user: UserPart, model: Model) -> bool:
    """Whether a user has a role in a model."""
    return user.models is None or model.id in user.models


def user_of_path(call: Call) -> UserPart:
    """The user that a path names first, by id or as `me`."""
    wanted = call.ids[0]
    for user in call.world.users.values():
        if wanted == user.id or (wanted == "me" and user.id == call.user.id):
            return user
    raise ApiError(404, "Not Found")


def check_older_routes(call: Call) -> None:
    """Whether the service still has the calls that only old clients make."""
    if not call.world.settings.older_routes:
        raise ApiError(404, "Not Found")


def _not_signed_in(request: web.Request, world: World) -> web.Response:
    form = world.settings.unauthorized_body
    if form == "envelope":
        return error_answer(request, ApiError(401, "Unauthorized"))
    if form == "empty":
        return web.Response(status=401)
    body = {
        "status": "FAILURE_INVALID_TOKEN",
        "statusMessage": "No valid token header found for the request",
    }
    return web.json_response(body, status=401)
