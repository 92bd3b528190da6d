"""Reads an uploaded file: its header, then its rows in blocks, at once where they are simple."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from simulators.anaplan.blocks import iter_blocks
from simulators.anaplan.plans import FileFormat, Refusal
from simulators.anaplan.rows import Columns, RowException

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

WRONG_WIDTH = ("columnSeparatorExpected", "Column separator expected")
STRAY_DELIMITER = ("unmatchedTextDelimiter", "A text delimiter has no partner.")


class Taker(Protocol):
    """What becomes of the rows of a file: cells of a module, or members of a list."""

    rows: int
    ignored: int
    exceptions: list[RowException]

    @property
    def headers(self) -> list[str]:
        """The columns that the file must have."""

    def bind(self, header: Sequence[str]) -> None:
        """Say which columns the file has."""

    def take(self, columns: Columns, lines: Sequence[int]) -> None:
        """Take rows given as columns, with their line numbers in the file."""

    def refuse(self, line: int, fields: Sequence[str], kind: str, words: str) -> None:
        """Count a row that is not even a row."""

    def write(self) -> None:
        """Change the model; nothing has changed before."""


class ImportJob:
    """One reading of one file into a taker; the first `rows_to_lose` rows vanish silently.

    A text delimiter without partner makes the whole file unusable; with `stray_refuses_row` it
    costs only its line.
    """

    def __init__(
        self,
        form: FileFormat,
        taker: Taker,
        *,
        rows_to_lose: int = 0,
        stray_refuses_row: bool = False,
    ) -> None:
        self.form = form
        self.taker = taker
        self.refusal: Refusal | None = None
        self.header: list[str] = []
        self.bytes_read = 0
        self.lost = 0
        self._rows_to_lose = rows_to_lose
        self._stray_refuses_row = stray_refuses_row

    def read(self, pieces: Iterable[bytes]) -> None:
        """Read the whole file; afterwards `refusal` says whether it could be used at all."""
        line = 1
        blocks = iter_blocks(self._counted(pieces), self.form.codec, self.form.delimiter)
        try:
            for block in blocks:
                rest = block
                if line == 1:
                    rest, line = self._read_header(block)
                if self.refusal is not None:
                    return
                if rest:
                    self._read_block(rest, line)
                    line += rest.count("\n")
        except csv.Error:
            self.refusal = Refusal(*STRAY_DELIMITER)
        except (UnicodeDecodeError, OSError) as error:
            self.refusal = Refusal("importFailedGeneralError", f"The file is unreadable: {error}.")
        if line == 1 and self.refusal is None:
            self.refusal = Refusal("uploadedFileNoLongerAvailable", "The file is empty.")

    def _counted(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            yield piece
            self.bytes_read += len(piece)

    def _read_header(self, block: str) -> tuple[str, int]:
        """Check the header; gives the rest of the block and the number of its first line."""
        lines = io.StringIO(block, newline="")
        reader = self._reader(lines)
        self.header = [name.strip() for name in next(reader)]
        missing = [name for name in self.taker.headers if name not in self.header]
        if missing:
            self.refusal = Refusal("missingFields", f"The file has no column {', '.join(missing)}.")
        else:
            self.taker.bind(self.header)
        return lines.read(), reader.line_num + 1

    def _reader(self, lines: io.StringIO) -> "CsvReader":
        separator, quote = self.form.separator, self.form.delimiter
        if quote:
            return csv.reader(lines, delimiter=separator, quotechar=quote, strict=True)
        return csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE)

    def _read_block(self, block: str, line: int) -> None:
        """Read whole lines: all at once when they have no quotes and the header's width."""
        width, rows = len(self.header), block.count("\n")
        quote, separator = self.form.delimiter, self.form.separator
        if not (quote and quote in block):
            flat = block[:-1].replace("\n", separator + "\n").split(separator)
            if len(flat) == rows * width and "".join(flat[::width]).count("\n") == rows - 1:
                columns = [flat[n::width] for n in range(width)]
                self._take(columns, range(line, line + rows))
                return
        self._read_row_by_row(block, line)

    def _read_row_by_row(self, block: str, line: int) -> None:
        rows: list[list[str]] = []
        lines: list[int] = []
        for number, row in self._iter_rows(block, line):
            if len(row) == len(self.header):
                rows.append(row)
                lines.append(number)
            elif row:
                self.taker.refuse(number, row, *WRONG_WIDTH)
        if rows:
            self._take([list(column) for column in zip(*rows, strict=True)], lines)

    def _iter_rows(self, block: str, line: int) -> Iterator[tuple[int, list[str]]]:
        """Rows with their line numbers; after a line with a stray delimiter it begins anew."""
        while block:
            reader, before = self._reader(io.StringIO(block, newline="")), 0
            try:
                for row in reader:
                    yield line + before, row
                    before = reader.line_num
                return
            except csv.Error:
                if not self._stray_refuses_row:
                    raise
            stray, *rest = block.split("\n")[before:]
            self.taker.refuse(line + before, stray.split(self.form.separator), *STRAY_DELIMITER)
            block, line = "\n".join(rest), line + before + 1

    def _take(self, columns: list[list[str]], lines: Sequence[int]) -> None:
        """Pass rows on, but for those that a fault makes disappear."""
        lose = min(self._rows_to_lose - self.lost, len(lines))
        if lose > 0:
            self.lost += lose
            columns, lines = [column[lose:] for column in columns], lines[lose:]
        if lines:
            self.taker.take(columns, lines)
