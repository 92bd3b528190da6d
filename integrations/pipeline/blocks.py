"""Bytes kept as evidence: compressed, named by their digest, and cells packed into them."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from operator import lt

import zstandard

from integrations.pipeline.frames import FRAME_CELLS, decode_frame, encode_frame
from integrations.pipeline.streams import Cell
from integrations.transport.errors import IntegrationError

_FRAME_END = "\x1c"
_LEVEL = 1


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
    data = zstandard.ZstdCompressor(level=_LEVEL).compress(raw)
    return Block(hashlib.sha256(raw).hexdigest(), data, len(raw))


def unpack(data: bytes, sha256: str = "") -> bytes:
    """Return a block's bytes; IntegrationError block_damaged if they cannot be read.

    With a digest given, also if they are not the bytes of that digest.
    """
    try:
        raw = zstandard.ZstdDecompressor().decompress(data)
    except zstandard.ZstdError as error:
        raise IntegrationError("block_damaged", str(error), sha256=sha256 or "?") from None
    if sha256 and hashlib.sha256(raw).hexdigest() != sha256:
        raise IntegrationError("block_damaged", "other bytes", sha256=sha256)
    return raw


def pack_cells(cells: Iterable[Cell], per_block: int = 65_536) -> Iterator[CellBlock]:
    """Pack a stream of cells that ascends by key into blocks; ValueError if it does not."""
    stream, last = iter(cells), ""
    while first := list(islice(stream, min(FRAME_CELLS, per_block))):
        frames, count, first_key = [], 0, first[0][0]
        frame = first
        while frame:
            last = _check_ascending(frame, last)
            frames.append(encode_frame(frame))
            count += len(frame)
            frame = list(islice(stream, min(FRAME_CELLS, per_block - count)))
        yield CellBlock(pack(_FRAME_END.join(frames).encode()), first_key, last, count)


def read_cells(blobs: Iterable[bytes]) -> Iterator[Cell]:
    """Yield the cells of blocks (their compressed bytes) in the given order."""
    return read_unpacked(map(unpack, blobs))


def read_unpacked(raws: Iterable[bytes]) -> Iterator[Cell]:
    """Yield the cells of blocks that were unpacked, and so checked against their digests."""
    return chain.from_iterable(_read_frames(raws))


def _read_frames(raws: Iterable[bytes]) -> Iterator[list[Cell]]:
    for raw in raws:
        for frame in raw.split(_FRAME_END.encode()):
            yield decode_frame(frame.decode())


def _check_ascending(cells: list[Cell], last: str) -> str:
    keys = [cell[0] for cell in cells]
    if not all(map(lt, keys, keys[1:])) or (last and keys[0] <= last):
        raise ValueError("cells do not ascend by key")
    return keys[-1]
