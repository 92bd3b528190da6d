"""Budgets of calls: a moving window that all workers share, or one of this process alone."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from redis.exceptions import RedisError

ALONE_SHARE = 10
ALONE_LEAST = 10
ALONE_SECONDS = 10.0


class Budget(Protocol):
    """Says when a call may go. Safe for threads."""

    def acquire(self, cost: int = 1) -> float:
        """Take `cost` calls and return 0, or take nothing and return the seconds to wait."""

    def pause(self, seconds: float) -> None:
        """Let nobody who shares this budget call for so long (the server asked for it)."""


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a budget is used now.

    `wait` is how many seconds no call may go, 0 when one may; `is_paused` tells that the server
    asked for this, and not that the window is full.
    """

    calls: int
    limit: int
    wait: float
    is_paused: bool


class LocalBudget:
    """A moving window for one process: at most `limit` calls in any `window` seconds."""

    def __init__(
        self, limit: int, window: float = 60.0, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = limit
        self._window = window
        self._clock = clock
        self._calls: deque[float] = deque()
        self._paused_until = 0.0
        self._lock = threading.Lock()

    def acquire(self, cost: int = 1) -> float:
        """Take `cost` calls and return 0, or return the seconds to wait."""
        with self._lock:
            now = self._clock()
            if now < self._paused_until:
                return self._paused_until - now
            over = self._count(now) + cost - self._limit
            if over > 0:
                blocking = self._calls[min(over, len(self._calls)) - 1] if self._calls else now
                return max(0.001, blocking + self._window - now)
            self._calls.extend([now] * cost)
            return 0.0

    def pause(self, seconds: float) -> None:
        """Let nobody of this process call for so long."""
        with self._lock:
            self._paused_until = max(self._paused_until, self._clock() + seconds)

    def paused(self) -> float:
        """The seconds for which a pause still holds; 0 without one."""
        with self._lock:
            return max(0.0, self._paused_until - self._clock())

    def hand_over(self) -> list[float]:
        """The calls of the last window, which somebody else counts from now on."""
        with self._lock:
            self._count(self._clock())
            calls = list(self._calls)
            self._calls.clear()
            return calls

    def take_back(self, calls: list[float]) -> None:
        """Count calls again that nobody else could take over."""
        with self._lock:
            self._calls.extendleft(reversed(calls))

    def _count(self, now: float) -> int:
        while self._calls and self._calls[0] <= now - self._window:
            self._calls.popleft()
        return len(self._calls)


# KEYS[1] a list of the times of calls, oldest first; KEYS[2] set while calls are paused.
# The clock is the server's own, so that all workers share one. ARGV: limit, window in
# microseconds, cost (0 only looks). Answers: microseconds to wait (0 = may go, and `cost` calls
# are taken), calls in the window, 1 while paused.
_WINDOW_SCRIPT = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local limit, window, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
while true do
  local oldest = redis.call('LINDEX', KEYS[1], 0)
  if not oldest or tonumber(oldest) > now - window then break end
  redis.call('LPOP', KEYS[1])
end
local held = redis.call('LLEN', KEYS[1])
local paused = redis.call('PTTL', KEYS[2])
if paused >= 0 then return {math.max(1, paused) * 1000, held, 1} end
local over = held + math.max(1, cost) - limit
if over > 0 then
  local blocking = redis.call('LINDEX', KEYS[1], math.min(over, held) - 1)
  if not blocking then return {window, held, 0} end
  return {math.max(1000, tonumber(blocking) + window - now), held, 0}
end
for _ = 1, cost do redis.call('RPUSH', KEYS[1], string.format('%.0f', now)) end
if cost > 0 then redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000) + 1000) end
return {0, held + cost, 0}
"""

# KEYS[1] is set while calls are paused; ARGV[1] milliseconds. A longer pause stays.
PAUSE_SCRIPT = """
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], 1, 'PX', ARGV[1])
end
"""


class RedisBudget:
    """A moving window that all workers share: at most `limit` calls in any `window` seconds.

    While Redis does not answer, this process goes on alone at a tenth of the limit (but ten
    calls, so that a step of a run gets through) and asks Redis again every ten seconds: slow,
    but never silent. Calls that it made alone are counted there once Redis is back. One of
    these belongs to a whole process, not to a client, so that the tenth is the process's.
    """

    def __init__(
        self,
        redis: Any,
        key: str,
        limit: int,
        window: float = 60.0,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis = redis
        self._keys = [f"{{{key}}}:calls", f"{{{key}}}:paused"]
        self._limit = limit
        self._microseconds = round(window * 1_000_000)
        self._window = redis.register_script(_WINDOW_SCRIPT)
        self._pause = redis.register_script(PAUSE_SCRIPT)
        alone = min(limit, max(ALONE_LEAST, limit // ALONE_SHARE))
        self._alone = LocalBudget(alone, window, clock=clock)
        self._clock = clock
        self._alone_until = 0.0

    def acquire(self, cost: int = 1) -> float:
        """Take `cost` calls and return 0, or return the seconds to wait."""
        paused = self._alone.paused()
        if self._clock() < self._alone_until:
            return self._alone.acquire(cost)
        if paused > 0:
            shared = self.look()
            return max(paused, shared.wait if shared else 0.0)
        owed = self._alone.hand_over()
        try:
            wait, _, _ = self._ask(cost + len(owed))
        except RedisError:
            self._alone.take_back(owed)
            self._alone_until = self._clock() + ALONE_SECONDS
            return self._alone.acquire(cost)
        if wait > 0:
            self._alone.take_back(owed)
        return wait

    def pause(self, seconds: float) -> None:
        """Let no worker call for so long; a longer pause that already runs stays.

        This process heeds it even if Redis forgets it or never hears of it.
        """
        self._alone.pause(seconds)
        if self._clock() < self._alone_until:
            return
        try:
            self._pause(keys=self._keys[1:], args=[max(1, math.ceil(seconds * 1000))])
        except RedisError:
            return

    def look(self) -> Use | None:
        """How much is used now; None while Redis does not answer. Takes nothing."""
        try:
            wait, calls, is_paused = self._ask(0)
        except RedisError:
            return None
        return Use(calls=calls, limit=self._limit, wait=wait, is_paused=is_paused)

    def _ask(self, cost: int) -> tuple[float, int, bool]:
        args = [self._limit, self._microseconds, cost]
        wait, calls, paused = self._window(keys=self._keys, args=args)
        return int(wait) / 1_000_000, int(calls), bool(paused)
