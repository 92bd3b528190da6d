"""Reads the CSV files of a books folder by header name, whatever the order of their columns."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import TextIO

FIRST_ROW_LINE = 2


class BooksError(ValueError):
    """The books cannot be used; the text names the file, the line and the reason."""


def iter_rows(
    path: Path, required: Sequence[str], optional: Mapping[str, str] | None = None
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield (line number, values in the order required + optional) of each row.

    A missing optional column yields its default. Unknown columns are not read, empty lines are
    skipped, header names are compared without case and outer blanks.
    Raises BooksError for a missing file or column, a short row and text that is not UTF-8.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _rows(path, file, required, optional or {})
    except FileNotFoundError as error:
        raise BooksError(f"{path} is missing.") from error
    except UnicodeDecodeError as error:
        raise BooksError(f"{path} is not UTF-8 text: {error.reason}.") from error


def _rows(
    path: Path,
    file: TextIO,
    required: Sequence[str],
    optional: Mapping[str, str],
) -> Iterator[tuple[int, tuple[str, ...]]]:
    reader = csv.reader(file, strict=True)
    header = [name.strip().lower() for name in next(reader, [])]
    width = len(header)
    spare: list[str] = []
    places: list[int] = []
    for name in required:
        if name not in header:
            raise BooksError(f"{path} has no column '{name}'; it has: {', '.join(header)}.")
        places.append(header.index(name))
    for name, default in optional.items():
        places.append(header.index(name) if name in header else width + len(spare))
        if name not in header:
            spare.append(default)
    pick = itemgetter(*places)
    try:
        for row in reader:
            if len(row) != width:
                if not row:
                    continue
                raise BooksError(
                    f"{path} line {reader.line_num}: {len(row)} values, but {width} columns."
                )
            yield reader.line_num, pick(row + spare)
    except csv.Error as error:
        raise BooksError(f"{path} line {reader.line_num}: {error}.") from error


def truth(path: Path, line: int, text: str) -> bool:
    """The value of a true/false column; BooksError for other words."""
    lowered = text.strip().lower()
    if lowered not in ("true", "false"):
        raise BooksError(f"{path} line {line}: '{text}' is neither true nor false.")
    return lowered == "true"


def year_period(path: Path, line: int, text: str) -> int:
    """The value of a year-period column such as 202611; BooksError for anything else."""
    if not (text.isascii() and text.isdigit() and 100_000 <= int(text) <= 999_999):
        raise BooksError(f"{path} line {line}: '{text}' is no year-period such as 202611.")
    return int(text)
