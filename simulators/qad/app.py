"""The stand-in QAD as a web application: context root, sign-in, business documents, look-ins."""

import asyncio
from pathlib import Path

from aiohttp import web

from simulators import server
from simulators.qad.answers import error_answer, json_answer, login_page, not_found_page
from simulators.qad.documents import OWN_FAULTS, Documents
from simulators.qad.ledger import Ledger
from simulators.qad.lookins import DOCUMENTS, FOLDER, SETTINGS, SIGN_INS, add_look_ins
from simulators.qad.settings import Settings
from simulators.qad.signin import SignInRefused, SignIns

LOGIN_PATHS = ("", "login", "login.jsp", "resources/login.jsp")
LOGIN_TARGET = "resources/login.jsp"


def build_app(
    books: Path, *, context_root: str = "/clouderp", settings: Settings | None = None
) -> web.Application:
    """A stand-in QAD that serves the books in a folder under a context root.

    Raises BooksError when the books cannot be used.
    """
    root = "/" + context_root.strip("/") if context_root.strip("/") else ""
    app = server.build_app(own_fault_kinds=OWN_FAULTS, context_root=root)
    app[FOLDER] = books
    app[SETTINGS] = settings or Settings()
    ledger = Ledger(books)
    app[DOCUMENTS] = Documents(ledger, app[SETTINGS], app[server.COUNTERS])
    app[SIGN_INS] = SignIns(ledger.books.logins, app[SETTINGS])
    add_look_ins(app)
    app.router.add_route("*", "/{path:.*}", _answer)
    app.on_cleanup.append(_close)
    return app


async def _close(app: web.Application) -> None:
    app[DOCUMENTS].ledger.close()


async def _answer(request: web.Request) -> web.StreamResponse:
    """Any call but a look-in: 404 outside the context root, then by the path inside it."""
    root = request.app[server.CONTEXT_ROOT]
    path = request.path
    if path != root and not path.startswith(f"{root}/"):
        return not_found_page()
    inside = path[len(root) :].strip("/")
    if inside in LOGIN_PATHS:
        return login_page()
    if inside == "oauth/token":
        return await _grant_token(request)
    if not inside.startswith("api/"):
        return not_found_page()
    if not await _is_signed_in(request):
        return _signed_out(request)
    if inside == "api/qracore/securityControl" and request.method == "GET":
        return _security_control(request.app)
    if inside.startswith("api/bdoc/"):
        return await request.app[DOCUMENTS].answer(request, inside)
    return error_answer(404, f"No service at {inside}")


async def _grant_token(request: web.Request) -> web.Response:
    """A token for the values in the query and the form; both ways are in use."""
    if request.method != "POST":
        return error_answer(500, f"Request method '{request.method}' not supported")
    values = {name: str(value) for name, value in request.query.items()}
    if request.content_type == "application/x-www-form-urlencoded":
        form = await request.post()
        values.update({name: str(value) for name, value in form.items()})
    counters = request.app[server.COUNTERS]
    try:
        answer = request.app[SIGN_INS].grant(values)
    except SignInRefused as refusal:
        counters.add("tokens_refused")
        body = {"error": refusal.error, "error_description": refusal.description}
        return json_answer(body, refusal.status)
    counters.add("tokens")
    counters.add(f"tokens_by_{values['grant_type']}")
    return json_answer(answer)


async def _is_signed_in(request: web.Request) -> bool:
    authorization = request.headers.get("Authorization", "")
    is_signed_in = request.app[SIGN_INS].accepts(authorization)
    if authorization.lower().startswith("basic "):
        await _wait_for_basic(request.app)
    return is_signed_in


async def _wait_for_basic(app: web.Application) -> None:
    """Basic signs in anew with each call, which the real system is slow at."""
    seconds = app[SETTINGS].basic_seconds
    if seconds:
        await asyncio.sleep(seconds)


def _signed_out(request: web.Request) -> web.Response:
    request.app[server.COUNTERS].add("signed_out")
    manner = request.app[SETTINGS].signed_out
    if manner == "redirect":
        root = request.app[server.CONTEXT_ROOT]
        return web.Response(status=302, headers={"Location": f"{root}/{LOGIN_TARGET}"})
    if manner == "login_page":
        return login_page()
    return json_answer(
        {"error": "invalid_token", "error_description": "The access token is invalid"}, 401
    )


def _security_control(app: web.Application) -> web.Response:
    settings = app[SETTINGS]
    control = {
        "clientId": app[SIGN_INS].client_id,
        "sessionLength": int(settings.session_minutes),
        "timeoutMinutes": int(settings.idle_minutes),
    }
    return json_answer({"data": {"securityControls": [control]}})
