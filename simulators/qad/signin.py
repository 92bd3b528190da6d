"""Sign-in of the stand-in: OAuth2 grants, Basic, form login; tokens and sessions that end."""

import base64
import binascii
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulators.qad.books import Login
from simulators.qad.settings import Settings


class SignInRefused(Exception):
    """A token request that is refused, with the OAuth2 error word (RFC 6749 section 5.2)."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.description = description


@dataclass(slots=True)
class _Session:
    """A token pair; times on the stand-in's own clock, in seconds."""

    login: Login
    refresh_token: str
    issued: float
    last_used: float


class SignIns:
    """All logins and the tokens that were handed out."""

    def __init__(self, logins: Sequence[Login], settings: Settings) -> None:
        self._logins = logins
        self._settings = settings
        self._sessions: dict[str, _Session] = {}
        self._cookies: dict[str, _Session] = {}

    @property
    def client_id(self) -> str:
        """The instance's client id."""
        return self._logins[0].client_id

    def now(self) -> float:
        """The clock that tokens live on."""
        return time.monotonic() + self._settings.clock_ahead_seconds

    def grant(self, values: Mapping[str, str]) -> dict[str, Any]:
        """Answer a token request; SignInRefused when it is not granted."""
        client_id = values.get("client_id", "")
        if not any(login.client_id == client_id for login in self._logins):
            raise SignInRefused(401, "invalid_client", f"Unknown client '{client_id}'.")
        kind = values.get("grant_type", "")
        if kind == "password":
            return self._issue(
                self._login(values.get("username"), values.get("password"), client_id)
            )
        if kind == "refresh_token":
            return self._refresh(values.get("refresh_token", ""))
        raise SignInRefused(400, "unsupported_grant_type", f"Unsupported grant type '{kind}'.")

    def who(self, authorization: str, cookie: str) -> Login | None:
        """Who a call's Authorization header, or its session cookie, signs in.

        A token or session in use stays awake.
        """
        scheme, _, value = authorization.partition(" ")
        if scheme.lower() == "basic":
            return self._by_basic(value) if self._settings.basic_allowed else None
        if scheme.lower() == "bearer":
            session = self._sessions.get(value.strip())
        else:
            session = None if scheme else self._cookies.get(cookie)
        if session is None or self._has_ended(session):
            return None
        session.last_used = self.now()
        return session.login

    def open_session(self, user: str, password: str) -> str | None:
        """The cookie of a new form-login session; None when user or password are wrong."""
        login = self._find(user, password)
        if login is None or not self._settings.form_allowed:
            return None
        cookie, now = secrets.token_hex(16).upper(), self.now()
        self._cookies[cookie] = _Session(login, "", now, now)
        return cookie

    def revoke_all(self) -> int:
        """End all sessions, refresh tokens too; returns how many there were."""
        ended = len(self._sessions) + len(self._cookies)
        self._sessions.clear()
        self._cookies.clear()
        return ended

    def revoke_access(self) -> int:
        """End access tokens and form sessions but leave refresh tokens good; returns how many."""
        for session in self._sessions.values():
            session.issued = float("-inf")
        ended = len(self._sessions) + len(self._cookies)
        self._cookies.clear()
        return ended

    def _has_ended(self, session: _Session) -> bool:
        now = self.now()
        return (
            now - session.issued >= self._settings.session_minutes * 60
            or now - session.last_used >= self._settings.idle_minutes * 60
        )

    def _by_basic(self, value: str) -> Login | None:
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return self._find(user, password)

    def _find(self, user: str, password: str) -> Login | None:
        for login in self._logins:
            if (login.user, login.password) == (user, password):
                return login
        return None

    def _login(self, user: str | None, password: str | None, client_id: str) -> Login:
        for login in self._logins:
            if (login.user, login.password, login.client_id) == (user, password, client_id):
                return login
        raise SignInRefused(400, "invalid_grant", "Bad credentials")

    def _refresh(self, refresh_token: str) -> dict[str, Any]:
        for access_token, session in list(self._sessions.items()):
            if session.refresh_token == refresh_token:
                kept = None if self._settings.refresh_rotates else refresh_token
                if self._settings.refresh_rotates:
                    del self._sessions[access_token]
                return self._issue(session.login, kept)
        raise SignInRefused(400, "invalid_grant", "Invalid refresh token")

    def _issue(self, login: Login, refresh_token: str | None = None) -> dict[str, Any]:
        access_token = secrets.token_urlsafe(24)
        now = self.now()
        session = _Session(login, refresh_token or secrets.token_urlsafe(24), now, now)
        self._sessions[access_token] = session
        answer: dict[str, Any] = {
            "access_token": access_token,
            "token_type": "bearer",
            "refresh_token": session.refresh_token,
        }
        if self._settings.expires_in:
            minutes = min(self._settings.session_minutes, self._settings.idle_minutes)
            answer["expires_in"] = int(minutes * 60)
        return answer
