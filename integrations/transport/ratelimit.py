"""Budgets of calls: a moving window that all workers share, or none."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from redis.exceptions import RedisError

ALONE_SHARE = 10
ALONE_SECONDS = 10.0


class Budget(Protocol):
    """Says when a call may go. Safe for threads."""

    def acquire(self, cost: int = 1) -> float:
        """Take `cost` calls and return 0, or take nothing and return the seconds to wait."""

    def pause(self, seconds: float) -> None:
        """Let nobody who shares this budget call for so long (the server asked for it)."""


class NoBudget:
    """Every call may go at once."""

    def acquire(self, cost: int = 1) -> float:  # noqa: ARG002
        """Always 0."""
        return 0.0

    def pause(self, seconds: float) -> None:
        """Nothing to hold back."""


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
            while self._calls and self._calls[0] <= now - self._window:
                self._calls.popleft()
            over = len(self._calls) + cost - self._limit
            if over > 0:
                blocking = self._calls[min(over, len(self._calls)) - 1] if self._calls else now
                return max(0.001, blocking + self._window - now)
            self._calls.extend([now] * cost)
            return 0.0

    def pause(self, seconds: float) -> None:
        """Let nobody of this process call for so long."""
        with self._lock:
            self._paused_until = max(self._paused_until, self._clock() + seconds)


# KEYS[1] a list of the times of calls, oldest first; KEYS[2] set while calls are paused.
# ARGV: limit, window in microseconds, cost. Answers the microseconds to wait, 0 = taken.
# The clock is the server's own, so that all workers share one.
_WINDOW_SCRIPT = """
local paused = redis.call('PTTL', KEYS[2])
if paused > 0 then return paused * 1000 end
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local limit, window, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
while true do
  local oldest = redis.call('LINDEX', KEYS[1], 0)
  if not oldest or tonumber(oldest) > now - window then break end
  redis.call('LPOP', KEYS[1])
end
local held = redis.call('LLEN', KEYS[1])
local over = held + cost - limit
if over > 0 then
  local blocking = redis.call('LINDEX', KEYS[1], math.min(over, held) - 1)
  if not blocking then return window end
  return math.max(1000, tonumber(blocking) + window - now)
end
for _ = 1, cost do redis.call('RPUSH', KEYS[1], string.format('%.0f', now)) end
redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000) + 1000)
return 0
"""


class RedisBudget:
    """A moving window that all workers share: at most `limit` calls in any `window` seconds.

    While Redis does not answer, this process goes on alone at a tenth of the limit and asks
    Redis again every ten seconds: slow, but never silent and never faster than allowed.
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
        self._script = redis.register_script(_WINDOW_SCRIPT)
        self._alone = LocalBudget(max(1, limit // ALONE_SHARE), window, clock=clock)
        self._clock = clock
        self._alone_until = 0.0

    def acquire(self, cost: int = 1) -> float:
        """Take `cost` calls and return 0, or return the seconds to wait."""
        if self._clock() < self._alone_until:
            return self._alone.acquire(cost)
        try:
            wait = self._script(keys=self._keys, args=[self._limit, self._microseconds, cost])
        except RedisError:
            self._alone_until = self._clock() + ALONE_SECONDS
            return self._alone.acquire(cost)
        return int(wait) / 1_000_000

    def pause(self, seconds: float) -> None:
        """Let no worker call for so long; a longer pause that already runs stays."""
        self._alone.pause(seconds)
        if self._clock() < self._alone_until:
            return
        milliseconds = max(1, round(seconds * 1000))
        try:
            if self._redis.pttl(self._keys[1]) < milliseconds:
                self._redis.set(self._keys[1], 1, px=milliseconds)
        except RedisError:
            return
