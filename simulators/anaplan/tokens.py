"""The token service: sign-in by password or certificate, refresh, validation and logout."""

import base64
import binascii
import secrets
import uuid
from collections.abc import Awaitable, Callable

from aiohttp import web

from simulators.anaplan import certificates, people
from simulators.anaplan.modelfile import UserPart
from simulators.anaplan.people import Refused, bad_credential, bad_header
from simulators.anaplan.world import WORLD, Token, World, count

SCHEME = "AnaplanAuthToken"
META = {"validationUrl": "https://auth.anaplan.com/token/validate"}


def add_routes(app: web.Application) -> None:
    """Serve the calls of the token service."""
    app.router.add_post("/token/authenticate", _answering(authenticate))
    app.router.add_post("/token/refresh", _answering(refresh))
    app.router.add_get("/token/validate", _answering(validate))
    app.router.add_post("/token/logout", _answering(logout))


def find_token(
    world: World, header: str, schemes: tuple[str, ...], *, for_refresh: bool = False
) -> Token | None:
    """The living token of an `Authorization` header in one of the schemes."""
    scheme, _, value = header.partition(" ")
    token = world.tokens.get(value.strip())
    if token is None or scheme not in schemes:
        return None
    settings = world.settings
    if token.user.status == "deactivated" and settings.deactivation_ends_tokens:
        del world.tokens[token.value]
        return None
    if token.expires_at <= world.clock.now():
        return token if for_refresh and settings.ended_token_refreshes else None
    return token


def _answering(
    handler: Callable[[web.Request], Awaitable[web.Response]],
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refused as error:
            body = {"status": error.status, "statusMessage": error.words}
            return web.json_response(body, status=error.http_status)

    return answer


async def authenticate(request: web.Request) -> web.Response:
    """`POST /token/authenticate`: 201 with a new token."""
    people.check_address(request)
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    try:
        if scheme == "CACertificate":
            user = await certificates.find_user(request, value)
        else:
            user = _user_of_password(request.app[WORLD], scheme, value)
    except Refused as error:
        if error.status != people.BAD_HEADER:
            count(request.app, "sign_ins_refused")
            people.note(request.app[WORLD], request, None)
        raise
    token = new_token(request.app[WORLD], user)
    count(request.app, "tokens_issued")
    people.note(request.app[WORLD], request, user)
    return _token_answer(token, "Login successful", status=201)


def _user_of_password(world: World, scheme: str, value: str) -> UserPart:
    email, password = _credentials(scheme, value)
    user = people.find_user(world, email, password)
    if user is None or not people.may_use_basic(world, user):
        raise bad_credential()
    return user


async def refresh(request: web.Request) -> web.Response:
    """`POST /token/refresh`: the same token with a later end."""
    world = request.app[WORLD]
    token = _signed_in(request, bearer_status=400, for_refresh=True)
    if world.settings.refresh_rotates:
        del world.tokens[token.value]
        token = new_token(world, token.user)
    token.expires_at = world.clock.now() + world.settings.token_minutes * 60
    count(request.app, "token_refreshes")
    return _token_answer(token, "Token refreshed")


async def validate(request: web.Request) -> web.Response:
    """`GET /token/validate`: whose token it is and when it ends."""
    token = _signed_in(request, bearer_status=400)
    customer = request.app[WORLD].customer
    return web.json_response(
        {
            "meta": META,
            "status": "SUCCESS",
            "statusMessage": "Token validated",
            "tokenInfo": {"expiresAt": int(token.expires_at * 1000), "tokenId": token.id},
            "userInfo": {
                "userGuid": token.user.id,
                "userId": token.user.email,
                "customerGuid": customer.id,
            },
        }
    )


async def logout(request: web.Request) -> web.Response:
    """`POST /token/logout`: the token is dead at once."""
    token = _signed_in(request, bearer_status=401)
    del request.app[WORLD].tokens[token.value]
    return web.Response(status=204)


def _signed_in(request: web.Request, *, bearer_status: int, for_refresh: bool = False) -> Token:
    header = request.headers.get("Authorization", "")
    if not header.startswith(f"{SCHEME} "):
        if bearer_status == 400:
            raise bad_header()
        raise Refused(401, "FAILURE_INVALID_TOKEN", "No valid token header found.")
    token = find_token(request.app[WORLD], header, (SCHEME,), for_refresh=for_refresh)
    if token is None:
        raise Refused(401, "FAILURE_INVALID_TOKEN", "The token is invalid or has expired.")
    return token


def _credentials(scheme: str, value: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(value.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        text = ""
    if scheme != "Basic" or ":" not in text:
        raise bad_header()
    email, _, password = text.partition(":")
    return email, password


def new_token(world: World, user: UserPart) -> Token:
    """Sign a user in for as long as a token lives."""
    token = Token(
        value=secrets.token_urlsafe(96),
        id=str(uuid.uuid1()),
        refresh_id=str(uuid.uuid1()),
        user=user,
        expires_at=world.clock.now() + world.settings.token_minutes * 60,
    )
    world.tokens[token.value] = token
    return token


def _token_answer(token: Token, words: str, status: int = 200) -> web.Response:
    body = {
        "meta": META,
        "status": "SUCCESS",
        "statusMessage": words,
        "tokenInfo": {
            "expiresAt": int(token.expires_at * 1000),
            "tokenId": token.id,
            "tokenValue": token.value,
            "refreshTokenId": token.refresh_id,
        },
    }
    return web.json_response(body, status=status)
