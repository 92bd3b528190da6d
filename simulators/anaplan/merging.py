"""Adds up the rows of one file that hit the same cell, and writes them into the cells."""

from collections.abc import Sequence
from decimal import MAX_EMAX, MAX_PREC, Context, Decimal

from simulators.anaplan.grid import JOINER, SLICE, Grid

EXACT = Context(prec=min(MAX_PREC, 100_000), Emax=min(MAX_EMAX, 999_999))

Row = list[str | None]


def merge(
    grid: Grid,
    slots: Sequence[int],
    keys: Sequence[int],
    texts: Sequence[str],
    parts: Sequence[tuple[int, Row]],
    *,
    first_text_wins: bool = False,
) -> None:
    """Write rows into some slots: a cell that no row names stays as it was.

    `keys` and `texts` go together, each text one joined row; `parts` are rows with gaps.
    Of several texts on one cell the last stays, or the first.
    """
    fresh: dict[int, str] = {}
    for start in range(0, len(keys), SLICE):
        end = start + SLICE
        fresh.update(zip(keys[start:end], texts[start:end], strict=True))
    if len(slots) == len(grid.stored) and not parts and len(fresh) == len(keys):
        grid.take(fresh)
        return
    fresh.clear()
    formats = [grid.stored[slot].format for slot in slots]
    rows: dict[int, Row] = {}
    for key, text in zip(keys, texts, strict=True):
        _add_row(rows, key, list(text.split(JOINER)), formats, first_text_wins)
    for key, part in parts:
        _add_row(rows, key, part, formats, first_text_wins)
    grid.take(_as_rows(grid, slots, rows))


def _add_row(
    rows: dict[int, Row], key: int, row: Row, formats: Sequence[str], first_text_wins: bool
) -> None:
    before = rows.get(key)
    if before is None:
        rows[key] = row
        return
    for place, text in enumerate(row):
        old = before[place]
        if text is None:
            continue
        if old is not None and formats[place] == "NUMBER":
            before[place] = add_texts(old, text)
        elif not (old and first_text_wins):
            before[place] = text


def add_texts(first: str, second: str) -> str:
    """The exact sum of two numbers given as text."""
    return format(EXACT.add(Decimal(first), Decimal(second)), "f")


def _as_rows(grid: Grid, slots: Sequence[int], rows: dict[int, Row]) -> dict[int, str]:
    """Whole rows of the grid: what was imported over what was there."""
    blank = grid.blank_row
    result: dict[int, str] = {}
    for key, row in rows.items():
        whole = grid.cells.get(key, blank).split(JOINER)
        for slot, text in zip(slots, row, strict=True):
            if text is not None:
                whole[slot] = text
        result[key] = JOINER.join(whole)
    return result
