"""Bytes kept as evidence: compressed, named by their digest, and cells packed into them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from integrations.pipeline.streams import Cell


@dataclass(frozen=True, slots=True)
class Block:
    """Compressed bytes and the SHA-256 (hex) and size in bytes of what they hold."""

    sha256: str
    data: bytes
    raw_size: int


@dataclass(frozen=True, slots=True)
class CellBlock:
    """A block of `count` cells, sorted by key."""

    block: Block
    first_key: str
    last_key: str
    count: int


def pack(raw: bytes) -> Block:
    """Compress bytes as they came or went."""
    raise NotImplementedError


def unpack(data: bytes, sha256: str = "") -> bytes:
    """Return a block's bytes; with a digest given, block_damaged if they are not the same."""
    raise NotImplementedError


def pack_cells(cells: Iterable[Cell], per_block: int = 65_536) -> Iterator[CellBlock]:
    """Pack a stream of cells that ascends by key into blocks."""
    raise NotImplementedError


def read_cells(blobs: Iterable[bytes]) -> Iterator[Cell]:
    """Yield the cells of blocks in the given order."""
    raise NotImplementedError
