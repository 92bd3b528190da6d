"""Delimited text read in batches, by rows or by columns, from bytes that are cut anywhere."""

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import chain, islice

from integrations.pipeline.formats import FileFormat

Rows = list[list[str]]
Columns = list[Sequence[str]]

_BATCH_ROWS = 2_048
_BLOCK_CHARACTERS = 65_536
# A file without line ends, or of a million columns, is hostile or broken: it fills no memory.
LONGEST_ROW = 1_000_000
MOST_COLUMNS = 20_000
_BYTE_ORDER_MARK = "\ufeff"


def read_rows(pieces: Iterable[bytes], form: FileFormat) -> Iterator[Rows]:
    """Yield the rows of a file in batches; a line end inside a quoted text ends no row.

    Raises ValueError for bytes that are not of the encoding and for quotes that do not match.
    """
    blocks = _blocks(_decode(pieces, form.codec))
    for block in blocks:
        if form.delimiter and form.delimiter in block:
            yield from _read_quoted(chain((block,), blocks), form)
            return
        yield _split_rows(block, form.separator)


def read_columns(
    pieces: Iterable[bytes], form: FileFormat, width: int | None = None
) -> Iterator[Columns]:
    """Yield the columns of a file in batches; a header is on top of the first.

    Blank lines are left out. Raises ValueError as `read_rows` does, and for a row that has not
    `width` columns, or as many as the first row where no width is told.
    """
    done = 0
    blocks = _blocks(_decode(pieces, form.codec))
    for block in blocks:
        if form.delimiter and form.delimiter in block:
            for rows in _read_quoted(chain((block,), blocks), form):
                width = width or len(rows[0])
                columns = _transpose(rows, width, done)
                done += len(columns[0])
                yield columns
            return
        width = width or _width_of(block, form.separator)
        columns = _split_columns(block, form.separator, width, done)
        done += len(columns[0])
        yield columns


def _decode(pieces: Iterable[bytes], codec: str) -> Iterator[str]:
    """Decode bytes that may be cut inside a character; drop a byte order mark."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    is_start = True
    for piece in chain(pieces, (None,)):
        text = decoder.decode(piece or b"", final=piece is None)
        if is_start and text:
            text = text.removeprefix(_BYTE_ORDER_MARK)
            is_start = False
        if text:
            yield text


def _blocks(texts: Iterable[str]) -> Iterator[str]:
    """Cut a text behind line ends into blocks of a bounded size."""
    rest = ""
    for text in texts:
        rest += text
        start = 0
        while len(rest) - start >= _BLOCK_CHARACTERS:
            end = rest.rfind("\n", start, start + _BLOCK_CHARACTERS) + 1
            end = end or rest.find("\n", start) + 1
            if (end or len(rest)) - start > LONGEST_ROW:
                raise _too_long()
            if not end:
                break
            yield rest[start:end]
            start = end
        rest = rest[start:]
    while rest:
        end = rest.rfind("\n", 0, _BLOCK_CHARACTERS) + 1
        end = end if end and len(rest) > _BLOCK_CHARACTERS else len(rest)
        yield rest[:end]
        rest = rest[end:]


def _too_long() -> ValueError:
    return ValueError(f"a row is longer than {LONGEST_ROW:,} characters")


def _width_of(block: str, separator: str) -> int:
    width = block.partition("\n")[0].count(separator) + 1
    if width > MOST_COLUMNS:
        raise ValueError(f"a row has {width:,} columns, more than {MOST_COLUMNS:,}")
    return width


def _split_rows(block: str, separator: str) -> Rows:
    return [line.split(separator) for line in _text(block).split("\n")]


def _split_columns(block: str, separator: str, width: int, done: int) -> Columns:
    """Split all lines at once; a mark between them shows that each has as many columns."""
    text = _text(block)
    fields = text.replace("\n", f"{separator}\n{separator}").split(separator)
    fields.append("\n")
    step, lines = width + 1, text.count("\n") + 1
    if len(fields) != lines * step or fields[width::step].count("\n") != lines:
        return _transpose(_split_rows(block, separator), width, done)
    return [fields[index::step] for index in range(width)]


def _text(block: str) -> str:
    text = block.removesuffix("\n")
    return text.replace("\r\n", "\n").removesuffix("\r") if "\r" in text else text


def _transpose(rows: Rows, width: int, done: int) -> Columns:
    kept = [row for row in rows if row and (row != [""] or width == 1)]
    for number, row in enumerate(kept, start=done + 1):
        if len(row) != width:
            raise ValueError(f"row {number} has {len(row)} columns instead of {width}")
    return list(zip(*kept, strict=True)) or [()] * width


def _read_quoted(blocks: Iterable[str], form: FileFormat) -> Iterator[Rows]:
    reader = csv.reader(
        _bounded(chain.from_iterable(StringIO(block, newline="\n") for block in blocks), form),
        delimiter=form.separator,
        quotechar=form.delimiter,
        doublequote=True,
        strict=True,
    )
    try:
        while batch := list(islice(reader, _BATCH_ROWS)):
            yield batch
    except csv.Error as error:
        raise ValueError(f"after line {reader.line_num}: {error}") from None


def _bounded(lines: Iterable[str], form: FileFormat) -> Iterator[str]:
    """Pass lines on; a quoted row goes on behind a line end while its quotes are uneven."""
    taken = quotes = 0
    for line in lines:
        taken += len(line)
        quotes += line.count(form.delimiter)
        if quotes % 2 == 0:
            taken = 0
        elif taken > LONGEST_ROW:
            raise _too_long()
        yield line
