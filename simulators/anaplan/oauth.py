"""The OAuth2 service: `POST /oauth/token` for its three grants, and what was granted."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from simulators.anaplan import idtokens, people
from simulators.anaplan.modelfile import OAuthClientPart, UserPart
from simulators.anaplan.tokens import new_token
from simulators.anaplan.world import WORLD, count
from simulators.forms import read_form

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
SCOPES = ("openid", "email", "offline_access")
SLOWER_SECONDS = 5


class OAuthRefused(Exception):
    """A request that is refused, with the error word of RFC 6749 or RFC 8628.

    Status 0 stands for the switch `oauth_error_status`.
    """

    def __init__(self, error: str, description: str, status: int = 0) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


@dataclass(slots=True)
class Grant:
    """What a user allowed a client; `expires_at` in seconds since 1970, None for no end."""

    client: OAuthClientPart
    user: UserPart
    scope: str
    expires_at: float | None
    redirect_uri: str = ""
    is_used: bool = False
    family: str = field(default_factory=lambda: secrets.token_hex(8))


@dataclass(slots=True)
class DeviceCode:
    """A device that waits for a person; `interval` in seconds grows with each `slow_down`."""

    client: OAuthClientPart
    user_code: str
    scope: str
    expires_at: float
    interval: int
    asked_at: float | None = None
    user: UserPart | None = None
    is_denied: bool = False


@dataclass(slots=True)
class Grants:
    """Everything granted so far: codes, refresh tokens and devices by their secrets."""

    codes: dict[str, Grant] = field(default_factory=dict)
    refresh_tokens: dict[str, Grant] = field(default_factory=dict)
    devices: dict[str, DeviceCode] = field(default_factory=dict)
    signing_keys: idtokens.SigningKeys = field(default_factory=idtokens.SigningKeys)


GRANTS = web.AppKey("grants", Grants)
Values = dict[str, str]


def add_routes(app: web.Application) -> None:
    """Serve the token endpoint."""
    app[GRANTS] = Grants()
    app.router.add_post("/oauth/token", answering(give_token))


def answering(
    handler: Callable[[web.Request], Awaitable[web.Response]],
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A handler whose refusals become OAuth2 errors."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            people.check_address(request)
            return await handler(request)
        except people.Refused as error:
            refusal = OAuthRefused("access_denied", error.words, error.http_status)
        except OAuthRefused as error:
            refusal = error
        body = {"error": refusal.error, "error_description": refusal.description}
        status = refusal.status or request.app[WORLD].settings.oauth_error_status
        return web.json_response(body, status=status, headers={"Cache-Control": "no-store"})

    return answer


async def read_values(request: web.Request) -> Values:
    """The members of a JSON object or of a form; both are in use."""
    if request.content_type == "application/x-www-form-urlencoded":
        return await read_form(request)
    try:
        body = await request.json()
    except (LookupError, ValueError):
        body = {}
    found = body if isinstance(body, dict) else {}
    return {str(name): str(value) for name, value in found.items() if value is not None}


def needed(values: Values, name: str) -> str:
    """A parameter that must be there."""
    if not values.get(name):
        raise OAuthRefused("invalid_request", f"Missing required parameter: {name}", 400)
    return values[name]


def find_client(request: web.Request, client_id: str, grant: str) -> OAuthClientPart:
    """The client with this id, if this is its grant."""
    client = request.app[WORLD].oauth_clients.get(client_id)
    if client is None:
        raise OAuthRefused("invalid_client", "Unknown client.", 401)
    if client.grant != grant:
        raise OAuthRefused("unauthorized_client", "This grant is not allowed for the client.")
    return client


def granted_scope(asked: str) -> str:
    """What is granted of a scope: `profile` is dropped silently, as seen live."""
    wanted = asked.split() or list(SCOPES)
    return " ".join(name for name in SCOPES if name in wanted)


async def give_token(request: web.Request) -> web.Response:
    """`POST /oauth/token`; without a `grant_type` 401, as seen live."""
    values = await read_values(request)
    kind = values.get("grant_type", "")
    if not kind:
        raise OAuthRefused("invalid_request", "Missing required parameter: grant_type", 401)
    if kind == "authorization_code":
        grant = _take_code(request, values)
    elif kind == "refresh_token":
        return _refresh(request, values)
    elif kind == DEVICE_GRANT:
        grant = _take_device(request, values)
    else:
        raise OAuthRefused("unauthorized_client", f"Grant type '{kind}' is not allowed.")
    return _answer(request, grant, _new_refresh_token(request, grant))


def _check_secret(client: OAuthClientPart, values: Values) -> None:
    if client.secret:
        given = needed(values, "client_secret")
        if not secrets.compare_digest(client.secret.encode(), given.encode()):
            raise OAuthRefused("invalid_client", "Wrong client secret.", 401)


def _take_code(request: web.Request, values: Values) -> Grant:
    client = find_client(request, needed(values, "client_id"), "authorization_code")
    _check_secret(client, values)
    code, redirect_uri = needed(values, "code"), needed(values, "redirect_uri")
    grants = request.app[GRANTS]
    grant = grants.codes.get(code)
    if grant is None or grant.client is not client or grant.redirect_uri != redirect_uri:
        raise OAuthRefused("invalid_grant", "Invalid authorization code")
    if grant.is_used or _has_ended(request, grant):
        raise OAuthRefused("invalid_grant", "The code was used or has expired.")
    grant.is_used = True
    return grant


def _take_device(request: web.Request, values: Values) -> Grant:
    client = find_client(request, needed(values, "client_id"), "device")
    device_code = needed(values, "device_code")
    devices, now = request.app[GRANTS].devices, request.app[WORLD].clock.now()
    device = devices.get(device_code)
    if device is None or device.client is not client:
        raise OAuthRefused("invalid_grant", "Invalid or expired device code.")
    if device.is_denied:
        raise OAuthRefused("access_denied", "The user denied the authorization.")
    if device.expires_at <= now:
        raise OAuthRefused("expired_token", "The device code has expired.")
    early = device.asked_at is not None and now - device.asked_at < device.interval
    device.asked_at = now
    if early:
        device.interval += SLOWER_SECONDS
        raise OAuthRefused("slow_down", "You are polling faster than the interval allows.")
    if device.user is None:
        raise OAuthRefused("authorization_pending", "User has yet to authorize device code.")
    del devices[device_code]
    return Grant(client, device.user, device.scope, None)


def _refresh(request: web.Request, values: Values) -> web.Response:
    client = request.app[WORLD].oauth_clients.get(needed(values, "client_id"))
    if client is None:
        raise OAuthRefused("invalid_client", "Unknown client.", 401)
    _check_secret(client, values)
    value = needed(values, "refresh_token")
    tokens, settings = request.app[GRANTS].refresh_tokens, request.app[WORLD].settings
    grant = tokens.get(value)
    if grant is None or grant.client is not client or _has_ended(request, grant):
        raise OAuthRefused("invalid_grant", "Unknown or invalid refresh token.")
    if grant.is_used:
        if settings.reuse_ends_all:
            for other in tokens.values():
                other.is_used = other.is_used or other.family == grant.family
        raise OAuthRefused("invalid_grant", "Unknown or invalid refresh token.")
    count(request.app, "oauth_refreshes")
    if client.rotatable:
        grant.is_used = True
        return _answer(request, grant, _new_refresh_token(request, grant))
    return _answer(request, grant, value if settings.refresh_token_always else "")


def _has_ended(request: web.Request, grant: Grant) -> bool:
    is_late = grant.expires_at is not None and grant.expires_at <= request.app[WORLD].clock.now()
    return is_late or grant.user.status in ("deactivated", "locked")


def _new_refresh_token(request: web.Request, grant: Grant) -> str:
    """A refresh token for a scope with `offline_access`, empty for one without."""
    if "offline_access" not in grant.scope.split():
        return ""
    client, now = grant.client, request.app[WORLD].clock.now()
    end = now + client.refresh_seconds if client.rotatable else None
    value = secrets.token_urlsafe(33)
    request.app[GRANTS].refresh_tokens[value] = Grant(
        client, grant.user, grant.scope, end, family=grant.family
    )
    return value


def _answer(request: web.Request, grant: Grant, refresh_token: str) -> web.Response:
    world = request.app[WORLD]
    token = new_token(world, grant.user)
    count(request.app, "oauth_tokens_issued")
    seconds = int(world.settings.token_minutes * 60)
    body: dict[str, object] = {"access_token": token.value}
    if "openid" in grant.scope.split():
        body["id_token"] = idtokens.issue(
            request.app[GRANTS].signing_keys,
            world.settings.openid_algorithm,
            user=grant.user,
            client_id=grant.client.id,
            now=int(world.clock.now()),
            seconds=seconds,
        )
    if refresh_token:
        body["refresh_token"] = refresh_token
    body |= {
        "scope": grant.scope,
        "expires_in": seconds,
        "token_type": "Bearer",
    }
    return web.json_response(body, headers={"Cache-Control": "no-store"})
