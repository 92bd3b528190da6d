"""Look-ins of signing in: the state of users, and registered certificates."""

from typing import get_args

from aiohttp import web

from simulators.anaplan import certificates
from simulators.anaplan.lookins import bad, read_json
from simulators.anaplan.modelfile import Role, UserPart, UserStatus
from simulators.anaplan.world import WORLD
from simulators.server import LOOK_IN


def add_routes(app: web.Application) -> None:
    """Serve the look-ins of signing in."""
    app.router.add_get(f"{LOOK_IN}users", list_users)
    app.router.add_post(f"{LOOK_IN}users", change_user)
    app.router.add_post(f"{LOOK_IN}certificates", register_certificate)


def _describe(request: web.Request, user: UserPart) -> dict[str, object]:
    owners = request.app[WORLD].registered.values()
    return {
        "email": user.email,
        "status": user.status,
        "sso": user.sso,
        "exceptionUser": user.exception_user,
        "roles": list(user.roles),
        "certificates": sum(owner is user for owner in owners),
    }


async def list_users(request: web.Request) -> web.Response:
    """Who there is and how they may sign in; no secrets."""
    users = request.app[WORLD].users.values()
    return web.json_response({"users": [_describe(request, user) for user in users]})


async def change_user(request: web.Request) -> web.Response:
    """Set `status sso exceptionUser roles granted noAccess` of the user with this `email`."""
    body = await read_json(request)
    user = _find(request, body.pop("email", ""))
    status = body.pop("status", user.status)
    flags = {name: body.pop(name) for name in ("sso", "exceptionUser") if name in body}
    roles = body.pop("roles", list(user.roles))
    granted, no_access = body.pop("granted", user.granted), body.pop("noAccess", user.no_access)
    if status not in get_args(UserStatus) or body:
        raise bad(
            "Give 'sso', 'exceptionUser', 'roles', 'granted', 'noAccess', "
            f"'status': {', '.join(get_args(UserStatus))}"
        )
    if not isinstance(roles, list) or any(role not in get_args(Role) for role in roles):
        raise bad(f"'roles' are a list of {', '.join(get_args(Role))}")
    if not all(isinstance(flag, bool) for flag in flags.values()):
        raise bad("'sso' and 'exceptionUser' are true or false")
    user.status = status
    user.roles = tuple(roles)
    user.granted = None if granted is None else tuple(granted)
    user.no_access = tuple(no_access)
    user.sso = flags.get("sso", user.sso)
    user.exception_user = flags.get("exceptionUser", user.exception_user)
    if status == "active":
        request.app[WORLD].failures[user.id] = 0
    return web.json_response(_describe(request, user))


async def register_certificate(request: web.Request) -> web.Response:
    """Register a certificate (`?email=`, body PEM or DER) for a user."""
    user = _find(request, request.query.get("email", ""))
    try:
        certificate = certificates.read(await request.read())
    except ValueError as error:
        raise bad(f"The body is no certificate: {error}") from error
    request.app[WORLD].registered[certificates.fingerprint(certificate)] = user
    return web.json_response(_describe(request, user))


def _find(request: web.Request, email: object) -> UserPart:
    user = request.app[WORLD].users.get(str(email).lower())
    if user is None:
        raise bad(f"There is no user {email!r}")
    return user
