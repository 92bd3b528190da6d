"""How often something is taken before a pause: wrong passwords, sign-ups, calls of the API."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many times within a moving window, counted for each of something."""

    name: str
    item: RateLimitItem


# The pair is tight. The account alone is wide, so that a stranger who guesses from elsewhere
# does not shut the owner out.
WRONG_PASSWORDS_A_PAIR = Limit("pair", RateLimitItemPerMinute(10, 15))
WRONG_PASSWORDS_AN_ACCOUNT = Limit("account", RateLimitItemPerMinute(100, 60))
WRONG_PASSWORDS_AN_ADDRESS = Limit("address", RateLimitItemPerMinute(100, 15))
SIGN_UPS_AN_ADDRESS = Limit("sign-up", RateLimitItemPerHour(20))
RESETS_AN_ADDRESS = Limit("reset", RateLimitItemPerHour(20))
PROVIDER_SIGN_INS_AN_ADDRESS = Limit("provider", RateLimitItemPerHour(120))
INVITATIONS_AN_ADDRESS = Limit("invitation", RateLimitItemPerHour(300))
API_CALLS_AN_ADDRESS = Limit("api-address", RateLimitItemPerMinute(600))
API_CALLS_A_KEY = Limit("api-key", RateLimitItemPerMinute(300))
API_CALLS_AN_ORGANIZATION = Limit("api-organization", RateLimitItemPerMinute(1200))
API_SUGGESTIONS_AN_ORGANIZATION = Limit("api-suggestions", RateLimitItemPerMinute(20))
UNKNOWN_KEYS_AN_ADDRESS = Limit("api-unknown", RateLimitItemPerMinute(30, 15))
LOOKS_AN_ORGANIZATION = Limit("look", RateLimitItemPerMinute(20, 5))
_TIMEOUT_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a limit; `wait` is 0 where this time was taken, else seconds."""

    limit: int
    remaining: int
    reset: int
    wait: int = 0


def take(limit: Limit, who: str) -> Allowance:
    """Count one time for somebody, unless they must wait.

    The count is shared by all web processes through Redis; where Redis can't be reached, each
    process counts for itself, so that the limit never falls away.
    """
    return _counted(lambda limiter: limiter.hit(limit.item, limit.name, who), limit, who)


def look(limit: Limit, who: str) -> Allowance:
    """Tell what is left for somebody without counting."""
    return _counted(lambda limiter: limiter.test(limit.item, limit.name, who), limit, who)


def take_from(request: HttpRequest, limit: Limit) -> Allowance:
    """Count one time for the network from which a request came, unless it must wait."""
    return take(limit, client_network(request))


@dataclass(frozen=True, slots=True)
class SignInTries:
    """The wrong passwords counted for one account from one address."""

    email: str
    address: str

    def seconds_to_wait(self) -> int:
        """Return 0 where a try is allowed, else the seconds until the next one is."""
        return max(look(limit, who).wait for limit, who in self._limits())

    def note_failure(self) -> None:
        """Count one wrong password."""
        for limit, who in self._limits():
            take(limit, who)

    def _limits(self) -> list[tuple[Limit, str]]:
        account = self.email.strip().lower()
        return [
            (WRONG_PASSWORDS_A_PAIR, f"{account}:{self.address}"),
            (WRONG_PASSWORDS_AN_ACCOUNT, account),
            (WRONG_PASSWORDS_AN_ADDRESS, self.address),
        ]


def tries_of(request: HttpRequest, email: str) -> SignInTries:
    """Return the counts that a sign-in with this address falls under."""
    return SignInTries(email, client_network(request))


def client_address(request: HttpRequest) -> str:
    """Return where the request really came from.

    Each proxy appends the address that it saw to X-Forwarded-For, so that behind n proxies the
    n-th entry from the right is the last one that a client can't write; everything before it is
    whatever the client liked to send.
    """
    peer = _plain_address(str(request.META.get("REMOTE_ADDR", "")))
    entries = [entry.strip() for entry in request.headers.get("X-Forwarded-For", "").split(",")]
    if not settings.PROXY_COUNT or not entries[0]:
        return peer
    return _plain_address(entries[-min(settings.PROXY_COUNT, len(entries))]) or peer


def client_network(request: HttpRequest) -> str:
    """Return what counts as one place: an address, or the whole /64 that one IPv6 client has."""
    address = client_address(request)
    return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address


def _plain_address(text: str) -> str:
    """Read an address that a proxy wrote, perhaps with a port; nothing where it is none."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def _counted(ask: Callable[[MovingWindowRateLimiter], bool], limit: Limit, who: str) -> Allowance:
    try:
        return _asked(_limiter(settings.REDIS_URL), ask, limit, who)
    except (RedisError, OSError) as error:
        logger.warning("%s counted here only: %s", limit.name, type(error).__name__)
        return _asked(_limiter(""), ask, limit, who)


def _asked(
    limiter: MovingWindowRateLimiter,
    ask: Callable[[MovingWindowRateLimiter], bool],
    limit: Limit,
    who: str,
) -> Allowance:
    is_allowed = ask(limiter)
    stats = limiter.get_window_stats(limit.item, limit.name, who)
    reset = max(1, round(stats.reset_time - time.time()))
    wait = 0 if is_allowed else reset
    return Allowance(limit.item.amount, max(0, stats.remaining), reset, wait)


@cache
def _limiter(url: str) -> MovingWindowRateLimiter:
    """Return a limiter on Redis, or on this process's memory where no URL is given."""
    return MovingWindowRateLimiter(_redis(url) if url else MemoryStorage())


def _redis(url: str) -> RedisStorage:
    return RedisStorage(
        url,
        wrap_exceptions=False,
        socket_timeout=_TIMEOUT_SECONDS,
        socket_connect_timeout=_TIMEOUT_SECONDS,
        key_prefix="limits",
    )
