"""Signs in to QAD: OAuth2 with user and password, Basic, a form, or a token that was pasted."""

import base64
import time
from collections.abc import Callable, Mapping
from typing import Any

from integrations.qad.form_session import FormSignIn
from integrations.qad.profile import Profile
from integrations.transport.answers import Answer
from integrations.transport.errors import IntegrationError
from integrations.transport.retry import suggest_later
from integrations.transport.session import EgressSession
from integrations.transport.tokens import (
    CachedTokens,
    FixedToken,
    MemoryTokenStore,
    Token,
    TokenSource,
    TokenStore,
)

SIGN_IN_SECONDS = 30.0


class PasswordSignIn:
    """The OAuth2 password grant. Secrets go into the body, never into a URL or a log."""

    def __init__(
        self,
        *,
        session: EgressSession,
        profile: Profile,
        tenant_url: str,
        credentials: Mapping[str, str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._session = session
        self._auth = profile.auth
        self._base = tenant_url.rstrip("/")
        self._url = f"{self._base}/{profile.auth.token_path}"
        self._credentials = credentials
        self._client_id = profile.auth.client_id or credentials.get("client_id", "")
        self._clock = clock

    def authenticate(self) -> Token:
        """A new token. Raises `qad_unauthorized` when the secret is not taken."""
        answer = self._post(
            grant_type="password",
            username=self._credentials.get("user", ""),
            password=self._credentials.get("password", ""),
        )
        if answer.status in {400, 401, 403}:
            raise self.refused()
        return self._token(answer, None)

    def renew(self, token: Token) -> Token | None:
        """A token from the refresh token; None when only a new sign-in helps."""
        if not self._auth.refresh or not token.renewal:
            return None
        answer = self._post(grant_type="refresh_token", refresh_token=token.renewal)
        if answer.status in {400, 401, 403}:
            return None
        return self._token(answer, token)

    def refused(self) -> IntegrationError:
        """QAD does not take this sign-in."""
        return IntegrationError("qad_unauthorized", mode=self._auth.mode)

    def busy(self) -> IntegrationError:
        """Another worker is signing in."""
        return IntegrationError("qad_sign_in_busy", retry_after=SIGN_IN_SECONDS)

    def _post(self, **values: str) -> Answer:
        return self._session.request(
            "POST",
            self._url,
            data={"client_id": self._client_id, **values},
            read_timeout=SIGN_IN_SECONDS,
            repeatable=False,
        )

    def _token(self, answer: Answer, old: Token | None) -> Token:
        if answer.status != 200:
            raise self._failure(answer)
        data = _object(answer)
        value = data.get("access_token")
        if not isinstance(value, str) or not value:
            raise IntegrationError(
                "qad_not_json", path=self._auth.token_path, content_type="an answer without a token"
            )
        now = self._clock()
        seconds = _seconds(data.get("expires_in")) or self._auth.default_ttl_s
        renewal = data.get("refresh_token") or (old.renewal if old else "")
        return Token(value, now + seconds, renewal=str(renewal), issued_at=now)

    def _failure(self, answer: Answer) -> IntegrationError:
        """An answer that is no refusal; its body may hold secrets and is not kept."""
        path = self._auth.token_path
        if answer.status == 404:
            return IntegrationError("qad_wrong_base", base=self._base)
        if answer.status >= 500 or answer.status == 429:
            later = suggest_later(1, answer.retry_after)
            return IntegrationError("qad_error", retry_after=later, status=answer.status, path=path)
        if 300 <= answer.status < 400:
            return IntegrationError("qad_not_logged_in")
        return IntegrationError("qad_bad_request", status=answer.status, path=path)


def build_tokens(
    *,
    session: EgressSession,
    profile: Profile,
    tenant_url: str,
    credentials: Mapping[str, str],
    store: TokenStore | None = None,
    clock: Callable[[], float] = time.time,
    on_refused: Callable[[IntegrationError], None] = lambda _refusal: None,
) -> TokenSource:
    """The token source of the profile's way of signing in.

    `credentials` holds "user" and "password" (and "client_id" where the profile has none), or
    "token" for a pasted one. `store` shares the token between workers; `on_refused` is told when
    QAD does not take the secret.
    """
    mode = profile.auth.mode
    if mode in {"oauth2_password", "session_form"}:
        kind = PasswordSignIn if mode == "oauth2_password" else FormSignIn
        sign_in = kind(
            session=session,
            profile=profile,
            tenant_url=tenant_url,
            credentials=credentials,
            clock=clock,
        )
        early = float(profile.auth.margin_s)
        return CachedTokens(
            store or MemoryTokenStore(), sign_in, clock=clock, early=early, on_refused=on_refused
        )
    value = credentials.get("token", "")
    if mode == "basic":
        pair = f"{credentials.get('user', '')}:{credentials.get('password', '')}"
        value = base64.b64encode(pair.encode()).decode("ascii")
    return FixedToken(value, lambda: IntegrationError("qad_unauthorized", mode=mode), on_refused)


def _object(answer: Answer) -> Mapping[str, Any]:
    """The JSON of a token answer; a failure does not quote it."""
    try:
        data = answer.json()
    except IntegrationError as error:
        raise IntegrationError(
            "qad_not_json", path="oauth/token", content_type=answer.content_type or "no JSON"
        ) from error.__cause__
    return data if isinstance(data, Mapping) else {}


def _seconds(value: Any) -> int:
    text = str(value).split(".", 1)[0]
    return int(text) if text.isdigit() else 0
