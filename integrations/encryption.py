"""Sealing secrets: a data key per organization, wrapped by the service's key ring."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class SealBroken(Exception):
    """A sealed text does not open here: wrong key, wrong place or damaged. Never its value."""


class KeyRing:
    """The service's key-encryption keys, newest first; it wraps and unwraps data keys."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Take Fernet keys (32 bytes, url-safe base64); the first one seals."""
        self._keys = {_name_of(key): Fernet(key) for key in keys}
        self._fernet = MultiFernet(list(self._keys.values()))

    @property
    def names(self) -> tuple[str, ...]:
        """Name each key, newest first; a name tells nothing of its key."""
        return tuple(self._keys)

    def key_of(self, wrapped: str) -> str:
        """Name the key that wraps a data key; raise `SealBroken` where none of them does."""
        for name, fernet in self._keys.items():
            try:
                fernet.decrypt(wrapped.encode())
            except InvalidToken:
                continue
            return name
        raise SealBroken("data key")

    def made_at(self, wrapped: str) -> datetime:
        """Tell when a data key was made; wrapping it again does not make it younger."""
        try:
            seconds = self._fernet.extract_timestamp(wrapped.encode())
        except InvalidToken as error:
            raise SealBroken("data key") from error
        return datetime.fromtimestamp(seconds, UTC)

    def new_data_key(self) -> str:
        """Return a new data key, wrapped: the only form in which it is stored."""
        return self._fernet.encrypt(Fernet.generate_key()).decode()

    def rewrap(self, wrapped: str) -> str:
        """Wrap a data key again by the newest key; raise `SealBroken` where it does not open."""
        try:
            return self._fernet.rotate(wrapped.encode()).decode()
        except InvalidToken as error:
            raise SealBroken("data key") from error

    def seal(self, wrapped: str, context: str, text: str) -> str:
        """Seal a text by an organization's data key, bound to the place named by `context`."""
        return self._data_key(wrapped).encrypt(json.dumps([context, text]).encode()).decode()

    def open(self, wrapped: str, context: str, token: str) -> str:
        """Open a sealed text; raise `SealBroken` unless key, place and content all hold."""
        try:
            bound, text = json.loads(self._data_key(wrapped).decrypt(token.encode()))
        except (InvalidToken, ValueError) as error:
            raise SealBroken(context) from error
        if bound != context:
            raise SealBroken(context)
        return str(text)

    def reseal(self, wrapped: str, new: str, context: str, token: str) -> str:
        """Seal by another data key what the first one opens in this place."""
        return self.seal(new, context, self.open(wrapped, context, token))

    def _data_key(self, wrapped: str) -> Fernet:
        try:
            return Fernet(self._fernet.decrypt(wrapped.encode()))
        except InvalidToken as error:
            raise SealBroken("data key") from error


def _name_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:8]
