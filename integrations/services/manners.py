"""How calls to each connection are held back, over all workers."""

from functools import cache
from urllib.parse import urlsplit

from integrations.anaplan.manners import AnaplanManners
from integrations.models import Connection
from integrations.qad.manners import QadManners
from integrations.qad.profile import Limits, Profile
from integrations.services.tokens import redis_client
from integrations.transport.errors import IntegrationError
from integrations.transport.ratelimit import RedisBudget
from integrations.transport.turns import Turns

# Anaplan takes 600 requests in any 60 s from all tools of a customer together.
REQUESTS_A_MINUTE = 600
RESERVE = 100
# A second more than Anaplan's: calls that were let go a minute apart may arrive closer.
WINDOW_SECONDS = 61.0
# What a connection may do while nobody knows yet whose budget it uses.
UNNAMED_REQUESTS = 30
ANAPLAN_DOMAIN = "anaplan.com"


class TenantBudget:
    """The budget of the customer that Anaplan named after a sign-in, followed by its calls.

    Until then a connection has a small budget of its own. What it used of that is counted in
    the customer's as soon as that one is known.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._unnamed_calls = 0

    def acquire(self, cost: int = 1) -> float:
        """Take `cost` calls and return 0, or return the seconds to wait."""
        owed = self._unnamed_calls if self._connection.identity else 0
        wait = budget_of(self._connection).acquire(cost + owed)
        if wait == 0:
            self._unnamed_calls = 0 if self._connection.identity else self._unnamed_calls + cost
        return wait

    def pause(self, seconds: float) -> None:
        """Let nobody who shares the budget call for so long."""
        budget_of(self._connection).pause(seconds)


def anaplan_manners(connection: Connection) -> AnaplanManners:
    """Return the manners of all calls to an Anaplan connection."""
    return AnaplanManners(TenantBudget(connection))


def qad_manners(connection: Connection, limits: Limits) -> QadManners:
    """Return the manners of all calls to a QAD connection, as its profile wants them."""
    return QadManners(turns_of(connection, limits))


def budget_of(connection: Connection) -> RedisBudget:
    """Return the budget whose calls an Anaplan connection's count to now."""
    if not connection.identity:
        return _budget(f"anaplan:connection:{connection.reference}", UNNAMED_REQUESTS)
    return _budget(f"anaplan:{customer_of(connection)}", REQUESTS_A_MINUTE - RESERVE)


def customer_of(connection: Connection) -> str:
    """Name the customer that Anaplan named after a sign-in, together with where it did so.

    Two hosts never name the same one: whoever gives a server of their own as Anaplan's could
    let it name any customer, and use up the calls or hold the models of that one.
    """
    place = urlsplit(connection.address["api_host"]).netloc.lower()
    if place.endswith(f".{ANAPLAN_DOMAIN}"):
        place = ANAPLAN_DOMAIN
    return f"{place}:{connection.identity}"


def turns_of(connection: Connection, limits: Limits) -> Turns:
    """Return the turns that all calls to a QAD connection take."""
    longest = limits.connect_s + 2.0 * limits.read_s
    key = f"qad:{connection.reference}"
    return _turns(key, limits.concurrency, limits.min_gap_ms / 1000, longest)


def limits_of(connection: Connection) -> Limits:
    """Return the limits of a QAD connection's profile; the default ones where it has none."""
    try:
        return Profile.parse(connection.profile).limits
    except IntegrationError:
        return Limits()


@cache
def _budget(key: str, limit: int) -> RedisBudget:
    return RedisBudget(redis_client(), key, limit, WINDOW_SECONDS)


@cache
def _turns(key: str, at_once: int, gap: float, longest: float) -> Turns:
    return Turns(redis_client(), key, at_once, gap, longest=longest)
