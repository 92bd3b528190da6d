"""Who may sign in, from where, and with what kind of secret."""

import ipaddress
import secrets

from aiohttp import web

from simulators.anaplan.modelfile import UserPart
from simulators.anaplan.world import WORLD, World, count

WRONG = "Incorrect username or password."
BAD_HEADER, BAD_CREDENTIAL = "FAILURE_BAD_HEADER", "FAILURE_BAD_CREDENTIAL"


class Refused(Exception):
    """A call that the token service does not obey."""

    def __init__(self, http_status: int, status: str, words: str) -> None:
        super().__init__(words)
        self.http_status = http_status
        self.status = status
        self.words = words


def bad_header() -> Refused:
    """The answer to an `Authorization` header that cannot be read."""
    return Refused(400, BAD_HEADER, "Invalid header. Verify the header.")


def bad_credential() -> Refused:
    """The one answer to every password that is not taken (Anaplan help: same code for all)."""
    return Refused(401, BAD_CREDENTIAL, WRONG)


def check_address(request: web.Request) -> None:
    """Refuse callers from outside the allowed addresses; the status is a switch."""
    settings = request.app[WORLD].settings
    allowed = [part.strip() for part in settings.allowed_addresses.split(",") if part.strip()]
    if not allowed:
        return
    caller = ipaddress.ip_address(request.remote or "0.0.0.0")  # noqa: S104
    if not any(caller in ipaddress.ip_network(part, strict=False) for part in allowed):
        count(request.app, "sign_ins_refused")
        status = settings.refused_address_status
        raise Refused(status, BAD_CREDENTIAL, "Your address is not on the allow-list.")


def find_user(world: World, email: str, password: str) -> UserPart | None:
    """The active user with this password; failures are counted and may lock the user."""
    user = world.users.get(email.strip().lower())
    if user is None:
        return None
    if not secrets.compare_digest(user.password.encode(), password.encode()):
        world.failures[user.id] += 1
        limit = world.settings.failures_until_locked
        if limit and world.failures[user.id] >= limit:
            user.status = "locked"
        return None
    if user.status != "active":
        return None
    world.failures[user.id] = 0
    return user


def may_use_basic(world: World, user: UserPart) -> bool:
    """Whether the token service takes this user's password."""
    return world.settings.basic_is_enabled and (not user.sso or user.exception_user)


def note(world: World, request: web.Request, user: UserPart | None) -> None:
    """Write an event of signing in into the log; no user means that nobody was let in."""
    now, number = world.clock.milliseconds(), next(world.event_numbers)
    kind, words = ("USR-8", "success") if user is not None else ("USR-9", "failure")
    guid = user.id if user is not None else None
    world.events.append(
        {
            "id": number,
            "eventTypeId": kind,
            "userId": guid,
            "tenantId": world.customer.id,
            "objectId": guid,
            "message": f"User login {words}",
            "success": user is not None,
            "ipAddress": request.remote,
            "userAgent": request.headers.get("User-Agent", ""),
            "hostName": request.host,
            "eventDate": now,
            "eventTimeZone": "UTC",
            "createdDate": now,
            "createdTimeZone": "UTC",
            "checksum": str(1_000_000_000 + number),
            "additionalAttributes": None,
        }
    )
