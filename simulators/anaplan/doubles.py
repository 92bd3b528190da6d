"""Numbers as a double keeps them: fifteen digits that count, the rest is lost."""

from collections.abc import Iterable
from decimal import Context, Decimal

from simulators.anaplan.grid import JOINER, Grid

DOUBLE = Context(prec=15)


def round_cells(grid: Grid, keys: Iterable[int]) -> None:
    """Cut the numbers of some coordinates to what a double holds."""
    slots = [item.slot for item in grid.stored if item.format == "NUMBER"]
    for key in keys:
        if key in grid.cells:
            row = grid.cells[key].split(JOINER)
            grid.write(key, {slot: _rounded(row[slot]) for slot in slots})


def _rounded(text: str) -> str:
    return format(DOUBLE.create_decimal(Decimal(text)), "f")
