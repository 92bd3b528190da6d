"""Renders the cells of a module as the CSV of an export, cut into chunks anywhere."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice, product

from simulators.anaplan.grid import JOINER, ZERO_LETTERS, Grid, LineItem
from simulators.anaplan.modelfile import ExportColumn, ExportPart
from simulators.anaplan.plans import CODECS
from simulators.anaplan.settings import Settings
from simulators.anaplan.world import Model

ROWS_AT_ONCE = 10_000


class _Labels(dict[int, str]):
    """The text of a part of a key, rendered once for each value of it."""

    def __init__(self, render: Callable[[int], str]) -> None:
        super().__init__()
        self._render = render

    def __missing__(self, part: int) -> str:
        text = self[part] = self._render(part)
        return text


class ExportJob:
    """One rendering of one export; `rows` counts the rows given so far, without the header."""

    def __init__(self, model: Model, part: ExportPart, settings: Settings | None = None) -> None:
        switches = settings or Settings()
        self._part = part
        self._start = "\ufeff" if switches.export_bom else ""
        self._line_end = "\r\n" if switches.export_crlf else "\n"
        self._grid = model.module(part.module).grid
        self._trim = switches.trim_zeros
        self._shown = [column for column in part.columns if column.header]
        self._items = {item.name: item for item in self._grid.line_items}
        self._numbers = {d.name: n for n, d in enumerate(self._grid.dimensions)}
        self._wanted = {
            self._numbers[c.dimension]: frozenset({model.dimension(c.dimension).find(c.member)})
            for c in part.columns
            if c.member
        }
        self.rows = 0

    def chunks(self, size: int) -> Iterator[bytes]:
        """The file in pieces of `size` bytes; only the last one is shorter."""
        codec = CODECS[self._part.encoding]
        rest = bytearray()
        for text in self._texts():
            rest += text.encode(codec, errors="replace")
            while len(rest) >= size:
                yield bytes(rest[:size])
                del rest[:size]
        if rest:
            yield bytes(rest)

    def _texts(self) -> Iterator[str]:
        separator = self._part.separator
        end = self._line_end
        yield self._start + separator.join(_quote(c.header, separator) for c in self._shown) + end
        render = self._fast_render() if self._is_plain() else self._slow_render()
        keys = iter(self._keys())
        while batch := list(islice(keys, ROWS_AT_ONCE)):
            lines = render(batch)
            self.rows += len(lines)
            if lines:
                yield end.join(lines).replace(JOINER, separator) + end

    def _keys(self) -> Iterable[int]:
        if self._part.omit_empty_rows:
            return self._grid.select(self._wanted)
        return _every_key(self._grid, self._wanted)

    def _is_plain(self) -> bool:
        """Whether every row is its dimensions in order, then all its stored numbers in order."""
        wanted = [d.name for d in self._grid.dimensions] + [i.name for i in self._grid.stored]
        numbers_only = all(item.format == "NUMBER" for item in self._grid.stored)
        is_ordered = [c.dimension or c.line_item for c in self._shown] == wanted
        return is_ordered and numbers_only and not self._trim and self._part.omit_empty_rows

    def _fast_render(self) -> Callable[[list[int]], list[str]]:
        """Two look-ups for each row: the text of a key's upper half and of its lower half."""
        grid, count = self._grid, len(self._grid.dimensions)
        half = min(range(1, count + 1), key=lambda n: _labels_needed(grid, n))
        cut = grid.shifts[half - 1]
        mask = (1 << cut) - 1
        upper = _Labels(lambda part: self._members(part << cut, 0, half))
        lower = _Labels(lambda part: self._members(part, half, count))
        cells = grid.cells

        def render(keys: list[int]) -> list[str]:
            return [
                upper[key >> cut] + lower[key & mask] + row
                for key, row in zip(keys, map(cells.__getitem__, keys), strict=True)
                if row.strip(ZERO_LETTERS)
            ]

        return render

    def _members(self, key: int, start: int, end: int) -> str:
        """Some dimensions' members of a key, each followed by the separator."""
        indexes, separator = self._grid.coordinates(key), self._part.separator
        return "".join(
            self._label(self._shown[n], indexes[n]) + separator for n in range(start, end)
        )

    def _label(self, column: ExportColumn, index: int) -> str:
        dimension = self._grid.dimensions[self._numbers[column.dimension]]
        return _quote(dimension.label(index, column.show), self._part.separator)

    def _slow_render(self) -> Callable[[list[int]], list[str]]:
        """Any order of columns, texts, trimmed numbers, rows that are empty."""
        labels = {c.header: _Labels(partial(self._label, c)) for c in self._shown if c.dimension}
        shifts, widths = self._grid.shifts, self._grid.widths
        blank = self._grid.blank_row
        omit = self._part.omit_empty_rows

        def render(keys: list[int]) -> list[str]:
            rows = [self._grid.cells.get(key, blank).split(JOINER) for key in keys]
            columns = []
            empty = [True] * len(keys)
            for column in self._shown:
                if column.dimension:
                    number = self._numbers[column.dimension]
                    shift, mask = shifts[number], (1 << widths[number]) - 1
                    texts = labels[column.header]
                    columns.append([texts[(key >> shift) & mask] for key in keys])
                    continue
                values, zeros = self._values(self._items[column.line_item], rows)
                columns.append(values)
                empty = [was and is_zero for was, is_zero in zip(empty, zeros, strict=True)]
            lines = map(JOINER.join, zip(*columns, strict=True))
            pairs = zip(lines, empty, strict=True)
            return [line for line, is_empty in pairs if not (omit and is_empty)]

        return render

    def _values(self, item: LineItem, rows: list[list[str]]) -> tuple[list[str], list[bool]]:
        """The texts of one line item, and which of them are zero or empty."""
        if item.slot < 0:
            return [item.blank] * len(rows), [True] * len(rows)
        values = [row[item.slot] for row in rows]
        if item.format == "TEXT":
            zeros = [not value for value in values]
            return [_quote(value, self._part.separator) for value in values], zeros
        zeros = [not value.strip(ZERO_LETTERS) for value in values]
        return [trimmed(value) for value in values] if self._trim else values, zeros


def trimmed(number: str) -> str:
    """A number without zeros at the end of its fraction."""
    return number.rstrip("0").rstrip(".") if "." in number else number


def _quote(text: str, separator: str) -> str:
    if separator not in text and '"' not in text and "\n" not in text:
        return text
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="").writerow([text])
    return out.getvalue()


def _labels_needed(grid: Grid, half: int) -> int:
    """How many texts a cut after `half` dimensions asks for at most."""
    sizes = [max(1, len(dimension.items)) for dimension in grid.dimensions]
    upper = lower = 1
    for number, size in enumerate(sizes):
        if number < half:
            upper *= size
        else:
            lower *= size
    return max(upper, lower)


def _every_key(grid: Grid, wanted: Mapping[int, frozenset[int]]) -> Iterator[int]:
    choices = [
        [index for index, _ in d.all() if n not in wanted or index in wanted[n]]
        for n, d in enumerate(grid.dimensions)
    ]
    return map(grid.key, product(*choices))
