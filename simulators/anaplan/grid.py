"""The cells of a module: one text per cell, found by one whole number per coordinate."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from simulators.anaplan.dimensions import Dimension

JOINER = "\x1f"
ZERO_LETTERS = "0.-" + JOINER
LEAST_BITS = 10
SLICE = 50_000


@dataclass(frozen=True, slots=True)
class LineItem:
    """A line item; `slot` is its place in a row of values, -1 when it is calculated."""

    id: str
    name: str
    format: str
    slot: int

    @property
    def blank(self) -> str:
        """What a cell shows that was never written."""
        return "0" if self.format == "NUMBER" else ""


class Grid:
    """Rows of values by key; a key holds one member index per dimension, side by side in bits.

    The first dimension has the highest bits, so that keys sort as Anaplan orders its rows.
    A row is the texts of all stored line items joined by JOINER: exact, small and quick.
    """

    def __init__(self, dimensions: Sequence[Dimension], line_items: Sequence[LineItem]) -> None:
        self.dimensions = tuple(dimensions)
        self.line_items = tuple(line_items)
        self.stored = tuple(item for item in line_items if item.slot >= 0)
        self.cells: dict[int, str] = {}
        self.widths = [LEAST_BITS for _ in self.dimensions]
        self._sorted: list[int] | None = None
        self.make_room()

    @property
    def blank_row(self) -> str:
        """The row of a coordinate that was never written."""
        return JOINER.join(item.blank for item in self.stored)

    @property
    def shifts(self) -> list[int]:
        """By how many bits the index of each dimension is moved to the left."""
        total, shifts = 0, []
        for width in reversed(self.widths):
            shifts.append(total)
            total += width
        return shifts[::-1]

    def make_room(self) -> None:
        """Widen the keys when a list has outgrown its bits."""
        needed = [max(LEAST_BITS, len(d.items).bit_length()) for d in self.dimensions]
        if all(need <= width for need, width in zip(needed, self.widths, strict=True)):
            return
        rows = [(self.coordinates(key), row) for key, row in self.cells.items()]
        self.widths = [max(*pair) for pair in zip(needed, self.widths, strict=True)]
        self.cells = {self.key(indexes): row for indexes, row in rows}
        self._sorted = None

    def key(self, indexes: Sequence[int]) -> int:
        """The key of one coordinate, from a member index per dimension."""
        return sum(index << shift for index, shift in zip(indexes, self.shifts, strict=True))

    def coordinates(self, key: int) -> tuple[int, ...]:
        """The member index per dimension of a key."""
        return tuple(
            (key >> shift) & ((1 << width) - 1)
            for shift, width in zip(self.shifts, self.widths, strict=True)
        )

    def values(self, key: int) -> dict[str, str]:
        """Every line item's text at a key; a calculated one shows its blank."""
        row = self.cells.get(key, self.blank_row).split(JOINER)
        return {i.name: row[i.slot] if i.slot >= 0 else i.blank for i in self.line_items}

    def write(self, key: int, values: Mapping[int, str]) -> None:
        """Set some slots of one coordinate."""
        row = self.cells.get(key, self.blank_row).split(JOINER)
        for slot, text in values.items():
            row[slot] = text
        self._note_new([key])
        self.cells[key] = JOINER.join(row)

    def take(self, fresh: dict[int, str]) -> None:
        """Write whole rows, in slices so that other threads are not held up."""
        self._sorted = None
        if not self.cells:
            self.cells = fresh
            return
        pairs = iter(fresh.items())
        while part := list(islice(pairs, SLICE)):
            self.cells.update(part)
        self._sorted = None

    def delete(self, keys: Iterable[int]) -> int:
        """Take coordinates out and say how many were there."""
        self._sorted = None
        return sum(self.cells.pop(key, None) is not None for key in keys)

    def remember(self) -> Callable[[], None]:
        """Return what brings the cells back as they are now."""
        cells, widths = dict(self.cells), list(self.widths)

        def bring_back() -> None:
            self.cells, self.widths, self._sorted = cells, widths, None

        return bring_back

    def sorted_keys(self) -> list[int]:
        """All keys in the order of the dimensions; sorted in parts, again to hold nobody up."""
        if self._sorted is None:
            self._sorted = _sort_in_parts(self.cells, sum(self.widths))
        return self._sorted

    def select(self, wanted: Mapping[int, frozenset[int]]) -> Iterator[int]:
        """Keys in order whose indexes are among the wanted ones, given by dimension number."""
        places = [(self.shifts[n], (1 << self.widths[n]) - 1, found) for n, found in wanted.items()]
        if not places:
            yield from self.sorted_keys()
            return
        for key in self.sorted_keys():
            if all(((key >> shift) & mask) in found for shift, mask, found in places):
                yield key

    def _note_new(self, keys: Iterable[int]) -> None:
        if any(key not in self.cells for key in keys):
            self._sorted = None


def _sort_in_parts(cells: Mapping[int, str], bits: int) -> list[int]:
    keys = list(cells)
    if len(keys) <= SLICE:
        return sorted(keys)
    highest = max(keys)
    shift = max(0, min(bits, highest.bit_length()) - 8)
    return _sort_parts(keys, shift)


def _sort_parts(keys: list[int], shift: int) -> list[int]:
    parts: dict[int, list[int]] = {}
    for key in keys:
        parts.setdefault(key >> shift, []).append(key)
    result: list[int] = []
    for number in sorted(parts):
        part = parts[number]
        if len(part) > SLICE and shift > 0:
            result += _sort_parts(part, max(0, shift - 8))
        else:
            part.sort()
            result += part
    return result
