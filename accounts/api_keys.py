"""What an API key looks like, and which scopes it may have.

A key is `mlc_`, eight letters and digits by which it is named, `_`, 43 of them that are the secret
(256 bits), and six that are a checksum. The checksum lets people and scanners of source code tell a
key from a random word without asking anybody; it proves nothing.
"""

import hashlib
import re
import secrets
import string
import zlib
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote_plus

from accounts.permissions import Right

LONGEST_DAYS = 365
USUAL_DAYS = 90
LIVE_KEYS_AN_ORGANIZATION = 20

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_NAME_DIGITS = string.digits + string.ascii_lowercase
_NAME_LENGTH, _SECRET_LENGTH, _SUM_LENGTH = 8, 43, 6
_KEY = re.compile(
    rf"(mlc_[0-9a-z]{{{_NAME_LENGTH}}})_[0-9A-Za-z]{{{_SECRET_LENGTH + _SUM_LENGTH}}}"
)


class Scope(StrEnum):
    """What a key may be used for: `resource:action`. Who a key is may be asked by every key.

    A third part is kept free for narrowing a scope later, such as to one entity.
    """

    RUNS_READ = "runs:read"
    RUNS_WRITE = "runs:write"
    PLANS_READ = "plans:read"
    MAPPING_READ = "mapping:read"
    MAPPING_WRITE = "mapping:write"
    CONNECTIONS_READ = "connections:read"
    CONNECTIONS_PING = "connections:ping"

    @property
    def words(self) -> str:
        """What pages call it."""
        return SCOPES[self].words

    @property
    def right(self) -> Right:
        """The right that the key's maker must hold, when it is made and at each call."""
        return SCOPES[self].right


@dataclass(frozen=True, slots=True)
class ScopeLine:
    """One line of the table of scopes."""

    words: str
    right: Right


SCOPES: dict[Scope, ScopeLine] = {
    Scope.RUNS_READ: ScopeLine("list and read runs", Right.VIEW),
    Scope.RUNS_WRITE: ScopeLine("start runs", Right.RUN),
    Scope.PLANS_READ: ScopeLine("list published plans and read their values", Right.VIEW),
    Scope.MAPPING_READ: ScopeLine("read the mapping, its draft and suggestions", Right.VIEW),
    Scope.MAPPING_WRITE: ScopeLine("change the draft of the mapping, never approve it", Right.MAP),
    Scope.CONNECTIONS_READ: ScopeLine("list and read connections and their pings", Right.VIEW),
    Scope.CONNECTIONS_PING: ScopeLine("ping connections", Right.CONNECT),
}


def scopes_within(scopes: list[str], rights: frozenset[Right]) -> frozenset[Scope]:
    """Return the scopes that stand on a key and that its maker's rights cover."""
    return frozenset(scope for scope in Scope if scope in scopes and scope.right in rights)


@dataclass(frozen=True, slots=True)
class KeyText:
    """A whole key, as it is shown once, with the part that names it."""

    text: str
    prefix: str

    @property
    def digest(self) -> str:
        """What is kept of it."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def new_key_text() -> KeyText:
    """Make a key with 256 random bits."""
    name = "".join(secrets.choice(_NAME_DIGITS) for _ in range(_NAME_LENGTH))
    prefix = f"mlc_{name}"
    body = f"{prefix}_{_in_digits(secrets.randbits(256), _SECRET_LENGTH)}"
    return KeyText(body + _checksum(body), prefix)


def read_key_text(text: str) -> KeyText | None:
    """Return a key if the text is one by form and checksum."""
    found = _KEY.fullmatch(text)
    if found is None or _checksum(text[:-_SUM_LENGTH]) != text[-_SUM_LENGTH:]:
        return None
    return KeyText(text, found[1])


def keys_in_query(query: str) -> list[KeyText]:
    """Return the keys that somebody put into the query of an address, however quoted."""
    found = (read_key_text(match[0]) for match in _KEY.finditer(unquote_plus(query)))
    return [key for key in found if key is not None]


def _checksum(body: str) -> str:
    return _in_digits(zlib.crc32(body.encode()), _SUM_LENGTH)


def _in_digits(number: int, length: int) -> str:
    found = []
    for _ in range(length):
        number, place = divmod(number, len(_DIGITS))
        found.append(_DIGITS[place])
    return "".join(reversed(found))
