"""About a thousand cells as text, column by column: the form in which cells are kept."""

from collections.abc import Iterable, Sequence
from itertools import repeat

from integrations.pipeline.streams import Cell

FRAME_CELLS = 1_024
_ITEM = "\x1e"
_COLUMN = "\x1d"
_CONSTANT = "="


def encode_frame(cells: Sequence[Cell]) -> str:
    """Write cells as columns (keys, each measure, row counts); `cells` is not empty."""
    keys, values, rows = zip(*cells, strict=True)
    columns = [_ITEM.join(keys)]
    columns += map(_encode_column, zip(*values, strict=True))
    columns.append(_encode_column(list(map(str, rows))) if rows.count(1) != len(rows) else "=1")
    return _COLUMN.join(columns)


def decode_frame(text: str) -> list[Cell]:
    """Return the cells of a text made by `encode_frame`."""
    first, *measures, last = text.split(_COLUMN)
    keys = first.split(_ITEM)
    values = zip(*(_decode_column(column, len(keys)) for column in measures), strict=True)
    rows = map(int, _decode_column(last, len(keys))) if last != "=1" else repeat(1, len(keys))
    return list(zip(keys, values, rows, strict=True))


def _encode_column(column: Sequence[str]) -> str:
    if column.count(column[0]) == len(column):
        return _CONSTANT + column[0]
    return _ITEM.join(column)


def _decode_column(text: str, count: int) -> Iterable[str]:
    return repeat(text[1:], count) if text[:1] == _CONSTANT else text.split(_ITEM)
