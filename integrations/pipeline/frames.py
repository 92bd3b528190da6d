"""A few thousand cells, column by column: the form in which they are kept, compared and sent."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, repeat
from typing import NamedTuple

from integrations.pipeline.streams import Cell

FRAME_CELLS = 2_048
_ITEM = "\x1e"
_COLUMN = "\x1d"
_CONSTANT = "="
_ONE_ROW = "=1"


class Frame(NamedTuple):
    """Cells as columns: their keys, ascending, and the amounts of each measure.

    `rows` counts the source rows behind each cell; None stands for one row each.
    """

    keys: list[str]
    columns: list[list[str]]
    rows: list[int] | None = None

    def cut(self, start: int, end: int) -> "Frame":
        """Return the cells from place `start` up to place `end`."""
        if start == 0 and end >= len(self.keys):
            return self
        rows = self.rows[start:end] if self.rows is not None else None
        return Frame(self.keys[start:end], [column[start:end] for column in self.columns], rows)

    def pick(self, places: Sequence[int]) -> "Frame":
        """Return the cells at some places."""
        columns = [[column[place] for place in places] for column in self.columns]
        rows = [self.rows[place] for place in places] if self.rows is not None else None
        return Frame([self.keys[place] for place in places], columns, rows)

    def cells(self) -> Iterator[Cell]:
        """Yield the cells one by one."""
        rows: Iterable[int] = repeat(1) if self.rows is None else self.rows
        return zip(self.keys, zip(*self.columns, strict=True), rows, strict=False)

    def row_count(self) -> int:
        """Return how many source rows are behind the cells."""
        return len(self.keys) if self.rows is None else sum(self.rows)


EMPTY = Frame([], [])


def frame_of(cells: Sequence[Cell]) -> Frame:
    """Return cells as a frame."""
    if not cells:
        return EMPTY
    keys, values, rows = zip(*cells, strict=True)
    columns = list(map(list, zip(*values, strict=True)))
    return Frame(list(keys), columns, list(rows) if rows.count(1) != len(rows) else None)


def frames_of(cells: Iterable[Cell], size: int = FRAME_CELLS) -> Iterator[Frame]:
    """Cut a stream of cells into frames."""
    stream = iter(cells)
    while batch := list(islice(stream, size)):
        yield frame_of(batch)


def cells_of(frames: Iterable[Frame]) -> Iterator[Cell]:
    """Yield the cells of frames one by one."""
    return chain.from_iterable(frame.cells() for frame in frames)


def join(frames: Sequence[Frame]) -> Frame:
    """Put frames one behind the other."""
    filled = [frame for frame in frames if frame.keys]
    if len(filled) < 2:
        return filled[0] if filled else EMPTY
    keys = list(chain.from_iterable(frame.keys for frame in filled))
    columns = [
        list(chain.from_iterable(parts))
        for parts in zip(*(frame.columns for frame in filled), strict=True)
    ]
    if all(frame.rows is None for frame in filled):
        return Frame(keys, columns)
    rows = (frame.rows or [1] * len(frame.keys) for frame in filled)
    return Frame(keys, columns, list(chain.from_iterable(rows)))


def regular(frames: Iterable[Frame], size: int = FRAME_CELLS) -> Iterator[Frame]:
    """Cut a stream anew, so that every frame but the last has `size` cells.

    What a stream is kept as then depends on its cells alone.
    """
    waiting: list[Frame] = []
    count = 0
    for frame in frames:
        waiting.append(frame)
        count += len(frame.keys)
        if count < size:
            continue
        whole = join(waiting)
        for start in range(0, count - size + 1, size):
            yield whole.cut(start, start + size)
        rest = whole.cut(count - count % size, count)
        waiting, count = [rest], len(rest.keys)
    if count:
        yield join(waiting)


def aligned(*streams: Iterator[Frame]) -> Iterator[tuple[Frame, ...]]:
    """Walk along streams that ascend by key, one stretch of keys after the other.

    Yields for each stretch what every stream has in it. Streams with the same keys come out as
    they went in.
    """
    heads = [next(stream, EMPTY) for stream in streams]
    while any(head.keys for head in heads):
        bound = min(head.keys[-1] for head in heads if head.keys)
        pieces = []
        for index, head in enumerate(heads):
            if not head.keys or head.keys[0] > bound:
                pieces.append(EMPTY)
            elif head.keys[-1] <= bound:
                pieces.append(head)
                heads[index] = next(streams[index], EMPTY)
            else:
                cut = bisect_right(head.keys, bound)
                pieces.append(head.cut(0, cut))
                heads[index] = head.cut(cut, len(head.keys))
        yield tuple(pieces)


def encode_frame(frame: Frame) -> str:
    """Write a frame that is not empty as text."""
    columns = [_ITEM.join(frame.keys), *map(_encode_column, frame.columns)]
    columns.append(_ONE_ROW if frame.rows is None else _encode_column(list(map(str, frame.rows))))
    return _COLUMN.join(columns)


def decode_frame(text: str) -> Frame:
    """Return the frame of a text made by `encode_frame`."""
    first, *measures, last = text.split(_COLUMN)
    keys = first.split(_ITEM)
    columns = [_decode_column(column, len(keys)) for column in measures]
    if last == _ONE_ROW:
        return Frame(keys, columns)
    return Frame(keys, columns, list(map(int, _decode_column(last, len(keys)))))


def _encode_column(column: Sequence[str]) -> str:
    if column.count(column[0]) == len(column):
        return _CONSTANT + column[0]
    return _ITEM.join(column)


def _decode_column(text: str, count: int) -> list[str]:
    return [text[1:]] * count if text[:1] == _CONSTANT else text.split(_ITEM)
