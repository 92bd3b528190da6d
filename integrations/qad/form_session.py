"""Signs in through QAD's own sign-in form: the session's cookie stands in for a token."""

import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from integrations.qad.profile import Profile
from integrations.transport.answers import Answer
from integrations.transport.errors import IntegrationError
from integrations.transport.retry import suggest_later
from integrations.transport.session import EgressSession
from integrations.transport.tokens import Token

SIGN_IN_SECONDS = 30.0
# QAD does not say how long a session lives. An ended one is noticed by its sign-in page.
SESSION_SECONDS = 8 * 3600.0


class FormSignIn:
    """The sign-in form. User and password go into the body, never into a URL or a log."""

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
        self._credentials = credentials
        self._clock = clock

    def authenticate(self) -> Token:
        """A new session; its value is the Cookie header. Raises `qad_unauthorized`."""
        user, password = self._auth.login_fields
        answer = self._session.request(
            "POST",
            f"{self._base}/{self._auth.login_path}",
            data={
                user: self._credentials.get("user", ""),
                password: self._credentials.get("password", ""),
            },
            read_timeout=SIGN_IN_SECONDS,
            repeatable=False,
        )
        cookie = "; ".join(answer.cookies)
        self._session.hide(*values_of(cookie))
        self._check(answer)
        if not cookie:
            raise IntegrationError("qad_no_session", path=self._auth.login_path)
        now = self._clock()
        return Token(cookie, now + SESSION_SECONDS, issued_at=now)

    def renew(self, token: Token) -> Token | None:  # noqa: ARG002
        """A session is not renewed: only a new sign-in helps."""
        return None

    def refused(self) -> IntegrationError:
        """QAD does not take this sign-in."""
        return IntegrationError("qad_unauthorized", mode=self._auth.mode)

    def busy(self) -> IntegrationError:
        """Another worker is signing in."""
        return IntegrationError("qad_sign_in_busy", retry_after=SIGN_IN_SECONDS)

    def _check(self, answer: Answer) -> None:
        """Raise unless the answer leads into QAD; one that shows the form again is a refusal."""
        status, path = answer.status, self._auth.login_path
        if status in {401, 403} or (status == 200 and answer.is_html):
            raise self.refused()
        if 300 <= status < 400:
            self._check_target(answer.headers.get("location", ""))
        elif status == 404:
            raise IntegrationError("qad_no_login_form", base=self._base, path=path)
        elif status >= 500 or status == 429:
            later = suggest_later(1, answer.retry_after)
            raise IntegrationError("qad_error", retry_after=later, status=status, path=path)
        elif status >= 400:
            raise IntegrationError("qad_bad_request", status=status, path=path)

    def _check_target(self, location: str) -> None:
        target, base = urlsplit(location), urlsplit(self._base)
        if target.netloc and target.netloc.lower() != base.netloc.lower():
            raise IntegrationError("redirect_refused", host=base.netloc, target=target.netloc)
        if "login" in target.path.lower() or "error" in target.query.lower():
            raise self.refused()


def values_of(cookie: str) -> list[str]:
    """The values in a Cookie header: what opens the session."""
    return [part.partition("=")[2] for part in cookie.split("; ") if part]
