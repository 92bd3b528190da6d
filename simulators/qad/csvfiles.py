"""Reads the CSV files of a books folder by header name, whatever the order of their columns."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
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
            for name in required:
                if name not in header:
                    known = ", ".join(header)
                    raise BooksError(f"{path} has no column '{name}'; it has: {known}.")
            for line, columns, rows in _blocks(path, file, len(header), at_once):
                found = dict(zip(header, columns, strict=True)) if rows else {}
                yield Columns(
                    line,
                    {name: found.get(name, ("",) * rows) for name in required}
                    | {name: found.get(name, (text,) * rows) for name, text in optional.items()},
                )
    except FileNotFoundError as error:
        raise BooksError(f"{path} is missing.") from error
    except UnicodeDecodeError as error:
        raise BooksError(f"{path} is not UTF-8 text: {error.reason}.") from error


def _blocks(
    path: Path, file: Iterator[str], width: int, at_once: int
) -> Iterator[tuple[int, Sequence[Sequence[str]], int]]:
    """Yield (line of the first row, columns, number of rows); quick while nothing is quoted."""
    line = 2
    while lines := list(islice(file, at_once)):
        text = "".join(lines)
        if '"' in text:
            break
        if {item.count(",") for item in lines} == {width - 1}:
            flat = text.replace("\r\n", "\n").removesuffix("\n").replace("\n", ",").split(",")
            yield line, [flat[place::width] for place in range(width)], len(lines)
        else:
            rows = [item.rstrip("\r\n").split(",") if item.strip() else [] for item in lines]
            yield line, *_transpose(path, line, width, rows)
        line += len(lines)
    reader = csv.reader(chain(lines, file), strict=True)
    try:
        while quoted := list(islice(reader, at_once)):
            yield line, *_transpose(path, line, width, quoted)
            line += len(quoted)
    except csv.Error as error:
        raise BooksError(f"{path} line {line + reader.line_num - 1}: {error}.") from error


def _transpose(
    path: Path, line: int, width: int, rows: list[list[str]]
) -> tuple[Sequence[Sequence[str]], int]:
    """Rows as columns, without empty lines; BooksError for a row of another width."""
    for number, row in enumerate(rows, start=line):
        if row and len(row) != width:
            raise BooksError(f"{path} line {number}: {len(row)} values, but {width} columns.")
    kept = [row for row in rows if row]
    return list(zip(*kept, strict=True)), len(kept)


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
