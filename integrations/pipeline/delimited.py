"""Delimited text read in batches of rows, from bytes that are cut anywhere."""

import codecs
import csv
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from integrations.pipeline.formats import FileFormat

Rows = list[list[str]]

_BATCH_ROWS = 2_048
_BYTE_ORDER_MARK = "\ufeff"


def read_rows(pieces: Iterable[bytes], form: FileFormat) -> Iterator[Rows]:
    """Yield the rows of a file in batches; a line end inside a quoted text ends no row.

    Raises ValueError for bytes that are not of the encoding and for quotes that do not match.
    """
    texts = _decode(pieces, form.codec)
    rest = ""
    for text in texts:
        if form.delimiter and form.delimiter in text:
            yield from _read_quoted(chain((rest + text,), texts), form)
            return
        lines = (rest + text).split("\n")
        rest = lines.pop()
        yield from _split_lines(lines, form.separator)
    if rest:
        yield from _split_lines([rest], form.separator)


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


def _split_lines(lines: list[str], separator: str) -> Iterator[Rows]:
    for start in range(0, len(lines), _BATCH_ROWS):
        yield [
            line.removesuffix("\r").split(separator) for line in lines[start : start + _BATCH_ROWS]
        ]


def _read_quoted(texts: Iterable[str], form: FileFormat) -> Iterator[Rows]:
    reader = csv.reader(
        chain.from_iterable(_whole_lines(texts)),
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


def _whole_lines(texts: Iterable[str]) -> Iterator[list[str]]:
    rest = ""
    for text in texts:
        lines = (rest + text).split("\n")
        rest = lines.pop()
        yield [f"{line}\n" for line in lines]
    if rest:
        yield [rest]
