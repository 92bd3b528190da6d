"""Reads the CSV files of a books folder by header name, whatever the order of their columns."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

ROWS_AT_ONCE = 1_000


class BooksError(ValueError):
    """The books cannot be used; the text names the file, the line and the reason."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Some rows of a file, column by column; `first_line` is the line of their first row."""

    first_line: int
    values: Mapping[str, Sequence[str]]


def iter_rows(
    path: Path, required: Sequence[str], optional: Mapping[str, str] | None = None
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield (line number, values in the order required + optional) of each row.

    A missing optional column yields its default. Unknown columns are not read, empty lines are
    skipped, header names are compared without case and outer blanks.
    Raises BooksError for a missing file or column, a short row and text that is not UTF-8.
    """
    for columns in iter_columns(path, required, optional or {}, ROWS_AT_ONCE):
        rows = zip(*columns.values.values(), strict=True)
        yield from enumerate(rows, start=columns.first_line)


def iter_columns(
    path: Path, required: Sequence[str], optional: Mapping[str, str], at_once: int
) -> Iterator[Columns]:
    """Yield the rows of a file as columns, `at_once` rows at a time; otherwise as `iter_rows`."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [name.strip().lower() for name in next(reader, [])]
            _check_header(path, header, required)
            line = reader.line_num + 1
            while rows := list(islice(reader, at_once)):
                yield Columns(
                    line, _transpose(path, line, header, rows, (*required, *optional), optional)
                )
                line = reader.line_num + 1
    except FileNotFoundError as error:
        raise BooksError(f"{path} is missing.") from error
    except UnicodeDecodeError as error:
        raise BooksError(f"{path} is not UTF-8 text: {error.reason}.") from error
    except csv.Error as error:
        raise BooksError(f"{path} line {reader.line_num}: {error}.") from error


def _check_header(path: Path, header: Sequence[str], required: Sequence[str]) -> None:
    for name in required:
        if name not in header:
            raise BooksError(f"{path} has no column '{name}'; it has: {', '.join(header)}.")


def _transpose(
    path: Path,
    line: int,
    header: Sequence[str],
    rows: list[list[str]],
    names: Sequence[str],
    defaults: Mapping[str, str],
) -> dict[str, Sequence[str]]:
    """Rows as columns by name; a column that the file has not holds its default."""
    if set(map(len, rows)) != {len(header)}:
        for number, row in enumerate(rows, start=line):
            if row and len(row) != len(header):
                raise BooksError(
                    f"{path} line {number}: {len(row)} values, but {len(header)} columns."
                )
        rows = [row for row in rows if row]
    found = dict(zip(header, zip(*rows, strict=True), strict=True)) if rows else {}
    return {name: found.get(name) or (defaults.get(name, ""),) * len(rows) for name in names}


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
