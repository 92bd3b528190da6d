"""The stand-in QAD as a web application: context root, sign-in, business documents, look-ins."""

import asyncio
from pathlib import Path

from aiohttp import web

from simulators import server
from simulators.forms import read_form
from simulators.qad.answers import (
    allowed_verbs,
    error_answer,
    json_answer,
    login_page,
    not_found_page,
    wrong_verb,
)
from simulators.qad.books import Login
from simulators.qad.browses import COUNT_PATH, answer_browse
from simulators.qad.documents import answer_document
from simulators.qad.entities import answer_entity, answer_metadata
from simulators.qad.ledger import Ledger
from simulators.qad.listing import OWN_FAULTS, Lists
from simulators.qad.lookins import FOLDER, LISTS, SETTINGS, SIGN_INS, add_look_ins
from simulators.qad.settings import Settings
from simulators.qad.signin import SignInRefused, SignIns
from simulators.qad.weakness import WEAKNESS

LOGIN_PATHS = ("", "login", "login.jsp", "resources/login.jsp")
SESSION_COOKIE = "JSESSIONID"
LOGIN_FORMS = {
    "login": ("username", "password"),
    "j_spring_security_check": ("j_username", "j_password"),
}
LOGIN_TARGET = "resources/login.jsp"


def build_app(
    books: Path, *, context_root: str = "/clouderp", settings: Settings | None = None
) -> web.Application:
    """A stand-in QAD that serves the books in a folder under a context root.

    Raises BooksError when the books cannot be used.
    """
    root = "/" + context_root.strip("/") if context_root.strip("/") else ""
    app = server.build_app(
        own_fault_kinds=OWN_FAULTS, context_root=root, weak_points=WEAKNESS, system="qad"
    )
    app[FOLDER] = books
    app[SETTINGS] = settings or Settings()
    ledger = Ledger(books)
    app[LISTS] = Lists(ledger, app[SETTINGS], app[server.COUNTERS])
    app[SIGN_INS] = SignIns(ledger.books.logins, app[SETTINGS])
    add_look_ins(app)
    app.router.add_route("*", "/{path:.*}", _answer)
    app.on_cleanup.append(_close)
    return app


async def _close(app: web.Application) -> None:
    app[LISTS].ledger.close()


async def _answer(request: web.Request) -> web.StreamResponse:
    """Any call but a look-in: 404 outside the context root, then by the path inside it."""
    root = request.app[server.CONTEXT_ROOT]
    path = request.path
    if path != root and not path.startswith(f"{root}/"):
        return not_found_page()
    inside = path[len(root) :].strip("/")
    if inside in LOGIN_FORMS and request.method == "POST":
        return await _log_in(request, *LOGIN_FORMS[inside])
    if inside in LOGIN_PATHS:
        return login_page()
    if inside == "oauth/token":
        return await _grant_token(request)
    if not inside.startswith("api/"):
        return not_found_page()
    login = await _who(request)
    if login is None:
        return _signed_out(request)
    return await _answer_api(request, inside, login)


async def _answer_api(request: web.Request, inside: str, login: Login) -> web.StreamResponse:
    """A call of a person who is signed in, by its surface."""
    lists = request.app[LISTS]
    if inside == "api/qracore/securityControl":
        return _security_control(request)
    if inside in ("api/qracore/browses", COUNT_PATH):
        return await answer_browse(request, inside, lists, login)
    if inside == "api/qracore/entitymetadatas":
        return answer_metadata(request, lists, login)
    if inside.startswith("api/bdoc/"):
        return await answer_document(request, inside, lists, login)
    if inside.startswith("api/erp/"):
        return await answer_entity(request, inside, lists, login)
    return error_answer(404, f"No service at {inside}")


async def _values(request: web.Request, *, query: bool = True) -> dict[str, str]:
    """The values of a sign-in, from the query and the form; both ways are in use."""
    values = dict(request.query.items()) if query else {}
    if request.content_type == "application/x-www-form-urlencoded":
        values.update(await read_form(request))
    return values


async def _log_in(request: web.Request, user: str, password: str) -> web.Response:
    """Form login: a redirect and a cookie, or a redirect back to the page with `error=1`."""
    values = await _values(request)
    root = request.app[server.CONTEXT_ROOT]
    cookie = request.app[SIGN_INS].open_session(values.get(user, ""), values.get(password, ""))
    if cookie is None:
        request.app[server.COUNTERS].add("logins_refused")
        return web.Response(status=302, headers={"Location": f"{root}/login.jsp?error=1"})
    request.app[server.COUNTERS].add("logins")
    answer = web.Response(status=302, headers={"Location": f"{root}/"})
    answer.set_cookie(SESSION_COOKIE, cookie, path=root or "/", httponly=True)
    return answer


async def _grant_token(request: web.Request) -> web.Response:
    """A token for the values in the query and the form."""
    if request.method == "OPTIONS":
        return allowed_verbs("POST,OPTIONS")
    if request.method != "POST":
        return wrong_verb(request.method, request.app[SETTINGS].wrong_verb)
    values = await _values(request, query=request.app[SETTINGS].token_values_in_query)
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


async def _who(request: web.Request) -> Login | None:
    authorization = request.headers.get("Authorization", "")
    cookie = request.cookies.get(SESSION_COOKIE, "")
    login = request.app[SIGN_INS].who(authorization, cookie)
    if authorization.lower().startswith("basic "):
        await _wait_for_basic(request.app)
    return login


async def _wait_for_basic(app: web.Application) -> None:
    """Basic signs in anew with each call, which the real system is slow at."""
    seconds = app[SETTINGS].basic_seconds
    if seconds:
        await asyncio.sleep(seconds)


def _signed_out(request: web.Request) -> web.Response:
    request.app[server.COUNTERS].add("signed_out")
    settings = request.app[SETTINGS]
    is_session = "Authorization" not in request.headers and SESSION_COOKIE in request.cookies
    manner = settings.cookie_signed_out if is_session else settings.signed_out
    if manner == "redirect":
        root = request.app[server.CONTEXT_ROOT]
        return web.Response(status=302, headers={"Location": f"{root}/{LOGIN_TARGET}"})
    if manner == "login_page":
        return login_page()
    return json_answer(
        {"error": "invalid_token", "error_description": "The access token is invalid"}, 401
    )


def _security_control(request: web.Request) -> web.Response:
    app, settings = request.app, request.app[SETTINGS]
    if request.method == "OPTIONS":
        return allowed_verbs("GET,HEAD,OPTIONS")
    if request.method not in ("GET", "HEAD"):
        return wrong_verb(request.method, settings.wrong_verb)
    control = {
        "clientId": app[SIGN_INS].client_id,
        "sessionLength": int(settings.session_minutes),
        "timeoutMinutes": int(settings.idle_minutes),
    }
    return json_answer({"data": {"securityControls": [control]}})
