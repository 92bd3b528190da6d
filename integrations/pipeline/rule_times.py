"""When which parts of a key are in force: its stretches of time, and from when a change counts."""

from typing import NamedTuple

from integrations.pipeline.mapping_changes import (
    Parts,
    parts_in_words,
    period_after,
    period_before,
    set_between,
)
from integrations.pipeline.rules import LAST_PERIOD


class Stretch(NamedTuple):
    """From when to when, in words, who takes the key then, and which parts that is."""

    when: str
    who: str
    parts: Parts


def stretches(parts: Parts) -> list[Stretch]:
    """Return a key's time from its beginning to its end; one stretch where nothing changes."""
    found: list[tuple[int, Parts]] = []
    for start in sorted(_starts(parts)):
        then = _in_force(parts, start)
        if not found or found[-1][1] != then:
            found.append((start, then))
    ends = [start for start, _ in found[1:]]
    return [
        Stretch(_when(start, end), parts_in_words(_undated(then)), then)
        for (start, then), end in zip(found, [*ends, None], strict=True)
    ]


def newest_parts(parts: Parts) -> Parts:
    """Return the parts of the last stretch, without their dates."""
    return _undated(stretches(parts)[-1].parts)


def first_difference(before: Parts, after: Parts) -> int | None:
    """Return from which period two differ, 0 for the beginning; None where they never do."""
    for start in sorted(_starts(before) | _starts(after)):
        if _undated(_in_force(before, start)) != _undated(_in_force(after, start)):
            return start
    return None


def let_count_from(before: Parts, after: Parts, period: int) -> Parts | None:
    """Return the parts before up to a period, and those that a change wants from it on.

    What it wants first begins with the period, wherever it began; its later beginnings and its
    ends stay. None says that it, or a part of it, has ended by then and would be lost.
    """
    start = first_difference(before, after)
    if start is None:
        return after
    ends = (part.valid_to or LAST_PERIOD for part in after)
    if any(start <= end < period for end in ends):
        return None
    wanted = tuple(
        part._replace(
            valid_from=max(own, period) if (own := part.valid_from or 0) > start else period
        )
        for part in after
        if (part.valid_to or LAST_PERIOD) >= start
    )
    parts = (*wanted, *set_between(before, (), period))
    return None if first_difference(before, parts) is None else parts


def _starts(parts: Parts) -> set[int]:
    """Return the periods with which a stretch may begin."""
    ends = (part.valid_to for part in parts)
    return {0, *(part.valid_from or 0 for part in parts)} | {
        period_after(end) for end in ends if end is not None
    }


def _in_force(parts: Parts, period: int) -> Parts:
    return tuple(
        part for part in parts
        if (part.valid_from or 0) <= period <= (part.valid_to or LAST_PERIOD)
    )  # fmt: skip


def _undated(parts: Parts) -> Parts:
    return tuple(part._replace(valid_from=None, valid_to=None) for part in parts)


def _when(start: int, end: int | None) -> str:
    """Say when a stretch is; a part that ends with period 12 lets the next begin with 13."""
    first = _name(start)
    if end is None:
        return f"From {first} on" if start else "All periods"
    last = period_before(end)
    until = f"the end of {last // 100}" if last % 100 == 99 else _name(last)
    return f"{first} to {until}" if start else f"To {until}"


def _name(period: int) -> str:
    return f"{period // 100}/{period % 100:02}"
