"""Files for people: text that no spreadsheet takes for a formula, numbers exactly as they are."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import chain
from typing import IO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

Row = Sequence[str]

_FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r", "\0")
# A text that begins with such a sign, behind marks or not.
_MARKED = re.compile(r"'*[=+\-@\t\r\0]")
_ESCAPE_LIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_ROWS_A_PIECE = 2_000
# What a sheet can hold, its header row apart.
MOST_SHEET_ROWS = 1_048_575


def neutral(text: str) -> str:
    """Return a text that a spreadsheet shows and never computes."""
    return f"'{text}" if text.startswith(_FORMULA_MARKS) else text


def with_mark(text: str, *, is_safe: bool) -> str:
    """Return a text that `without_mark` gives back; a safe one is computed by no spreadsheet."""
    needs_mark = _MARKED.match(text) and (is_safe or text.startswith("'"))
    return f"'{text}" if needs_mark else text


def without_mark(text: str) -> str:
    """Return a text without the mark that keeps a spreadsheet from computing it."""
    return text[1:] if text.startswith("'") and _MARKED.match(text) else text


def csv_pieces(header: Row, rows: Iterable[Row], amount_at: int) -> Iterator[bytes]:
    """Yield a CSV file in UTF-8 with a mark for Excel; the amount's column stays a number."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    out.write("\ufeff")
    writer.writerow(header)
    for count, row in enumerate(rows, start=1):
        writer.writerow(
            [text if place == amount_at else neutral(text) for place, text in enumerate(row)]
        )
        if count % _ROWS_A_PIECE == 0:
            yield _take(out)
    yield _take(out)


def write_xlsx(stream: IO[bytes], title: str, header: Row, rows: Iterable[Row]) -> None:
    """Write a sheet whose cells are all text: as a number Excel would keep fifteen digits."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for row in chain((header,), rows):
        cells = []
        for text in row:
            cell = WriteOnlyCell(sheet, value=_as_xml_holds(text))
            cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    book.save(stream)


def _as_xml_holds(text: str) -> str:
    """Return a text whose control characters are written as XLSX writes them."""
    text = _ESCAPE_LIKE.sub("_x005F_", text)
    return _CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def _take(out: StringIO) -> bytes:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text.encode()
