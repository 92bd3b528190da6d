"""Views of a module: which dimensions lie on which axis, and the cells as a table or as rows."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from simulators.anaplan.dimensions import Dimension
from simulators.anaplan.grid import LineItem
from simulators.anaplan.modelfile import ViewPart
from simulators.anaplan.world import Model, Module

LINE_ITEMS_ID = "101999999999"
GRID, SINGLE = "GRID_ALL_PAGES", ("TABULAR_SINGLE_COLUMN", "TABULAR_SINGLE_ITEMS")


class TooLarge(Exception):
    """The view has more cells than one answer may hold."""


@dataclass(frozen=True, slots=True)
class View:
    """Dimensions by number on rows, columns and pages; line items come last on the columns."""

    id: str
    name: str
    module: Module
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    pages: tuple[int, ...]
    items: tuple[LineItem, ...]

    def dimension(self, number: int) -> Dimension:
        """The dimension with this number."""
        return self.module.dimensions[number]

    def label(self, number: int, index: int) -> str:
        """The name of a member."""
        return self.dimension(number).label(index, "name")


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of one page: rows of texts below columns."""

    pages: list[str]
    columns: list[list[str]]
    rows: list[tuple[list[str], list[str]]]


def find_view(model: Model, wanted: str) -> View | None:
    """The view with this id or name; a module and a line item stand for their default view."""
    for part in model.views.values():
        if wanted in (part.id, part.name):
            return _saved(model, part)
    for module in model.modules.values():
        if wanted in (module.id, module.name):
            return _default(module, module.line_items)
        items = tuple(item for item in module.line_items if item.id == wanted)
        if items:
            return _default(module, items)
    return None


def _saved(model: Model, part: ViewPart) -> View:
    module = model.module(part.module)
    numbers = {dimension.name: number for number, dimension in enumerate(module.dimensions)}
    rows, columns, pages = (
        tuple(numbers[name] for name in axis) for axis in (part.rows, part.columns, part.pages)
    )
    shown = part.line_items or tuple(item.name for item in module.line_items)
    items = tuple(item for item in module.line_items if item.name in shown)
    return View(part.id, part.name, module, rows, columns, pages, items)


def _default(module: Module, items: tuple[LineItem, ...]) -> View:
    numbers = tuple(range(len(module.dimensions)))
    return View(module.id, module.name, module, numbers, (), (), items)


def first_pages(view: View) -> dict[int, int]:
    """The first member of each dimension on pages, which is what a view shows at first."""
    firsts = {number: next(iter(view.dimension(number).all()), None) for number in view.pages}
    return {number: found[0] for number, found in firsts.items() if found is not None}


def read_table(
    view: View, pages: Mapping[int, int], most: int, *, with_empty: bool = False
) -> Table:
    """One page of a view; TooLarge when it has more than `most` cells."""
    grid = view.module.grid
    columns = _combinations(view, view.columns)
    found: dict[tuple[int, ...], dict[tuple[int, ...], dict[str, str]]] = {}
    if with_empty:
        sizes = (len(list(view.dimension(number).all())) for number in view.rows)
        if prod(sizes) * len(columns) * len(view.items) > most:
            raise TooLarge
        found = {row: {} for row in _combinations(view, view.rows)}
    for key in grid.select({number: frozenset({index}) for number, index in pages.items()}):
        indexes = grid.coordinates(key)
        row, column = (tuple(indexes[n] for n in axis) for axis in (view.rows, view.columns))
        found.setdefault(row, {})[column] = grid.values(key)
        if len(found) * len(columns) * len(view.items) > most:
            raise TooLarge
    blanks = {item.name: item.blank for item in view.items}
    rows = [
        (
            [view.label(n, index) for n, index in zip(view.rows, row, strict=True)],
            [cells.get(place, blanks)[item.name] for place in columns for item in view.items],
        )
        for row, cells in sorted(found.items())
    ]
    heads = [
        [*(view.label(n, index) for n, index in zip(view.columns, place, strict=True)), item.name]
        for place in columns
        for item in view.items
    ]
    return Table([view.label(n, index) for n, index in pages.items()], heads, rows)


def _combinations(view: View, numbers: Sequence[int]) -> list[tuple[int, ...]]:
    return list(product(*([index for index, _ in view.dimension(n).all()] for n in numbers)))


def grid_lines(view: View, table: Table, *, quoted: bool = False) -> Iterator[str]:
    """A table as CSV: its page, a line for each dimension of the columns, then the rows."""
    if table.pages:
        yield _line(table.pages, quoted=quoted)
    for place in range(len(view.columns) + 1):
        head = [""] * len(view.rows) + [column[place] for column in table.columns]
        yield _line(head, quoted=quoted)
    for labels, cells in table.rows:
        yield _line([*labels, *cells], quoted=quoted)


def export_lines(view: View, form: str, *, with_empty: bool = False) -> Iterator[str]:
    """The whole view as CSV: all pages as grids, or one line for each coordinate or cell.

    Coordinates without a cell are left out, unless they are asked for `with_empty`.
    """
    if form == GRID:
        for page in _combinations(view, view.pages):
            chosen = dict(zip(view.pages, page, strict=True))
            yield from grid_lines(
                view, read_table(view, chosen, most=10**12, with_empty=with_empty)
            )
        return
    order = (*view.pages, *view.rows, *view.columns)
    names = [view.dimension(number).name for number in order]
    is_single = form in SINGLE
    heads = ["Line items", "Value"] if is_single else [item.name for item in view.items]
    yield _line([*names, *heads])
    grid = view.module.grid
    everything = map(grid.key, _combinations(view, range(len(grid.dimensions))))
    for key in everything if with_empty else grid.sorted_keys():
        indexes, values = grid.coordinates(key), grid.values(key)
        labels = [view.label(number, indexes[number]) for number in order]
        if is_single:
            yield from (_line([*labels, item.name, values[item.name]]) for item in view.items)
        else:
            yield _line([*labels, *(values[item.name] for item in view.items)])


def list_lines(dimension: Dimension, *, with_ids: bool = False) -> Iterator[str]:
    """The members of a list as CSV, with their ids in front where asked for."""
    yield _line([*(["Id"] if with_ids else []), "Name", "Code", "Parent"])
    for _, item in dimension.all():
        parent = dimension.label(item.parent, "name") if item.parent >= 0 else ""
        yield _line([*([item.id] if with_ids else []), item.name, item.code, parent])


def _line(fields: Iterable[str], *, quoted: bool = False) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if quoted:
        writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(fields)
    return out.getvalue()
