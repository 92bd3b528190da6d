"""Anaplan's token service: signing in for 35 minutes, and moving that end on."""

import base64
import email.utils
import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from integrations.anaplan.answers import mapping, text, whole
from integrations.anaplan.refusals import name_token_refusal
from integrations.anaplan.types import Hosts
from integrations.transport.answers import Answer
from integrations.transport.errors import IntegrationError
from integrations.transport.session import EgressSession
from integrations.transport.tokens import (
    CachedTokens,
    MemoryTokenStore,
    SignInRefused,
    Token,
    TokenSource,
    TokenStore,
)

__all__ = [
    "BasicSignIn",
    "CachedTokens",
    "MemoryTokenStore",
    "Token",
    "TokenService",
    "TokenSource",
    "TokenStore",
]

LIFE_SECONDS = 2100.0
SIGN_IN_SECONDS = 30.0
_GOOD = frozenset({200, 201})
_REFUSED = frozenset({400, 401, 403})


class TokenService:
    """What all secrets that are shown to the token service have in common.

    Nothing of these calls is kept, not even in an error's detail. `bad_credential` is the code of
    Anaplan's one answer to all that is wrong with the secret.
    """

    bad_credential: ClassVar[str]

    def __init__(
        self,
        *,
        session: EgressSession,
        hosts: Hosts,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._session = session
        self._base = hosts.token.rstrip("/")
        self._clock = clock

    def renew(self, token: Token) -> Token | None:
        """The same sign-in with a later end; None when it cannot be renewed any more."""
        answer = self._post("/token/refresh", f"AnaplanAuthToken {token.value}")
        if answer.status in _REFUSED:
            return None
        return self._token(answer, token)

    def refused(self) -> IntegrationError:
        """Anaplan does not take this sign-in."""
        return SignInRefused(self.bad_credential)

    def busy(self) -> IntegrationError:
        """Another worker is signing in."""
        return busy()

    def _sign_in(self, header: str, body: Mapping[str, str] | None = None) -> Token:
        """A new token. Raises `SignInRefused` when the secret is not taken."""
        return self._token(self._post("/token/authenticate", header, body), None)

    def _post(self, path: str, header: str, body: Mapping[str, str] | None = None) -> Answer:
        return self._session.request(
            "POST",
            self._base + path,
            auth_header=header,
            headers={"Content-Type": "application/json"},
            json=body,
            read_timeout=SIGN_IN_SECONDS,
            repeatable=False,
        )

    def _token(self, answer: Answer, old: Token | None) -> Token:
        if answer.status not in _GOOD:
            raise name_token_refusal(answer, self.bad_credential)
        info: Mapping[str, Any] = mapping(mapping(answer.json()).get("tokenInfo"))
        value = text(info.get("tokenValue")) or (old.value if old else "")
        if not value:
            raise IntegrationError("anaplan_bad_answer", what="sign in to Anaplan", missing="token")
        now = self._clock()
        ends_ms = whole(info.get("expiresAt"))
        life = ends_ms / 1000 - server_time(answer, now) if ends_ms else LIFE_SECONDS
        return Token(value, now + min(life, LIFE_SECONDS), issued_at=now)


class BasicSignIn(TokenService):
    """User and password, shown only when no living token can be renewed."""

    bad_credential = "anaplan_sign_in_refused"

    def __init__(
        self,
        *,
        session: EgressSession,
        hosts: Hosts,
        email: str,
        password: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(session=session, hosts=hosts, clock=clock)
        packed = base64.b64encode(f"{email}:{password}".encode()).decode("ascii")
        self._header = f"Basic {packed}"

    def authenticate(self) -> Token:
        """A new token from user and password."""
        return self._sign_in(self._header)


def busy() -> IntegrationError:
    """The error that says that another worker is signing in to Anaplan."""
    return IntegrationError("anaplan_sign_in_busy", retry_after=SIGN_IN_SECONDS)


def server_time(answer: Answer, now: float) -> float:
    """The server's clock if it tells it, so that a clock of ours that is off does no harm."""
    parsed = email.utils.parsedate_tz(answer.headers.get("date", ""))
    return float(email.utils.mktime_tz(parsed)) if parsed else now
