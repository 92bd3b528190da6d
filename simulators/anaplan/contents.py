"""Contents of files: what each user uploaded, cut into chunks, and what exports left for them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

from isal import isal_zlib

GZIP_START = b"\x1f\x8b"
GZIP_MEMBER = 31
BROKEN: tuple[type[Exception], ...] = (cast("type[Exception]", isal_zlib.error),)
Raw = Sequence[bytes]
"""A chunk as it came, in the pieces that it came in."""


@dataclass(slots=True)
class Content:
    """The chunks of one user's file by number, as they came; `used_at` in seconds since 1970."""

    used_at: float
    count: int = 0
    chunks: dict[int, Raw] = field(default_factory=dict)
    is_complete: bool = False

    def chunk(self, number: int) -> bytes | None:
        """The plain bytes of a chunk, None when it never came; OSError on a broken gzip."""
        raw = self.chunks.get(number)
        return None if raw is None else plain(raw)

    def pieces(self) -> Iterator[bytes]:
        """The plain bytes of all chunks in order; OSError on a broken gzip."""
        for number in sorted(self.chunks):
            yield plain(self.chunks[number])

    def whole(self) -> bytes:
        """The plain bytes of all chunks together; OSError on a broken gzip."""
        return b"".join(self.pieces())


class ContentStore:
    """Contents by user and file: one that can be read, and one that is being uploaded."""

    def __init__(self) -> None:
        self._ready: dict[tuple[str, str], Content] = {}
        self._arriving: dict[tuple[str, str], Content] = {}
        self._default: dict[str, Content] = {}

    def begin(self, user_id: str, file_id: str, count: int, now: float) -> None:
        """Start an upload of `count` chunks, -1 when it is not known how many."""
        self._arriving[user_id, file_id] = Content(used_at=now, count=count)
        if count == 0:
            self.complete(user_id, file_id, now)

    def put(self, user_id: str, file_id: str, number: int, raw: Raw, now: float) -> bool:
        """Take a chunk; False when its number lies outside the announced count."""
        key = (user_id, file_id)
        content = self._arriving.get(key) or self._ready.get(key)
        if content is None or (content.count >= 0 and number >= content.count):
            return False
        content.chunks[number] = raw
        content.used_at = now
        if content is not self._ready.get(key) and len(content.chunks) == content.count:
            self.complete(user_id, file_id, now)
        return True

    def complete(self, user_id: str, file_id: str, now: float) -> int:
        """End an upload, so that it can be read; gives the number of chunks."""
        key = (user_id, file_id)
        content = self._arriving.pop(key, None)
        if content is not None:
            content.count = max(content.chunks, default=-1) + 1
            content.is_complete = True
            self._ready[key] = content
        content = self._ready.get(key)
        if content is None:
            return 0
        content.used_at = now
        return content.count

    def replace(self, user_id: str, file_id: str, chunks: Sequence[Raw], now: float) -> None:
        """Set a whole content at once."""
        content = Content(now, len(chunks), dict(enumerate(chunks)), is_complete=True)
        self._arriving.pop((user_id, file_id), None)
        self._ready[user_id, file_id] = content

    def read(self, user_id: str, file_id: str, now: float, hours: float) -> Content | None:
        """A content that can be read, None when there is none or it was not used for `hours`."""
        key = (user_id, file_id)
        content = self._ready.get(key)
        if content is not None and now - content.used_at > hours * 3600:
            del self._ready[key]
            return None
        if content is not None:
            content.used_at = now
        return content

    def set_default(self, file_id: str, raw: bytes) -> None:
        """Set what imports read for everyone who has no content of their own."""
        self._default[file_id] = Content(0.0, 1, {0: [raw]}, is_complete=True)

    def default(self, file_id: str) -> Content | None:
        """What imports read for everyone who has no content of their own."""
        return self._default.get(file_id)

    def peek(self, user_id: str, file_id: str) -> Content | None:
        """A content that can be read, without being used."""
        return self._ready.get((user_id, file_id))

    def count(self, user_id: str, file_id: str) -> int:
        """Number of chunks that the catalogue shows; an upload under way counts at once."""
        content = self._arriving.get((user_id, file_id)) or self._ready.get((user_id, file_id))
        return max(content.count, 0) if content is not None else 0

    def delete(self, user_id: str, file_id: str) -> None:
        """Remove a user's own content."""
        self._ready.pop((user_id, file_id), None)
        self._arriving.pop((user_id, file_id), None)


def plain(raw: Raw) -> bytes:
    """A chunk without its gzip, if it has one; OSError when that is broken."""
    rest = b"".join(raw)
    if not rest.startswith(GZIP_START):
        return rest
    parts: list[bytes] = []
    while rest:
        member = isal_zlib.decompressobj(wbits=GZIP_MEMBER)
        try:
            parts.append(member.decompress(rest))
        except BROKEN as error:
            raise OSError(f"broken gzip: {error}") from error
        if not member.eof:
            raise OSError("broken gzip: it ends too early")
        rest = member.unused_data
    return parts[0] if len(parts) == 1 else b"".join(parts)
