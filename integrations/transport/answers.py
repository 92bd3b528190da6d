"""An answer, read raw with caps on bytes and time, unpacked from gzip as it comes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import msgspec
from isal import isal_zlib
from urllib3.exceptions import HTTPError, ReadTimeoutError

from integrations.transport.connections import limit_body
from integrations.transport.errors import IntegrationError
from integrations.transport.redaction import mask, sample
from integrations.transport.retry import wish_in

PIECE_BYTES = 262_144
_DROPPED_HEADERS = frozenset({"set-cookie", "set-cookie2", "www-authenticate"})
_UNPACK_ERROR: Any = isal_zlib.error
_GZIP = frozenset({"gzip", "x-gzip"})


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. Header names are lower case.

    `body` is unpacked from the content encoding; `elapsed` is in seconds from the call to the
    last byte; `hidden` are secrets of the call, which no sample shows. `cookies` are the
    "name=value" that came with it, for a sign-in that is a session; no call sends them by itself.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    url: str
    elapsed: float
    hidden: frozenset[str] = field(default=frozenset(), repr=False)
    cookies: tuple[str, ...] = field(default=(), repr=False)

    @property
    def content_type(self) -> str:
        """The media type in lower case without parameters, "" when none is given."""
        return self.headers.get("content-type", "").split(";", 1)[0].strip().lower()

    @property
    def is_html(self) -> bool:
        """Whether this is a page for people, by its type or by its first bytes."""
        return "html" in self.content_type or self.body[:64].lstrip()[:1] == b"<"

    @property
    def retry_after(self) -> float | None:
        """The server's wish in seconds, if it has one."""
        return wish_in(self.headers)

    @property
    def sample(self) -> str:
        """A short redacted piece of the body, for support."""
        return f"HTTP {self.status} {sample(self.body, self.content_type, self.hidden)}"

    def json(self) -> Any:
        """The body as JSON values; numbers with a point or exponent come as their own text.

        Raises `answer_not_json` for a page and `answer_broken_json` for cut or broken JSON.
        """
        host = urlsplit(self.url).hostname or ""
        if self.is_html or not self.body.strip():
            kind = self.content_type or "an empty body"
            raise IntegrationError("answer_not_json", self.sample, host=host, content_type=kind)
        try:
            return _DECODER.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise IntegrationError("answer_broken_json", self.sample, host=host) from error


_DECODER = msgspec.json.Decoder(float_hook=str)


class OpenAnswer:
    """An answer whose body is still to be read; a context manager that lets go of it."""

    def __init__(
        self,
        raw: Any,
        url: str,
        *,
        seconds: float,
        max_bytes: int,
        hidden: frozenset[str] = frozenset(),
    ) -> None:
        self.status: int = raw.status
        self.hidden = hidden
        self.headers: dict[str, str] = {
            name.lower(): mask(value, hidden)
            for name, value in raw.headers.items()
            if name.lower() not in _DROPPED_HEADERS
        }
        self.cookies = tuple(
            cookie.split(";", 1)[0].strip() for cookie in raw.headers.getlist("set-cookie")
        )
        self.url = url
        self._raw = raw
        self._host = urlsplit(url).hostname or ""
        self._seconds = seconds
        self._max_bytes = max_bytes
        limit_body(raw, seconds)

    @property
    def retry_after(self) -> float | None:
        """The server's wish in seconds, if it has one."""
        return wish_in(self.headers)

    def __enter__(self) -> "OpenAnswer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection; one that was not read to its end is closed."""
        original = getattr(self._raw, "_original_response", None)
        if original is not None and not original.isclosed():
            self._raw.close()
        self._raw.release_conn()

    def pieces(self) -> Iterator[bytes]:
        """The body, unpacked, in pieces of up to 256 KB.

        Raises `answer_too_large`, `answer_timeout`, `connection_lost` or
        `answer_encoding_unknown`.
        """
        encoding = self.headers.get("content-encoding", "").strip().lower()
        if encoding in _GZIP:
            return self._unpacked()
        if encoding and encoding != "identity":
            raise self._unknown_encoding(encoding)
        return self._plain()

    def read(self) -> bytes:
        """The whole body; one of known length is read in one go, without a copy."""
        length = self._raw.length_remaining
        if length is None or self.headers.get("content-encoding"):
            return b"".join(self.pieces())
        if length > self._max_bytes:
            raise self._too_large()
        with self._named_failures():
            body: bytes = self._raw.read(decode_content=False)
        return body

    def _plain(self) -> Iterator[bytes]:
        size, limit = 0, self._max_bytes
        for piece in self._wire():
            size += len(piece)
            if size > limit:
                raise self._too_large()
            yield piece

    def _unpacked(self) -> Iterator[bytes]:
        """Members of a gzip stream, never unpacking more than one piece at a time."""
        size = 0
        unpacker = isal_zlib.decompressobj(wbits=31)
        started = False
        for packed in self._wire():
            pending = packed
            while pending:
                if unpacker.eof:
                    unpacker = isal_zlib.decompressobj(wbits=31)
                piece = self._unpack(unpacker, pending)
                started = True
                size += len(piece)
                if size > self._max_bytes:
                    raise self._too_large()
                if piece:
                    yield piece
                pending = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
        if started and not unpacker.eof:
            raise IntegrationError("connection_lost", "gzip stream cut off", host=self._host)

    def _unpack(self, unpacker: Any, packed: bytes) -> bytes:
        try:
            piece: bytes = unpacker.decompress(packed, PIECE_BYTES)
        except _UNPACK_ERROR as error:
            raise self._unknown_encoding("damaged gzip") from error
        return piece

    def _wire(self) -> Iterator[bytes]:
        while True:
            with self._named_failures():
                piece: bytes = self._raw.read1(PIECE_BYTES, decode_content=False)
            if not piece:
                return
            yield piece

    @contextmanager
    def _named_failures(self) -> Iterator[None]:
        try:
            yield
        except (ReadTimeoutError, TimeoutError) as error:
            raise self._too_slow() from error
        except (HTTPError, OSError) as error:
            raise IntegrationError("connection_lost", str(error), host=self._host) from error

    def _too_slow(self) -> IntegrationError:
        return IntegrationError("answer_timeout", host=self._host, seconds=round(self._seconds))

    def _too_large(self) -> IntegrationError:
        return IntegrationError("answer_too_large", host=self._host, limit=self._max_bytes)

    def _unknown_encoding(self, encoding: str) -> IntegrationError:
        return IntegrationError("answer_encoding_unknown", host=self._host, encoding=encoding[:40])
