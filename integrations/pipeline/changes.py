"""What must be sent: the wanted cells against the cells that the target is believed to hold."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from integrations.pipeline.amounts import canonical_all, is_zero, same_values
from integrations.pipeline.frames import EMPTY, Frame, aligned, frame_of
from integrations.pipeline.streams import Cell


class Changes(NamedTuple):
    """What became of the cells in one stretch of keys.

    `due` are those to send, with their full values: new ones, changed ones, and as zeros, with
    no row behind them, those that vanished. `same` are the wanted cells that are held already,
    `before` what was held in the cells that are due.
    """

    due: Frame
    same: Frame
    before: Frame = EMPTY


def compare(wanted: Iterator[Frame], held: Iterator[Frame]) -> Iterator[Changes]:
    """Compare two streams that ascend by key.

    Amounts are compared as numbers. A held cell that is all zero and no longer wanted is not
    due: its zero has been sent.
    """
    for here, there in aligned(wanted, held):
        if not there.keys:
            yield Changes(here, EMPTY)
        elif here.keys == there.keys and here.columns == there.columns:
            yield Changes(EMPTY, here)
        else:
            yield _compare_cells(here, there)


def _compare_cells(wanted: Frame, held: Frame) -> Changes:
    left = {key: values for key, values, _ in held.cells()}
    due: list[Cell] = []
    same: list[Cell] = []
    changed: list[Cell] = []
    for cell in wanted.cells():
        before = left.pop(cell[0], None)
        is_same = before is not None and (before == cell[1] or same_values(before, cell[1]))
        (same if is_same else due).append(cell)
        if before is not None and not is_same:
            changed.append((cell[0], before, 1))
    vanished: list[Cell] = [
        (key, ("0",) * len(values), 0)
        for key, values in left.items()
        if not all(map(is_zero, values))
    ]
    gone: list[Cell] = [(key, left[key], 1) for key, _, _ in vanished]
    return Changes(
        frame_of(sorted(due + vanished) if vanished else due),
        frame_of(same),
        frame_of(sorted(changed + gone)),
    )


def digest(frames: Iterable[Frame]) -> str:
    """Return the SHA-256 (hex) over keys and amounts; amounts that are equal count as equal."""
    state = hashlib.sha256()
    for frame in frames:
        columns = map(canonical_all, frame.columns)
        lines = map("\x1e".join, zip(frame.keys, *columns, strict=True))
        state.update("".join(f"{line}\x1d" for line in lines).encode())
    return state.hexdigest()
