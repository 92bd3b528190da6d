"""Bytes kept as evidence: compressed, named by their digest, and cells packed into them."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from operator import lt

import zstandard

from integrations.pipeline.frames import Frame, decode_frame, encode_frame, regular
from integrations.transport.errors import IntegrationError

FRAMES_A_BLOCK = 4
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
    """A block of `count` cells, sorted by key, and the frames that were packed into it."""

    block: Block
    first_key: str
    last_key: str
    count: int
    frames: list[Frame] = field(compare=False, repr=False)


def pack(raw: bytes) -> Block:
    """Compress bytes as they came or went."""
    # The library's answer keeps the room that it took for incompressible bytes: a copy does not.
    data = bytes(memoryview(zstandard.ZstdCompressor(level=_LEVEL).compress(raw)))
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


def pack_cells(frames: Iterable[Frame]) -> Iterator[CellBlock]:
    """Pack a stream of cells that ascends by key into blocks; ValueError if it does not."""
    stream, last = regular(frames), ""
    while batch := list(islice(stream, FRAMES_A_BLOCK)):
        for frame in batch:
            last = _check_ascending(frame.keys, last)
        raw = _FRAME_END.join(map(encode_frame, batch)).encode()
        count = sum(len(frame.keys) for frame in batch)
        yield CellBlock(pack(raw), batch[0].keys[0], last, count, batch)


def read_cells(raws: Iterable[bytes]) -> Iterator[Frame]:
    """Yield the cells of blocks that were unpacked, in the given order."""
    for raw in raws:
        for frame in raw.split(_FRAME_END.encode()):
            yield decode_frame(frame.decode())


def _check_ascending(keys: list[str], last: str) -> str:
    if not all(map(lt, keys, keys[1:])) or (last and keys[0] <= last):
        raise ValueError("cells do not ascend by key")
    return keys[-1]
