"""What was asked of a stand-in: a capped list of requests without secrets, and counters."""

import json
import re
import time
from collections import Counter, deque
from dataclasses import asdict, dataclass
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from aiohttp import web

BODY_LIMIT = 4_096
KEPT_HEADERS = ("Content-Type", "Content-Encoding", "Accept", "User-Agent")
SECRET_WORDS = (
    *("password", "passwd", "secret", "token", "signed", "encodeddata", "certificate", "assertion"),
    *("credential", "apikey", "privatekey", "authorization", "cookie", "codeverifier"),
    *("devicecode", "usercode", "authcode"),
)
FORM = "application/x-www-form-urlencoded"
CUT = "***"


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One call: `body` only for short JSON, `authorization` only the scheme, times in seconds."""

    number: int
    at: float
    method: str
    path: str
    query: str
    authorization: str
    headers: dict[str, str]
    body: object
    size: int
    status: int
    seconds: float
    fault: str


class Counters:
    """Numbers that tests look at: sums and high-water marks."""

    def __init__(self) -> None:
        self._values: Counter[str] = Counter()

    def add(self, name: str, amount: int = 1) -> None:
        """Raise a counter."""
        self._values[name] += amount

    def high(self, name: str, value: int) -> None:
        """Keep the highest value that a quantity had."""
        if value > self._values[name]:
            self._values[name] = value

    def value(self, name: str) -> int:
        """A counter, 0 when it was never raised."""
        return self._values[name]

    def all(self) -> dict[str, int]:
        """Every counter, sorted by name."""
        return dict(sorted(self._values.items()))

    def clear(self) -> None:
        """Set all counters back to 0."""
        self._values.clear()


class Recorder:
    """The last calls, oldest first."""

    def __init__(self, limit: int = 5_000) -> None:
        self._calls: deque[RecordedRequest] = deque(maxlen=limit)
        self._numbers = count(1)

    def keep(
        self, request: web.Request, *, status: int, started: float, body: object, fault: str
    ) -> None:
        """Remember one call and how it was answered; status 0 means no answer was given."""
        headers = request.headers
        self._calls.append(
            RecordedRequest(
                number=next(self._numbers),
                at=time.time(),
                method=request.method,
                path=request.path,
                query=query_without_secrets(request.rel_url.raw_query_string),
                authorization=headers.get("Authorization", "").partition(" ")[0],
                headers={name: headers[name] for name in KEPT_HEADERS if name in headers},
                body=body,
                size=request.content_length or 0,
                status=status,
                seconds=round(time.monotonic() - started, 6),
                fault=fault,
            )
        )

    def find(self, pattern: str = "", method: str = "") -> list[dict[str, Any]]:
        """The calls whose path or path with query matches a regular expression."""
        wanted = re.compile(pattern)
        return [
            asdict(call)
            for call in self._calls
            if (not method or call.method == method)
            and (wanted.search(call.path) or wanted.search(f"{call.path}?{call.query}"))
        ]

    def clear(self) -> None:
        """Forget all calls."""
        self._calls.clear()


async def read_short_body(request: web.Request) -> object:
    """The JSON or form body of a call without secrets; None when there is none or it is long."""
    size = request.content_length
    if not size or size > BODY_LIMIT or request.content_type not in ("application/json", FORM):
        return None
    try:
        raw = await request.read()
        if request.content_type == FORM:
            pairs = parse_qsl(raw.decode(), keep_blank_values=True)
            return {name: CUT if _is_secret(name, "code") else value for name, value in pairs}
        return without_secrets(json.loads(raw))
    except (RecursionError, ValueError):
        return None


def query_without_secrets(query: str) -> str:
    """A query string in readable letters, with the values of secret members replaced."""
    parts = []
    for part in query.split("&"):
        name, sign, value = (unquote_plus(text) for text in part.partition("="))
        parts.append(f"{name}{sign}{CUT if sign and _is_secret(name, 'code') else value}")
    return "&".join(parts)


def without_secrets(value: object) -> object:
    """The same JSON value with the values of secret members replaced.

    A bare `code` is a secret only beside a `grant_type`: elsewhere it names a list member.
    """
    if isinstance(value, dict):
        also = "code" if "grant_type" in value else ""
        return {
            name: CUT if _is_secret(str(name), also) else without_secrets(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(inner) for inner in value]
    return value


def _is_secret(name: str, also: str = "") -> bool:
    plain = name.lower().replace("_", "").replace("-", "")
    return (also != "" and plain == also) or any(word in plain for word in SECRET_WORDS)
