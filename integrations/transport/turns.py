"""Turns: so many calls under way at once and so far apart, over all workers."""

import math
import random
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from redis.exceptions import RedisError

from integrations.transport.ratelimit import PAUSE_SCRIPT, Use

ALONE_SECONDS = 10.0
HOLD_SECONDS = 6.0
RENEW_SECONDS = 2.0
FIRST_LOOK_SECONDS = 0.01
SLOWEST_LOOK_SECONDS = 0.2

# KEYS[1] the tickets of calls under way, by the time at which each ends unless it is renewed;
# KEYS[2] when the next call may start; KEYS[3] set while the server wants no call.
# The clock is the server's own. ARGV: calls at once, gap and hold in microseconds, ticket ("" only
# looks), microseconds that its call can wait: one that would start later takes nothing. Answers:
# 1 = taken, microseconds until it may start, calls under way, 1 while paused.
_TAKE_SCRIPT = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local most, gap, hold = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local held = redis.call('ZCARD', KEYS[1])
local paused = redis.call('PTTL', KEYS[3])
if paused >= 0 then return {0, math.max(1, paused) * 1000, held, 1} end
if held >= most or ARGV[4] == '' then return {0, 0, held, 0} end
local start = math.max(now, math.min(tonumber(redis.call('GET', KEYS[2]) or 0), now + most * gap))
if start - now > tonumber(ARGV[5]) then return {0, start - now, held, 0} end
local milliseconds = math.ceil((start + gap - now) / 1000)
local after = string.format('%.0f', start + gap)
if gap > 0 then redis.call('SET', KEYS[2], after, 'PX', milliseconds) end
redis.call('ZADD', KEYS[1], string.format('%.0f', now + hold), ARGV[4])
redis.call('PEXPIRE', KEYS[1], math.ceil(hold / 1000) + 1000)
return {1, start - now, held + 1, 0}
"""

# KEYS[1] the tickets; ARGV: hold in microseconds, then the tickets that are still under way.
_RENEW_SCRIPT = """
local t = redis.call('TIME')
local ends = string.format('%.0f', t[1] * 1000000 + t[2] + tonumber(ARGV[1]))
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], 'XX', ends, ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], math.ceil(tonumber(ARGV[1]) / 1000) + 1000)
"""


class Pacer:
    """Keeps the starts of calls at least `gap` seconds apart, over all threads of a process."""

    def __init__(
        self,
        gap: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap = gap
        self._clock = clock
        self._sleep = sleep
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self, patience: float = math.inf) -> bool:
        """Return when the next call may start; False at once where that is too late."""
        with self._lock:
            now = self._clock()
            start = max(now, self._next)
            if start - now > patience:
                return False
            self._next = start + self._gap
        if start > now:
            self._sleep(start - now)
        return True


class _Keeper:
    """Says every two seconds which tickets are still under way, as long as there are any.

    A worker that was killed says nothing, so its turns are free again six seconds later. A
    ticket that nobody gave back within `longest` seconds is let go.
    """

    def __init__(self, renew: Callable[[list[str]], None], longest: float) -> None:
        self._renew = renew
        self._longest = longest
        self._held: dict[str, float] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, ticket: str) -> None:
        """Keep a ticket alive from now on."""
        with self._lock:
            self._held[ticket] = time.monotonic() + self._longest
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._keep, name="turns", daemon=True)
                self._thread.start()

    def drop(self, ticket: str) -> None:
        """Keep it alive no longer."""
        with self._lock:
            self._held.pop(ticket, None)

    def _keep(self) -> None:
        while True:
            time.sleep(RENEW_SECONDS)
            with self._lock:
                now = time.monotonic()
                self._held = {ticket: ends for ticket, ends in self._held.items() if ends > now}
                tickets = list(self._held)
                if not tickets:
                    self._thread = None
                    return
            self._renew(tickets)


class Turns:
    """At most `at_once` calls under way, their starts `gap` seconds apart, over all workers.

    `longest` is how long one call can take. While Redis does not answer, this process keeps to
    the same numbers alone and asks Redis again every ten seconds. One of these belongs to a
    whole process, not to a client.
    """

    def __init__(self, redis: Any, key: str, at_once: int, gap: float, *, longest: float) -> None:
        self._keys = [f"{{{key}}}:under-way", f"{{{key}}}:next", f"{{{key}}}:paused"]
        self._numbers = [at_once, round(gap * 1_000_000), round(HOLD_SECONDS * 1_000_000)]
        self._redis = redis
        self._take = redis.register_script(_TAKE_SCRIPT)
        self._renew = redis.register_script(_RENEW_SCRIPT)
        self._pause = redis.register_script(PAUSE_SCRIPT)
        self._keeper = _Keeper(self._keep_alive, longest)
        self._here = threading.BoundedSemaphore(at_once)
        self._pacer = Pacer(gap)
        self._alone_until = 0.0
        self._paused_until = 0.0
        self.at_once = at_once

    def take(self, patience: float) -> str | None:
        """Wait at most `patience` seconds for a turn: its ticket, or None without one.

        The ticket of a turn that Redis does not know of is empty. Nothing is taken, and nobody
        waits, where it is known that the turn would come too late.
        """
        ends = time.monotonic() + patience
        if not self._here.acquire(timeout=patience):
            return None
        ticket = None
        try:
            ticket = self._take_shared(ends)
        finally:
            if ticket is None:
                self._here.release()
        return ticket

    def give_back(self, ticket: str) -> None:
        """The call is over, however it ended."""
        self._here.release()
        if not ticket:
            return
        self._keeper.drop(ticket)
        with suppress(RedisError):
            self._redis.zrem(self._keys[0], ticket)

    def pause(self, seconds: float) -> None:
        """Let no worker call for so long; a longer pause that already runs stays."""
        self._paused_until = max(self._paused_until, time.monotonic() + seconds)
        if time.monotonic() < self._alone_until:
            return
        with suppress(RedisError):
            self._pause(keys=self._keys[2:], args=[max(1, math.ceil(seconds * 1000))])

    def look(self) -> Use | None:
        """How many calls are under way now; None while Redis does not answer. Takes nothing."""
        try:
            _, wait, held, paused = self._take(keys=self._keys, args=[*self._numbers, ""])
        except RedisError:
            return None
        return Use(
            calls=int(held), limit=self.at_once, wait=int(wait) / 1_000_000, is_paused=bool(paused)
        )

    def _take_shared(self, ends: float) -> str | None:
        ticket, pause = uuid.uuid4().hex, FIRST_LOOK_SECONDS
        while True:
            wait = self._paused_until - time.monotonic()
            if wait <= 0 and time.monotonic() < self._alone_until:
                return "" if self._pacer.wait(ends - time.monotonic()) else None
            if wait <= 0:
                try:
                    taken, wait = self._ask(ticket, ends - time.monotonic())
                except RedisError:
                    self._alone_until = time.monotonic() + ALONE_SECONDS
                    continue
                if taken:
                    self._start(ticket, wait)
                    return ticket
            wait = wait or random.uniform(pause / 2, pause)  # noqa: S311
            pause = min(2 * pause, SLOWEST_LOOK_SECONDS)
            if time.monotonic() + wait > ends:
                return None
            time.sleep(wait)

    def _ask(self, ticket: str, patience: float) -> tuple[bool, float]:
        """Whether the turn was taken, and in how many seconds it begins or is to be asked again."""
        args = [*self._numbers, ticket, round(max(0.0, patience) * 1_000_000)]
        taken, micros, _, _ = self._take(keys=self._keys, args=args)
        return bool(taken), int(micros) / 1_000_000

    def _start(self, ticket: str, wait: float) -> None:
        self._keeper.add(ticket)
        if wait > 0:
            time.sleep(wait)

    def _keep_alive(self, tickets: list[str]) -> None:
        with suppress(RedisError):
            self._renew(keys=self._keys[:1], args=[self._numbers[2], *tickets])
