"""What must be sent: the wanted cells against the cells that the target is believed to hold."""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

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
    """Merge two streams that ascend by key.

    Amounts are compared as numbers. A held cell that is all zero and no longer wanted yields
    nothing: its zero has been sent.
    """
    raise NotImplementedError


def digest(cells: Iterable[Cell]) -> str:
    """Return the SHA-256 (hex) over keys and amounts; amounts that are equal count as equal."""
    raise NotImplementedError
