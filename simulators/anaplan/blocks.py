"""Cuts an uploaded file into blocks of whole lines, whatever its chunks were cut at."""

import codecs
from collections.abc import Iterable, Iterator

BLOCK_LETTERS = 64 * 1024
BOM = "\ufeff"


def iter_blocks(pieces: Iterable[bytes], codec: str, delimiter: str) -> Iterator[str]:
    """Text that ends with a line feed and never inside quotes; UnicodeDecodeError on bad bytes.

    Only the last block may lack its line feed in the file; it gets one.
    """
    decoder = codecs.getincrementaldecoder(codec)()
    rest, open_quotes, is_first = "", "", True
    for piece in pieces:
        text = rest + decoder.decode(piece)
        if is_first and text:
            text, is_first = text.removeprefix(BOM), False
        start = 0
        while (end := text.rfind("\n", start, start + BLOCK_LETTERS) + 1) > 0 or (
            len(text) - start > BLOCK_LETTERS and (end := text.find("\n", start) + 1) > 0
        ):
            block = open_quotes + text[start:end]
            start = end
            if delimiter and block.count(delimiter) % 2:
                open_quotes = block
                continue
            open_quotes = ""
            yield _with_line_feeds(block)
        rest = text[start:]
    rest = open_quotes + rest + decoder.decode(b"", final=True)
    if rest:
        yield _with_line_feeds(rest if rest.endswith("\n") else rest + "\n")


def _with_line_feeds(block: str) -> str:
    return block.replace("\r\n", "\n") if "\r" in block else block
