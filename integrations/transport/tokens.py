"""Tokens that are kept, refreshed early, and refreshed once for all workers."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from audit.catalogue import Kind
from integrations.transport.errors import IntegrationError

EARLY_SECONDS = 300.0
LOCK_SECONDS = 40.0
COOL_DOWN_SECONDS = 60.0
HARDLY_ALIVE_SECONDS = 20.0
SHORT_LIFE_SHARE = 4
REMEMBERED_SECONDS = 10.0


class SignInRefused(IntegrationError):
    """The system does not take the secret; trying again with the same one may lock the user out."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token and the second (since 1970) at which it ends.

    `issued_at` is the second at which it was given, 0 when unknown.
    `renewal` is what the server wants to see to renew it, "" when the value itself is shown.
    `refused` marks a sign-in that was refused: until `expires_at` nobody tries again, and
    everybody hears the same `code` with its `facts`.
    """

    value: str = field(repr=False)
    expires_at: float
    renewal: str = field(default="", repr=False)
    refused: bool = False
    issued_at: float = 0.0
    code: str = ""
    facts: Mapping[str, str | int] = field(default_factory=dict)


class TokenStore(Protocol):
    """Where all workers keep one token. Its key has to change with the secret behind it."""

    def read(self) -> Token | None:
        """The kept token, or None."""

    def write(self, token: Token) -> None:
        """Keep this token, at least until it ends."""

    def lock(self, seconds: float) -> AbstractContextManager[bool]:
        """Wait at most `seconds` for the lock and tell whether it was got.

        The lock ends by itself after `seconds` when its holder died.
        """


class SignIn(Protocol):
    """How one system gives and renews tokens."""

    def authenticate(self) -> Token:
        """A new token from the secret. Raises `SignInRefused`, or the system's `refused()`."""

    def renew(self, token: Token) -> Token | None:
        """The token with a later end, or None when only a new sign-in helps."""

    def refused(self) -> IntegrationError:
        """The error that says that the system refuses this sign-in."""

    def busy(self) -> IntegrationError:
        """The error that says that another worker is still signing in."""


class TokenSource(Protocol):
    """What a client asks for its token."""

    def get(self) -> str:
        """A token that lives."""

    def refresh(self, bad_token: str) -> str:
        """Another token, after the server refused this one."""


class MemoryTokenStore:
    """A store for one process."""

    def __init__(self, token: Token | None = None) -> None:
        self._token = token
        self._lock = threading.Lock()

    def read(self) -> Token | None:
        """The kept token."""
        return self._token

    def write(self, token: Token) -> None:
        """Keep this token."""
        self._token = token

    @contextmanager
    def lock(self, seconds: float) -> Iterator[bool]:
        """Wait at most `seconds` for the lock."""
        got = self._lock.acquire(timeout=seconds)
        try:
            yield got
        finally:
            if got:
                self._lock.release()


def _ignore(_refusal: IntegrationError) -> None:
    """What is done about a refused sign-in where nobody has to be told."""


class FixedToken:
    """A token that never changes: Basic sign-in, or one that the customer pasted.

    `on_refused` is called whenever the server does not take it.
    """

    def __init__(
        self,
        value: str,
        refused: Callable[[], IntegrationError],
        on_refused: Callable[[IntegrationError], None] = _ignore,
    ) -> None:
        self._value = value
        self._refused = refused
        self._on_refused = on_refused

    def get(self) -> str:
        """The token."""
        return self._value

    def refresh(self, bad_token: str) -> str:  # noqa: ARG002
        """There is no other token: raises the system's "sign-in refused"."""
        refusal = self._refused()
        self._on_refused(refusal)
        raise refusal


class CachedTokens:
    """One token for all workers: look, lock, look again.

    A token is renewed `early` seconds before its end, or in the last quarter of a life that is
    short. After a refused sign-in nobody asks again for a minute, so that no account is locked
    out by tries, and `on_refused` is called once, by the one who asked. A token is remembered for
    some seconds, so that not every call asks the store.
    """

    def __init__(
        self,
        store: TokenStore,
        sign_in: SignIn,
        clock: Callable[[], float] = time.time,
        early: float = EARLY_SECONDS,
        on_refused: Callable[[IntegrationError], None] = _ignore,
    ) -> None:
        self._store = store
        self._sign_in = sign_in
        self._clock = clock
        self._early = early
        self._on_refused = on_refused
        self._seen: Token | None = None
        self._seen_until = 0.0

    def get(self) -> str:
        """A token that lives, renewed or new when the kept one is near its end."""
        seen = self._seen
        if seen is not None and self._clock() < self._seen_until and self._is_fresh(seen):
            return seen.value
        token = self._store.read()
        if self._is_fresh(token):
            return self._remember(self._value(token), token)
        with self._store.lock(LOCK_SECONDS) as got:
            token = self._store.read()
            if self._is_fresh(token):
                return self._value(token)
            if not got:
                if token is not None and self._remaining(token) > HARDLY_ALIVE_SECONDS:
                    return token.value
                raise self._sign_in.busy()
            return self._renew_or_authenticate(token)

    def refresh(self, bad_token: str) -> str:
        """Another token than the one that the server refused.

        Raises the system's "sign-in refused" when a new sign-in is refused too.
        """
        self._seen = None
        with self._store.lock(LOCK_SECONDS) as got:
            token = self._store.read()
            if token is not None and token.value != bad_token and self._remaining(token) > 0:
                return self._value(token)
            if not got:
                raise self._sign_in.busy()
            return self._authenticate()

    def _renew_or_authenticate(self, token: Token | None) -> str:
        if token is not None and not token.refused and self._remaining(token) > 0:
            renewed = self._renew(token)
            if renewed is not None:
                self._store.write(renewed)
                return renewed.value
        return self._authenticate()

    def _renew(self, token: Token) -> Token | None:
        """The renewed token; the old one while it lives and only time can help."""
        try:
            return self._sign_in.renew(token)
        except IntegrationError as error:
            if error.kind is Kind.TRANSIENT and self._remaining(token) > HARDLY_ALIVE_SECONDS:
                return token
            self._note_refusal(error)
            raise

    def _authenticate(self) -> str:
        try:
            token = self._sign_in.authenticate()
        except IntegrationError as error:
            self._note_refusal(error)
            raise
        self._store.write(token)
        return token.value

    def _note_refusal(self, error: IntegrationError) -> None:
        """Let nobody try again for a while, when it is the secret that is not taken."""
        if not isinstance(error, SignInRefused) and error.code != self._sign_in.refused().code:
            return
        ends = self._clock() + COOL_DOWN_SECONDS
        self._store.write(
            Token(value="", expires_at=ends, refused=True, code=error.code, facts=error.facts)
        )
        self._on_refused(error)

    def _remember(self, value: str, token: Token | None) -> str:
        self._seen, self._seen_until = token, self._clock() + REMEMBERED_SECONDS
        return value

    def _value(self, token: Token | None) -> str:
        if token is not None and token.code:
            raise SignInRefused(token.code, "", retry_after=None, **token.facts)
        if token is None or token.refused:
            raise self._sign_in.refused()
        return token.value

    def _is_fresh(self, token: Token | None) -> bool:
        """Whether the kept token, or the mark of a refused sign-in, holds for now."""
        if token is None:
            return False
        if token.refused:
            return self._remaining(token) > 0
        life = token.expires_at - token.issued_at
        return self._remaining(token) > min(self._early, life / SHORT_LIFE_SHARE)

    def _remaining(self, token: Token) -> float:
        return token.expires_at - self._clock()
