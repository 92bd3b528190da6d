"""What must be sent: the wanted cells against the cells that the target is believed to hold."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, islice
from typing import Literal, NamedTuple

from integrations.pipeline.amounts import canonical_all, is_zero, same_values
from integrations.pipeline.frames import FRAME_CELLS
from integrations.pipeline.streams import Cell, Values

ChangeKind = Literal["changed", "new", "same", "vanished"]


class Change(NamedTuple):
    """One cell of wanted or held, with its full values; zeros when it vanished.

    `rows` counts the source rows behind it (0 when vanished); `held` is what the target is
    believed to hold now, None where it holds nothing.
    """

    key: str
    values: Values
    rows: int
    kind: ChangeKind
    held: Values | None


def compare(wanted: Iterator[Cell], held: Iterator[Cell]) -> Iterator[Change]:
    """Merge two streams that ascend by key; ValueError if the wanted one does not.

    Amounts are compared as numbers. A held cell that is all zero and no longer wanted yields
    nothing: its zero has been sent.
    """
    new = partial(tuple.__new__, Change)
    known, last = next(held, None), ""
    for key, values, rows in wanted:
        if key <= last:
            raise ValueError("cells do not ascend by key")
        last = key
        while known is not None and known[0] < key:
            yield from _vanished(known)
            known = next(held, None)
        if known is None or known[0] != key:
            yield new((key, values, rows, "new", None))
            continue
        before = known[1]
        is_same = before == values or same_values(before, values)
        yield new((key, values, rows, "same" if is_same else "changed", before))
        known = next(held, None)
    if known is not None:
        for cell in chain((known,), held):
            yield from _vanished(cell)


def _vanished(cell: Cell) -> Iterator[Change]:
    key, values, _ = cell
    if not all(map(is_zero, values)):
        yield Change(key, ("0",) * len(values), 0, "vanished", values)


def digest(cells: Iterable[Cell]) -> str:
    """Return the SHA-256 (hex) over keys and amounts; amounts that are equal count as equal."""
    state, stream = hashlib.sha256(), iter(cells)
    while batch := list(islice(stream, FRAME_CELLS)):
        keys, values, _ = zip(*batch, strict=True)
        columns = map(canonical_all, zip(*values, strict=True))
        lines = map("\x1e".join, zip(keys, *columns, strict=True))
        state.update(("\x1d".join(lines) + "\x1d").encode())
    return state.hexdigest()
