"""The pages on which a person signs in and lets a client in: consent, and a device's code."""

import secrets
from collections.abc import Mapping
from html import escape
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from simulators.anaplan import people
from simulators.anaplan.modelfile import OAuthClientPart, UserPart
from simulators.anaplan.oauth import (
    GRANTS,
    DeviceCode,
    Grant,
    OAuthRefused,
    answering,
    find_client,
    granted_scope,
    needed,
    read_values,
)
from simulators.anaplan.world import WORLD, World
from simulators.forms import read_form

STYLE = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
PARAMETERS = ("response_type", "client_id", "redirect_uri", "scope", "state")
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"}


def add_routes(app: web.Application) -> None:
    """Serve both pages and the start of the device grant."""
    app.router.add_get("/auth/authorize", answering(authorize))
    app.router.add_get("/auth/prelogin", answering(show_consent))
    app.router.add_post("/auth/prelogin", answering(decide))
    app.router.add_post("/oauth/device/code", answering(give_device_code))
    app.router.add_get("/activate", show_activation)
    app.router.add_post("/activate", answering(activate))


async def authorize(request: web.Request) -> web.Response:
    """`GET /auth/authorize`: on to the page that signs in."""
    _check_request(request, request.query)
    return _redirect("/auth/prelogin?" + request.query_string)


async def show_consent(request: web.Request) -> web.Response:
    """`GET /auth/prelogin`: the page, with who asks for what."""
    client = _check_request(request, request.query)
    return _consent_page(request.app[WORLD], client, request.query, "", 200)


async def decide(request: web.Request) -> web.Response:
    """What the person chose: back to the client with a code, or with `access_denied`."""
    form = await read_form(request)
    client = _check_request(request, form)
    if form.get("choice") != "allow":
        answer = {"error": "access_denied", "error_description": "User did not authorize."}
        return _back(form, answer)
    world = request.app[WORLD]
    user = people.find_user(world, form.get("email", ""), form.get("password", ""))
    if user is None:
        return _consent_page(world, client, form, people.WRONG, 401)
    code = secrets.token_urlsafe(33)
    request.app[GRANTS].codes[code] = Grant(
        client,
        user,
        granted_scope(form.get("scope", "")),
        world.clock.now() + world.settings.oauth_code_seconds,
        form["redirect_uri"],
    )
    return _back(form, {"code": code})


def _check_request(request: web.Request, values: Mapping[str, str]) -> OAuthClientPart:
    """The client that asks; a wrong client or address is never redirected to."""
    found = dict(values)
    client = find_client(request, needed(found, "client_id"), "authorization_code")
    if needed(found, "redirect_uri") not in client.redirect_uris:
        raise OAuthRefused("invalid_request", "The redirect URI is not registered.", 400)
    if needed(found, "response_type") != "code":
        raise OAuthRefused("invalid_request", "'response_type' must be 'code'.", 400)
    return client


def _back(values: Mapping[str, str], answer: dict[str, str]) -> web.Response:
    if values.get("state"):
        answer["state"] = values["state"]
    address = values["redirect_uri"]
    joint = "&" if urlsplit(address).query else "?"
    return _redirect(f"{address}{joint}{urlencode(answer)}")


def _redirect(address: str) -> web.Response:
    return web.Response(status=302, headers=HEADERS | {"Location": address})


async def give_device_code(request: web.Request) -> web.Response:
    """`POST /oauth/device/code`: a code for the device and one for the person."""
    values = await read_values(request)
    client = find_client(request, needed(values, "client_id"), "device")
    world = request.app[WORLD]
    settings = world.settings
    letters = "".join(secrets.choice(LETTERS) for _ in range(8))
    user_code, device_code = f"{letters[:4]}-{letters[4:]}", secrets.token_urlsafe(24)
    request.app[GRANTS].devices[device_code] = DeviceCode(
        client,
        user_code,
        granted_scope(values.get("scope", "")),
        world.clock.now() + settings.device_seconds,
        settings.device_interval,
    )
    address = settings.activation_address or f"{request.scheme}://{request.host}/activate"
    return web.json_response(
        {
            "device_code": device_code,
            "user_code": user_code,
            "verification_uri": address,
            "verification_uri_complete": f"{address}?user_code={user_code}",
            "expires_in": settings.device_seconds,
            "interval": settings.device_interval,
        },
        headers={"Cache-Control": "no-store"},
    )


async def show_activation(request: web.Request) -> web.Response:
    """`GET /activate`: the page on which a person types the code of a device."""
    return _activation_page(request.query.get("user_code", ""), "", 200)


async def activate(request: web.Request) -> web.Response:
    """Let a device in or send it away; single sign-on users cannot (Anaplan help)."""
    form = await read_form(request)
    typed = form.get("user_code", "").strip().upper()
    world = request.app[WORLD]
    device = _find_device(request, typed)
    if device is None:
        return _activation_page(typed, "There is no device that waits with this code.", 400)
    user = people.find_user(world, form.get("email", ""), form.get("password", ""))
    if user is None:
        return _activation_page(typed, people.WRONG, 401)
    if form.get("choice") != "allow" or not _may_use_devices(user):
        device.is_denied = True
        return _page("Not allowed", "<p>The device was not let in. You may close this page.</p>")
    device.user = user
    return _page("All set", "<p>The device is let in. You may close this page.</p>")


def _may_use_devices(user: UserPart) -> bool:
    return not user.sso or user.exception_user


def _find_device(request: web.Request, typed: str) -> DeviceCode | None:
    now = request.app[WORLD].clock.now()
    for device in request.app[GRANTS].devices.values():
        is_waiting = device.user is None and not device.is_denied and device.expires_at > now
        if is_waiting and secrets.compare_digest(device.user_code.encode(), typed.encode()):
            return device
    return None


def _consent_page(
    world: World, client: OAuthClientPart, values: Mapping[str, str], words: str, status: int
) -> web.Response:
    scopes = "".join(
        f"<li>{escape(name)}</li>" for name in granted_scope(values.get("scope", "")).split()
    )
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(values[name])}">'
        for name in PARAMETERS
        if name in values
    )
    body = (
        f"<p><b>{escape(client.name)}</b> asks to work in {escape(world.customer.name)} for you."
        f" It asks for:</p><ul>{scopes}</ul>{_form('/auth/prelogin', hidden, words)}"
    )
    return _page("Sign in and allow access", body, status)


def _activation_page(typed: str, words: str, status: int) -> web.Response:
    field = (
        f'<label>Code on the device<input name="user_code" value="{escape(typed)}" required>'
        "</label>"
    )
    return _page("Let a device in", _form("/activate", field, words), status)


def _form(action: str, fields: str, words: str) -> str:
    alarm = f'<p role="alert">{escape(words)}</p>' if words else ""
    return (
        f'{alarm}<form method="post" action="{action}">{fields}'
        '<label>E-mail<input type="email" name="email" autocomplete="username"></label>'
        '<label>Password<input type="password" name="password" autocomplete="current-password">'
        '</label><button name="choice" value="allow">Allow</button>'
        '<button name="choice" value="deny">Deny</button></form>'
    )


def _page(title: str, body: str, status: int = 200) -> web.Response:
    text = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · Stand-in Anaplan</title><style>{STYLE}</style></head><body>"
        f"<main><section><h1>{escape(title)}</h1>{body}</section></main></body></html>"
    )
    return web.Response(text=text, status=status, content_type="text/html", headers=HEADERS)
