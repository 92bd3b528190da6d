"""The first sheet of an XLSX file as rows of text, read without trusting its size or its XML."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Context, InvalidOperation
from io import BytesIO
from xml.parsers import expat

from integrations.pipeline.packed_xml import Attributes, check_sizes, parse, parse_slowly
from integrations.pipeline.sheet_rows import MOST_COLUMNS, Odd, Row, SheetUnreadable

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_DIGITS = Context(prec=15, rounding=ROUND_HALF_EVEN)
_LARGEST = 10**15
_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_NOT_FORMAT = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')


def read_spreadsheet(content: bytes) -> Iterator[Row]:
    """Yield the rows of the first sheet that hold anything, with their numbers.

    Numbers are what a spreadsheet shows of them: 100 and not 100.0. Formulas are never computed.
    Raises SheetUnreadable and SheetTooLarge.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as book:
            check_sizes(book)
            path = _first_sheet(book)
            strings, dates = _read_strings(book), _read_dates(book)
            yield from _Sheet(strings, dates).read(book, path)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error):
        raise SheetUnreadable("it is damaged, or locked by a password") from None
    except (expat.ExpatError, KeyError, IndexError, ValueError):
        raise SheetUnreadable("it is no spreadsheet in the XLSX form, or it is damaged") from None


def _first_sheet(book: zipfile.ZipFile) -> str:
    sheets: list[str] = []
    targets: dict[str, str] = {}

    def see_sheet(name: str, given: Attributes) -> None:
        if name == "sheet":
            sheets.append(next(value for key, value in given.items() if key.endswith(" id")))

    def see_target(name: str, given: Attributes) -> None:
        if name == "Relationship":
            targets[given["Id"]] = given["Target"]

    parse(book, "xl/workbook.xml", see_sheet)
    parse(book, "xl/_rels/workbook.xml.rels", see_target)
    target = targets[sheets[0]]
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _read_strings(book: zipfile.ZipFile) -> list[str]:
    """Return the texts that cells name by number; how a text is to be spoken is none."""
    strings: list[str] = []
    found: list[str] = []
    inside: list[str] = []

    def begin(name: str, _given: Attributes) -> None:
        inside.append(name)

    def end(name: str) -> None:
        inside.pop()
        if name == "si":
            strings.append(_unescape("".join(found)))
            found.clear()

    def take(text: str) -> None:
        if inside[-1] == "t" and "rPh" not in inside:
            found.append(text)

    if "xl/sharedStrings.xml" in book.namelist():
        parse(book, "xl/sharedStrings.xml", begin, end, take)
    return strings


def _read_dates(book: zipfile.ZipFile) -> frozenset[int]:
    """Return the numbers of the styles that show a number as a date."""
    formats = set(_DATES)
    styles: list[int] = []
    inside: list[str] = []

    def begin(name: str, given: Attributes) -> None:
        if name == "numFmt" and re.search(
            "[dmyhs]", _NOT_FORMAT.sub("", given["formatCode"]), re.I
        ):
            formats.add(int(given["numFmtId"]))
        if name == "xf" and inside[-1] == "cellXfs":
            styles.append(int(given.get("numFmtId", "0")))
        inside.append(name)

    if "xl/styles.xml" in book.namelist():
        parse(book, "xl/styles.xml", begin, lambda _name: inside.pop())
    return frozenset(number for number, style in enumerate(styles) if style in formats)


class _Sheet:
    """The rows of a sheet, taken from its elements one after the other."""

    def __init__(self, strings: list[str], dates: frozenset[int]) -> None:
        self._strings, self._dates = strings, dates
        self._rows: list[Row] = []
        self._line = self._column = 0
        self._cells: list[str] = []
        self._odd: dict[int, Odd] = {}
        self._given: Attributes = {}
        self._text: list[str] = []
        self._takes = self._is_formula = False

    def read(self, book: zipfile.ZipFile, path: str) -> Iterator[Row]:
        """Yield the rows that hold anything."""
        for _ in parse_slowly(book, path, self._begin, self._end, self._take):
            yield from self._rows
            self._rows.clear()

    def _begin(self, name: str, given: Attributes) -> None:
        self._takes = name in ("v", "t")
        if name == "c":
            self._given, self._text, self._is_formula = given, [], False
            place = given.get("r", "")
            self._column = _column_of(place) if place else self._column + 1
        elif name == "f":
            self._is_formula = True
        elif name == "row":
            self._line = int(given.get("r") or self._line + 1)
            self._cells, self._odd, self._column = [], {}, 0

    def _take(self, text: str) -> None:
        if self._takes:
            self._text.append(text)

    def _end(self, name: str) -> None:
        self._takes = False
        if name == "c" and self._column <= MOST_COLUMNS:
            self._keep()
        elif name == "row" and (any(self._cells) or self._odd):
            self._rows.append(Row(self._line, self._cells, self._odd))

    def _keep(self) -> None:
        text, odd = self._value("".join(self._text))
        at = self._column - 1
        self._cells.extend([""] * (self._column - len(self._cells)))
        self._cells[at] = text
        if odd is not None:
            self._odd[at] = odd

    def _value(self, text: str) -> tuple[str, Odd | None]:
        kind = self._given.get("t", "n")
        if self._is_formula:
            return text, Odd.FORMULA
        if kind == "s":
            return self._strings[int(text)] if text else "", None
        if kind in ("inlineStr", "str"):
            return _unescape(text), None
        if kind == "e":
            return text, Odd.FAILED
        if kind == "b":
            return {"1": "TRUE", "0": "FALSE"}.get(text, text), None
        if not text:
            return "", None
        if kind == "d" or int(self._given.get("s", "0")) in self._dates:
            return text, Odd.DATE
        return _number(text)


def _number(text: str) -> tuple[str, Odd | None]:
    try:
        number = _DIGITS.create_decimal(text)
    except InvalidOperation:
        return text, None
    if not number.is_finite() or abs(number) >= _LARGEST:
        return text, Odd.LONG_NUMBER
    return f"{number.normalize(_DIGITS):f}" if number else "0", None


def _column_of(place: str) -> int:
    column = 0
    for letter in place.rstrip("0123456789"):
        column = column * 26 + ord(letter.upper()) - ord("A") + 1
    if column < 1:
        raise ValueError(place)
    return column


def _unescape(text: str) -> str:
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
