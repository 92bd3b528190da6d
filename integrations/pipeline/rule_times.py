"""The stretches of time in which the same parts of a key are in force, for people."""

from typing import NamedTuple

from integrations.pipeline.mapping_changes import (
    Parts,
    parts_in_words,
    period_after,
    period_before,
)
from integrations.pipeline.rules import LAST_PERIOD


class Stretch(NamedTuple):
    """From when to when, in words, who takes the key then, and which parts that is."""

    when: str
    who: str
    parts: Parts


def stretches(parts: Parts) -> list[Stretch]:
    """Return a key's time from its beginning to its end; one stretch where nothing changes."""
    starts = {0} | {part.valid_from or 0 for part in parts}
    starts |= {period_after(part.valid_to) for part in parts if part.valid_to is not None}
    found: list[tuple[int, Parts]] = []
    for start in sorted(starts):
        then = tuple(
            part for part in parts
            if (part.valid_from or 0) <= start <= (part.valid_to or LAST_PERIOD)
        )  # fmt: skip
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
