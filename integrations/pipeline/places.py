"""Where cells stand in the tie-out: entity, period, account and currency of a key."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from integrations.pipeline.frames import Frame
from integrations.pipeline.layout import Layout

_FIELDS = ("entity", "period", "gl_account", "currency")
# Cells of so few places are not worth sorting.
MANY_RUNS = 64


class Place(NamedTuple):
    """Where a line of the tie-out stands; "" where the file has no such column."""

    entity: str
    period: str
    account: str
    currency: str


def place_of(key: str, layout: Layout) -> Place:
    """Return the place of a cell."""
    members = dict(zip(layout.dimensions, layout.members(key), strict=True))
    return Place(*[members.get(name, "") for name in _FIELDS])


class Run(NamedTuple):
    """Cells of one place that follow each other in a frame: from `start` up to `end`."""

    place: Place
    start: int
    end: int


class PlaceFinder:
    """Parts cells by their place."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._at = [layout.dimensions.index(f) if f in layout.dimensions else None for f in _FIELDS]

    def part(self, frame: Frame) -> tuple[Frame, list[Run]]:
        """Return the cells of a frame, those of one place together, and where each place is.

        Where the columns of the place lead the keys, the cells lie like that already.
        """
        places = self._places(frame.keys)
        runs = _runs(places)
        if len(runs) > MANY_RUNS and len(runs) > len(set(places)):
            order = sorted(range(len(places)), key=places.__getitem__)
            return frame.pick(order), _runs([places[at] for at in order])
        return frame, runs

    def _places(self, keys: list[str]) -> list[tuple[str, ...]]:
        columns = self._columns(keys)
        blank = [""] * len(keys)
        return list(zip(*[blank if at is None else columns[at] for at in self._at], strict=True))

    def _columns(self, keys: list[str]) -> Sequence[Sequence[str]]:
        layout = self._layout
        joined = layout.separator.join(keys)
        if layout.delimiter and layout.delimiter in joined:
            return list(zip(*map(layout.members, keys), strict=True))
        members = joined.split(layout.separator)
        width = len(layout.dimensions)
        return [members[at::width] for at in range(width)]


def _runs(places: Sequence[tuple[str, ...]]) -> list[Run]:
    changes = [at for at, (one, next_) in enumerate(pairwise(places), 1) if one != next_]
    bounds = pairwise([0, *changes, len(places)])
    return [Run(Place(*places[start]), start, end) for start, end in bounds]
