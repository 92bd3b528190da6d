"""Signs in to Anaplan with user and password, and keeps the token for its 35 minutes."""

import base64
import email.utils
import time
from collections.abc import Callable, Mapping
from typing import Any

from integrations.anaplan.answers import mapping, text, whole
from integrations.anaplan.failures import name_failure
from integrations.anaplan.types import Hosts
from integrations.transport.answers import Answer
from integrations.transport.errors import IntegrationError
from integrations.transport.session import EgressSession
from integrations.transport.tokens import (
    CachedTokens,
    MemoryTokenStore,
    Token,
    TokenSource,
    TokenStore,
)

__all__ = [
    "BasicSignIn",
    "CachedTokens",
    "MemoryTokenStore",
    "Token",
    "TokenSource",
    "TokenStore",
]

LIFE_SECONDS = 2100.0
SIGN_IN_SECONDS = 30.0


class BasicSignIn:
    """User and password, shown only when no living token can be renewed.

    Nothing of these calls is kept, not even in an error's detail.
    """

    def __init__(
        self,
        *,
        session: EgressSession,
        hosts: Hosts,
        email: str,
        password: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._session = session
        self._base = hosts.token.rstrip("/")
        packed = base64.b64encode(f"{email}:{password}".encode()).decode("ascii")
        self._header = f"Basic {packed}"
        self._clock = clock

    def authenticate(self) -> Token:
        """A new token. Raises `anaplan_sign_in_refused` when the secret is not taken."""
        answer = self._post("/token/authenticate", self._header)
        if answer.status in {400, 401, 403}:
            raise IntegrationError("anaplan_sign_in_refused", f"HTTP {answer.status}")
        if answer.status not in {200, 201}:
            raise _without_body(answer)
        return self._token(answer, None)

    def renew(self, token: Token) -> Token | None:
        """The same sign-in with a later end; None when it cannot be renewed any more."""
        answer = self._post("/token/refresh", f"AnaplanAuthToken {token.value}")
        if answer.status in {400, 401, 403}:
            return None
        if answer.status not in {200, 201}:
            raise _without_body(answer)
        return self._token(answer, token)

    def refused(self) -> IntegrationError:
        """Anaplan does not take this sign-in."""
        return IntegrationError("anaplan_sign_in_refused")

    def busy(self) -> IntegrationError:
        """Another worker is signing in."""
        return IntegrationError("anaplan_sign_in_busy", retry_after=SIGN_IN_SECONDS)

    def _post(self, path: str, header: str) -> Answer:
        return self._session.request(
            "POST",
            self._base + path,
            auth_header=header,
            headers={"Content-Type": "application/json"},
            read_timeout=SIGN_IN_SECONDS,
            repeatable=False,
        )

    def _token(self, answer: Answer, old: Token | None) -> Token:
        info: Mapping[str, Any] = mapping(mapping(answer.json()).get("tokenInfo"))
        value = text(info.get("tokenValue")) or (old.value if old else "")
        if not value:
            raise IntegrationError("anaplan_bad_answer", what="sign in to Anaplan", missing="token")
        now = self._clock()
        ends_ms = whole(info.get("expiresAt"))
        life = ends_ms / 1000 - _server_time(answer, now) if ends_ms else LIFE_SECONDS
        return Token(value, now + min(life, LIFE_SECONDS), issued_at=now)


def _server_time(answer: Answer, now: float) -> float:
    """The server's clock if it tells it, so that a clock of ours that is off does no harm."""
    parsed = email.utils.parsedate_tz(answer.headers.get("date", ""))
    return float(email.utils.mktime_tz(parsed)) if parsed else now


def _without_body(answer: Answer) -> IntegrationError:
    bare = Answer(answer.status, answer.headers, b"", answer.url, answer.elapsed)
    return name_failure(bare, "sign in to Anaplan")
