"""Decides whether a failed call is repeated, as a pure function."""

import email.utils
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

PASSING = frozenset({429, 500, 502, 503, 504})
LAST_ATTEMPT = 3
BASE_SECONDS = 0.3
CAP_SECONDS = 2.0
IN_CALL_SECONDS = 5.0
LATER_BASE_SECONDS = 10.0
LATER_CAP_SECONDS = 60.0
LONGEST_RETRY_AFTER = 3600.0
LAST_MOMENT = 253_402_300_800


@dataclass(frozen=True, slots=True)
class Wait:
    """Repeat the call after so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Do not repeat it inside this call; `retry_after` is when a later try makes sense."""

    retry_after: float | None = None


def decide(
    status: int | None,
    attempt: int,
    retry_after: float | None,
    *,
    repeatable: bool,
    waited: float = 0.0,
    last: int = LAST_ATTEMPT,
    uniform: Callable[[float, float], float] = random.uniform,
) -> Wait | GiveUp:
    """Wait or give up after try number `attempt` (from 0) ended with `status`.

    None as status stands for a connection that broke or was refused. `retry_after` is the
    server's wish in seconds and is a floor; jitter comes on top. All waits of one call stay
    under five seconds: longer ones are for the run, not for the worker.
    """
    if status is not None and status not in PASSING:
        return GiveUp()
    later = suggest_later(attempt, retry_after, uniform=uniform)
    if not repeatable or attempt >= last:
        return GiveUp(later)
    seconds = (retry_after or 0.0) + uniform(0.0, min(CAP_SECONDS, BASE_SECONDS * 2.0**attempt))
    if waited + seconds > IN_CALL_SECONDS:
        return GiveUp(later)
    return Wait(seconds)


def suggest_later(
    attempt: int,
    retry_after: float | None,
    *,
    uniform: Callable[[float, float], float] = random.uniform,
) -> float:
    """Seconds until a run should try again: the server's wish as floor, full jitter on top."""
    span = min(LATER_CAP_SECONDS, LATER_BASE_SECONDS * 2.0 ** max(0, attempt))
    return (retry_after if retry_after is not None else 1.0) + uniform(0.0, span)


def wish_in(headers: Mapping[str, str]) -> float | None:
    """The seconds that an answer asks to wait; header names are lower case.

    A date is taken by the server's own clock where it tells it: one that goes ahead of ours or
    behind it must not make a call come early.
    """
    told = _moment(headers.get("date", ""))
    now = None if told is None else datetime.fromtimestamp(told, UTC)
    return parse_retry_after(headers.get("retry-after"), now)


def parse_retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds from a Retry-After header: a number or an HTTP date; None if neither, at most 1 h."""
    if not value:
        return None
    text = value.strip()
    try:
        seconds = float(text)
    except ValueError:
        moment = _moment(text)
        if moment is None:
            return None
        seconds = moment - (now or datetime.now(UTC)).timestamp()
    if seconds != seconds:
        return None
    return min(max(0.0, seconds), LONGEST_RETRY_AFTER)


def _moment(text: str) -> float | None:
    """The second since 1970 of an HTTP date; None where it is none, or beyond all calendars."""
    parsed = email.utils.parsedate_tz(text)
    try:
        moment = None if parsed is None else email.utils.mktime_tz(parsed)
    except (ValueError, OverflowError):
        return None
    return moment if moment is not None and 0 <= moment < LAST_MOMENT else None
