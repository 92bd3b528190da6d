"""Sealing secrets: a data key per organization, wrapped by the service's key ring."""

import json
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class SealBroken(Exception):
    """A sealed text does not open here: wrong key, wrong place or damaged. Never its value."""


class KeyRing:
    """The service's key-encryption keys, newest first; it wraps and unwraps data keys."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Take Fernet keys (32 bytes, url-safe base64); the first one seals."""
        self._fernet = MultiFernet([Fernet(key) for key in keys])

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

    def _data_key(self, wrapped: str) -> Fernet:
        try:
            return Fernet(self._fernet.decrypt(wrapped.encode()))
        except InvalidToken as error:
            raise SealBroken("data key") from error
