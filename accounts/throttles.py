"""How many wrong passwords are taken before a pause: per account and per address."""

import logging
import time
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# The pair is tight. The account alone is wide, so that a stranger who guesses from elsewhere
# does not shut the owner out.
WRONG_PASSWORDS_A_PAIR = RateLimitItemPerMinute(10, 15)
WRONG_PASSWORDS_AN_ACCOUNT = RateLimitItemPerMinute(100, 60)
WRONG_PASSWORDS_AN_ADDRESS = RateLimitItemPerMinute(100, 15)
_TIMEOUT_SECONDS = 2


@dataclass(frozen=True, slots=True)
class SignInTries:
    """The wrong passwords counted for one account from one address.

    The count is shared by all web processes through Redis; where Redis can't be reached, each
    process counts for itself, so that the limit never falls away.
    """

    email: str
    address: str

    def seconds_to_wait(self) -> int:
        """Return 0 where a try is allowed, else the seconds until the next one is."""
        return max(_wait(item, key) for item, key in self._limits())

    def note_failure(self) -> None:
        """Count one wrong password."""
        for item, key in self._limits():
            try:
                _limiter(settings.REDIS_URL).hit(item, key)
            except (RedisError, OSError) as error:
                logger.warning("sign-in tries counted here only: %s", type(error).__name__)
                _limiter("").hit(item, key)

    def _limits(self) -> list[tuple[RateLimitItem, str]]:
        account = self.email.strip().lower()
        return [
            (WRONG_PASSWORDS_A_PAIR, f"pair:{account}:{self.address}"),
            (WRONG_PASSWORDS_AN_ACCOUNT, f"account:{account}"),
            (WRONG_PASSWORDS_AN_ADDRESS, f"address:{self.address}"),
        ]


def tries_of(request: HttpRequest, email: str) -> SignInTries:
    """Return the counts that a sign-in with this address falls under."""
    return SignInTries(email, client_address(request))


def client_address(request: HttpRequest) -> str:
    """Return where the request came from.

    Behind the proxy this is the last entry of X-Forwarded-For, the only one that the proxy
    itself has written; earlier entries are whatever the client liked to send.
    """
    forwarded = request.headers.get("X-Forwarded-For", "")
    if settings.BEHIND_PROXY and forwarded:
        return forwarded.rsplit(",", 1)[-1].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def _wait(item: RateLimitItem, key: str) -> int:
    try:
        return _left(_limiter(settings.REDIS_URL), item, key)
    except (RedisError, OSError):
        return _left(_limiter(""), item, key)


def _left(limiter: MovingWindowRateLimiter, item: RateLimitItem, key: str) -> int:
    if limiter.test(item, key):
        return 0
    stats = limiter.get_window_stats(item, key)
    return max(1, round(stats.reset_time - time.time()))


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
        key_prefix="sign-in",
    )
