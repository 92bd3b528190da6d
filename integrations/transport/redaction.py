"""Removes secrets from anything that is logged, kept or shown."""

import base64
import html
import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus, urlsplit

MASK = "***"
KEPT_CHARACTERS = 300
SHORTEST_HIDDEN = 4

_NAMED_VALUE = re.compile(
    r"""(["']?[\w-]{0,40}(?:authorization|passw(?:or)?d|pwd|secret|token\w*|api[_-]?key|cookie
    |encoded\w*data|private[_-]?key)["']?\s*[:=]\s*)
    ("(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s,;&}]+)""",
    re.IGNORECASE | re.VERBOSE,
)
_COOKIE = re.compile(r"(cookie\s*:\s*)[^\r\n]+", re.IGNORECASE)
_SCHEME = re.compile(
    r"\b(Basic|Bearer|AnaplanAuthToken|CACertificate|AnaplanApiKey)(\s+)\S+", re.IGNORECASE
)
_USER_INFO = re.compile(r"//[^/\s@]+@")
_OPAQUE = re.compile(r"\b(?=[A-Za-z0-9+/_=.-]*\d)[A-Za-z0-9+/_=-]{40,}(?:\.[A-Za-z0-9+/_=-]+)*")
_PEM = re.compile(r"-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|\Z)", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")


def redact(text: str, *, keep: int = KEPT_CHARACTERS) -> str:
    """The text without secrets and control characters, at most `keep` characters.

    Removes named values (password=..., "tokenValue": "..."), the value behind an
    Authorization scheme, user names in addresses, PEM blocks and long opaque words.
    """
    text = text[: 4 * keep]
    text = _PEM.sub(MASK, text)
    text = _SCHEME.sub(rf"\1\2{MASK}", text)
    text = _COOKIE.sub(rf"\1{MASK}", text)
    text = _NAMED_VALUE.sub(rf"\1{MASK}", text)
    text = _USER_INFO.sub(f"//{MASK}@", text)
    text = _OPAQUE.sub(MASK, text)
    text = _CONTROL.sub(" ", text).strip()
    return text if len(text) <= keep else text[: keep - 1] + "…"


def forms_of(secret: str) -> frozenset[str]:
    """The forms in which a server may send a secret back; none for one as short as a word."""
    if len(secret) < SHORTEST_HIDDEN:
        return frozenset()
    packed = base64.b64encode(secret.encode()).decode()
    quoted = (quote(secret), quote(secret, safe=""), quote_plus(secret), html.escape(secret))
    return frozenset((secret, packed, json.dumps(secret)[1:-1], *quoted))


def mask(text: str, hidden: Iterable[str]) -> str:
    """The text without the given words, the longest first."""
    for word in sorted(hidden, key=len, reverse=True):
        text = text.replace(word, MASK)
    return text


def sample(body: bytes, content_type: str, hidden: Iterable[str] = ()) -> str:
    """A short redacted piece of an answer, for support; "" when it is not text."""
    if not body or b"\x00" in body[:200]:
        return ""
    text = mask(body[: 2 * KEPT_CHARACTERS].decode("utf-8", errors="replace"), hidden)
    return redact(f"[{content_type or 'no content type'}] {text}", keep=200)


def safe_url(url: str) -> str:
    """The address without user name, query and fragment, fit for a log line."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return redact(f"{parts.scheme}://{host}{port}{parts.path}")
