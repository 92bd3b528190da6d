"""XML out of packed files of strangers: nothing of it grows in memory."""

import zipfile
from collections.abc import Callable, Iterator
from xml.parsers import expat

from integrations.pipeline.sheet_rows import SheetTooLarge, SheetUnreadable

MOST_PARTS = 2_000
MOST_BYTES = 120_000_000
"""All parts of a file together, unpacked."""
MOST_RATIO = 250
"""Text of spreadsheets packs to a tenth or so; what packs to less than this is made to hurt."""
_SMALL = 1_000_000
_DEEPEST = 50
_PIECE = 65_536
Attributes = dict[str, str]


def check_sizes(book: zipfile.ZipFile) -> None:
    """Refuse a file that unpacks to too much, before anything of it is unpacked."""
    parts = book.infolist()
    total = sum(part.file_size for part in parts)
    packed = [part for part in parts if part.file_size > _SMALL]
    is_bomb = any(part.file_size > MOST_RATIO * max(part.compress_size, 1) for part in packed)
    if len(parts) > MOST_PARTS or total > MOST_BYTES or is_bomb:
        raise SheetTooLarge(f"{MOST_BYTES // 1_000_000} MB unpacked")


def parse(
    book: zipfile.ZipFile,
    path: str,
    begin: Callable[[str, Attributes], object],
    end: Callable[[str], object] | None = None,
    take: Callable[[str], object] | None = None,
) -> None:
    """Call back for each element of a part and the text in it, namespaces left out."""
    for _ in parse_slowly(book, path, begin, end, take):
        pass


def parse_slowly(
    book: zipfile.ZipFile,
    path: str,
    begin: Callable[[str, Attributes], object],
    end: Callable[[str], object] | None,
    take: Callable[[str], object] | None,
) -> Iterator[None]:
    """Parse a part piece by piece.

    One that declares entities, or that wants to be kept in memory as a whole, is refused.
    """
    parser = _parser(begin, end)
    if take is not None:
        parser.CharacterDataHandler = take
    with book.open(path) as stream:
        size = 0
        while piece := stream.read(_PIECE):
            parser.Parse(piece)
            size += len(piece)
            if size - parser.CurrentByteIndex > _SMALL:
                raise SheetTooLarge(f"{_SMALL // 1_000_000} MB in one element")
            yield
        parser.Parse(b"", True)  # noqa: FBT003
        yield


def _parser(
    begin: Callable[[str, Attributes], object], end: Callable[[str], object] | None
) -> expat.XMLParserType:
    depth = 0

    def begin_element(name: str, given: Attributes) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise SheetTooLarge(f"{_DEEPEST} elements inside each other")
        begin(name.rpartition(" ")[2], given)

    def end_element(name: str) -> None:
        nonlocal depth
        depth -= 1
        if end is not None:
            end(name.rpartition(" ")[2])

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = begin_element
    parser.EndElementHandler = end_element
    return parser


def _refuse_doctype(*_arguments: object) -> None:
    raise SheetUnreadable("its XML declares entities, which no spreadsheet needs")
