"""Rows of text from a file of a person: what is read of it, and when it is refused as a whole."""

import csv
from collections.abc import Iterator, Sequence
from enum import Enum
from io import StringIO
from typing import NamedTuple

MOST_COLUMNS = 60
LONGEST_LINE = 20_000
SEPARATORS = (",", ";", "\t")
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


class Odd(Enum):
    """A cell that is no text and no number: what it is, and what to do."""

    FORMULA = ("is a formula", "Put its value there: copy, then paste values only.")
    DATE = ("is a date", "Format the cell as text and write it again.")
    FAILED = ("is a failed formula", "Put the value itself there.")
    LONG_NUMBER = (
        "is a number of more than fifteen digits, which the spreadsheet has rounded",
        "Format the cell as text and write it again.",
    )


class Row(NamedTuple):
    """A row with its number in the file, its cells, and which of them are odd."""

    line: int
    cells: Sequence[str]
    odd: dict[int, Odd]


class SheetUnreadable(Exception):
    """A file that gives no rows; the text says why."""


class SheetTooLarge(Exception):
    """A file that has more than is read; the text says of what."""


def decode(content: bytes) -> tuple[str, str]:
    """Return the text of bytes and the name of their encoding.

    Bytes that are not UTF-8 and have no mark are taken as Windows-1252. Raises SheetUnreadable.
    """
    if content.startswith(_OLD_EXCEL):
        raise SheetUnreadable("it is of an old Excel; save it as XLSX or CSV")
    codec = next((codec for mark, codec in _MARKS if content.startswith(mark)), "")
    if not codec and b"\0" in content[:2]:
        codec = "utf-16-be" if content[0] == 0 else "utf-16-le"
    try:
        return content.decode(codec or "utf-8"), codec or "utf-8"
    except UnicodeDecodeError:
        if codec:
            raise SheetUnreadable("its bytes are not of the encoding that it begins with") from None
    try:
        return content.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        raise SheetUnreadable("its encoding is not known; save it as CSV UTF-8") from None


def find_separator(text: str) -> tuple[str, str]:
    """Return what stands between the columns, by the first line, and the text to be read.

    A line sep=; before the header, as Excel takes it, says it and is no row.
    """
    first = text.lstrip().partition("\n")[0].strip()
    if first.lower().startswith("sep=") and len(first) == len("sep=;"):
        return first[-1], text.replace(first, "", 1)
    counts = {separator: first.count(separator) for separator in SEPARATORS}
    return max(SEPARATORS, key=lambda separator: counts[separator]), text


def read_separated(text: str, separator: str) -> Iterator[Row]:
    """Yield the rows that hold anything, each with the number of its first line.

    Raises SheetUnreadable where quotes do not match, and SheetTooLarge.
    """
    rows = csv.reader(_lines(text), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in rows:
            if any(map(str.strip, cells)):
                if any(cells[MOST_COLUMNS:]):
                    raise SheetTooLarge(f"{MOST_COLUMNS} columns in line {line}")
                yield Row(line, cells, {})
            line = rows.line_num + 1
    except csv.Error:
        raise SheetUnreadable(f"the quotes of line {line} do not match") from None


def _lines(text: str) -> Iterator[str]:
    for number, line in enumerate(StringIO(text, newline=""), 1):
        if len(line) > LONGEST_LINE:
            raise SheetTooLarge(f"{LONGEST_LINE:,} characters in line {number}")
        yield line
