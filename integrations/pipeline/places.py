"""Where cells stand in the tie-out: entity, period, account and currency of a key."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from integrations.pipeline.frames import Frame
from integrations.pipeline.layout import Layout

# Cells of so few places are not worth sorting.
MANY_RUNS = 64


class Place(NamedTuple):
    """Where a line of the tie-out stands; "" where the file has no such column.

    `account` is a member of the data set's own dimension: for invoices, a supplier.
    """

    entity: str
    period: str
    account: str
    currency: str


def place_of(key: str, layout: Layout) -> Place:
    """Return the place of a cell."""
    members = dict(zip(layout.dimensions, layout.members(key), strict=True))
    return Place(*[members.get(name, "") for name in _fields(layout)])


def _fields(layout: Layout) -> tuple[str, ...]:
    return ("entity", "period", layout.data_set.account, "currency")


class Run(NamedTuple):
    """Cells of one place that follow each other in a frame: from `start` up to `end`."""

    place: Place
    start: int
    end: int


class PlaceFinder:
    """Parts cells by their place."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._at = [
            layout.dimensions.index(field) if field in layout.dimensions else None
            for field in _fields(layout)
        ]

    def part(self, frame: Frame) -> tuple[Frame, list[Run]]:
        """Return the cells of a frame, those of one place together, and where each place is.

        Where the columns of the place lead the keys, the cells lie like that already.
        """
        columns = self._place_columns(frame.keys)
        places = _tell_apart(columns)
        starts = _starts(places)
        if len(starts) > MANY_RUNS and len(starts) > len(set(places)):
            order = sorted(range(len(places)), key=places.__getitem__)
            frame, starts = frame.pick(order), _starts([places[at] for at in order])
            columns = [[column[at] for at in order] for column in columns]
        bounds = pairwise([*starts, len(places)])
        return frame, [
            Run(Place(*[column[start] for column in columns]), start, end) for start, end in bounds
        ]

    def _place_columns(self, keys: list[str]) -> list[Sequence[str]]:
        columns, blank = self._columns(keys), [""] * len(keys)
        return [blank if at is None else columns[at] for at in self._at]

    def _columns(self, keys: list[str]) -> Sequence[Sequence[str]]:
        layout = self._layout
        joined = layout.separator.join(keys)
        if layout.delimiter and layout.delimiter in joined:
            return list(zip(*map(layout.members, keys), strict=True))
        members = joined.split(layout.separator)
        width = len(layout.dimensions)
        return [members[at::width] for at in range(width)]


def _tell_apart(columns: Sequence[Sequence[str]]) -> Sequence[Any]:
    """Return something per cell that differs where its place does; often one column does."""
    varying = [column for column in columns if column.count(column[0]) != len(column)]
    return varying[0] if len(varying) == 1 else list(zip(*columns, strict=True))


def _starts(places: Sequence[Any]) -> list[int]:
    return [0, *(at for at, (one, other) in enumerate(pairwise(places), 1) if one != other)]
