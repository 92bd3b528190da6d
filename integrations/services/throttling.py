"""What pages say of the calls to a connection: how many, of how many, and what holds them back."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from integrations.models import Connection, System
from integrations.services.manners import (
    REQUESTS_A_MINUTE,
    RESERVE,
    UNNAMED_REQUESTS,
    budget_of,
    limits_of,
    turns_of,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the calls to a connection stand now, over all workers.

    Of Anaplan `calls` are those of the last minute, of QAD those under way. `is_known` is False
    while Redis does not answer: then nothing is known, and each worker goes on slowly alone.
    `seconds` is how long no call may go, rounded up; `is_asked` tells that the system asked for
    it. `is_named` is False before Anaplan has said whose budget it is.
    """

    system: System
    calls: int = 0
    limit: int = 0
    reserve: int = 0
    gap_ms: int = 0
    seconds: int = 0
    is_asked: bool = False
    is_known: bool = False
    is_named: bool = True

    @property
    def all_calls(self) -> int:
        """The calls that the system takes in a minute from all tools together."""
        return self.limit + self.reserve


def standing_of(connection: Connection) -> Standing:
    """Return how the calls to a connection stand now."""
    if connection.system == System.QAD:
        limits = limits_of(connection)
        rules = Standing(System.QAD, limit=limits.concurrency, gap_ms=limits.min_gap_ms)
        use = turns_of(connection, limits).look()
    else:
        is_named = bool(connection.identity)
        most = REQUESTS_A_MINUTE - RESERVE if is_named else UNNAMED_REQUESTS
        rules = Standing(System.ANAPLAN, limit=most, reserve=RESERVE, is_named=is_named)
        use = budget_of(connection).look()
    if use is None:
        return rules
    return replace(
        rules,
        calls=use.calls,
        seconds=math.ceil(use.wait),
        is_asked=use.is_paused,
        is_known=True,
    )


def throttled(connections: Iterable[Connection]) -> dict[int, int]:
    """Return the seconds for which each connection that is held back may not call, by its id."""
    found = {}
    for connection in connections:
        standing = standing_of(connection)
        if not standing.is_known:
            break
        if standing.seconds:
            found[connection.pk] = standing.seconds
    return found
