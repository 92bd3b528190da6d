"""Anaplan's OAuth2 service: a person approves once, refresh tokens carry it on."""

import base64
import binascii
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlencode

from integrations.anaplan.answers import Json, mapping, text, whole
from integrations.anaplan.refusals import name_oauth_refusal
from integrations.anaplan.tokens import LIFE_SECONDS, SIGN_IN_SECONDS, busy
from integrations.anaplan.types import Hosts
from integrations.transport.answers import Answer
from integrations.transport.errors import IntegrationError
from integrations.transport.redaction import mask
from integrations.transport.session import EgressSession
from integrations.transport.tokens import SignInRefused, Token

SCOPE = "openid profile email offline_access"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
DEVICE_SECONDS = 900
LONGEST_DEVICE_SECONDS = 3_600
INTERVAL_SECONDS = 5
LONGEST_INTERVAL_SECONDS = 60
SLOWER_SECONDS = 5
SETTLE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Granted:
    """A token, the refresh token that carries it on, and the e-mail of who approved, if told."""

    token: Token
    renewal: str = field(repr=False)
    user: str = ""


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """A device that waits for a person; `interval` and `seconds` (its life) are in seconds."""

    device_code: str = field(repr=False)
    user_code: str
    address: str
    full_address: str
    interval: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Pending:
    """Nobody has decided yet; ask again after `interval` seconds."""

    interval: int


class OAuthService:
    """The calls of one registered client; secrets go into bodies, never into an address."""

    def __init__(
        self,
        *,
        session: EgressSession,
        hosts: Hosts,
        client_id: str,
        client_secret: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._session = session
        self._base = hosts.oauth.rstrip("/")
        self._client_id = client_id
        self._client_secret = client_secret
        self._clock = clock

    def consent_url(self, redirect_uri: str, state: str) -> str:
        """Where a browser is sent so that a person approves."""
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": SCOPE,
            "state": state,
        }
        return f"{self._base}/auth/authorize?{urlencode(query)}"

    def redeem(self, code: str, redirect_uri: str) -> Granted:
        """What the code of an approval is worth; it is taken once."""
        answer = self._ask(
            "anaplan_code_ended",
            grant_type="authorization_code",
            code=code,
            redirect_uri=redirect_uri,
        )
        return self._granted(answer)

    def refresh(self, renewal: str) -> Granted:
        """A new token; the renewal is the old one where the answer has none."""
        answer = self._ask(
            "anaplan_approval_ended", grant_type="refresh_token", refresh_token=renewal
        )
        return self._granted(answer, renewal)

    def begin_device(self) -> DeviceCode:
        """A code that a person enters at Anaplan, on whatever device."""
        answer = self._post("/oauth/device/code", {"client_id": self._client_id, "scope": SCOPE})
        if answer.status != 200:
            raise self._failure(answer, "anaplan_device_code_ended")
        data = mapping(answer.json())
        device_code, user_code = text(data.get("device_code")), text(data.get("user_code"))
        address = _web_address(data.get("verification_uri"))
        if not (device_code and user_code and address):
            raise IntegrationError("anaplan_bad_answer", what="begin a device", missing="code")
        return DeviceCode(
            device_code,
            user_code,
            address,
            _web_address(data.get("verification_uri_complete")) or address,
            _clamped(data.get("interval"), INTERVAL_SECONDS, LONGEST_INTERVAL_SECONDS),
            _clamped(data.get("expires_in"), DEVICE_SECONDS, LONGEST_DEVICE_SECONDS),
        )

    def poll_device(self, device_code: str, interval: int) -> Granted | Pending:
        """What came of a device code; raises when it was denied or has ended."""
        values = {"grant_type": DEVICE_GRANT, "device_code": device_code}
        answer = self._post("/oauth/token", {"client_id": self._client_id, **values})
        if answer.status == 200:
            return self._granted(answer)
        word = _error_word(answer)
        if word == "authorization_pending":
            return Pending(interval)
        if word == "slow_down":
            return Pending(interval + SLOWER_SECONDS)
        raise self._failure(answer, "anaplan_device_code_ended")

    def _ask(self, bad_grant: str, **values: str) -> Answer:
        if self._client_secret:
            values["client_secret"] = self._client_secret
        answer = self._post("/oauth/token", {"client_id": self._client_id, **values})
        if answer.status != 200:
            raise self._failure(answer, bad_grant)
        return answer

    def _post(self, path: str, values: Mapping[str, str]) -> Answer:
        hidden = ("client_secret", "code", "device_code", "refresh_token")
        self._session.hide(*(values[name] for name in hidden if name in values))
        return self._session.request(
            "POST",
            self._base + path,
            data=values,
            read_timeout=SIGN_IN_SECONDS,
            repeatable=False,
        )

    def _failure(self, answer: Answer, bad_grant: str) -> IntegrationError:
        word = _error_word(answer)
        return name_oauth_refusal(answer, word, bad_grant=bad_grant, client=self._client_id)

    def _granted(self, answer: Answer, old: str = "") -> Granted:
        data = mapping(answer.json())
        value = text(data.get("access_token"))
        if not value:
            raise IntegrationError("anaplan_bad_answer", what="sign in to Anaplan", missing="token")
        renewal = text(data.get("refresh_token")) or old
        if not renewal:
            raise IntegrationError("anaplan_no_refresh_token")
        self._session.hide(value, renewal)
        now = self._clock()
        life = min(whole(data.get("expires_in")) or LIFE_SECONDS, LIFE_SECONDS)
        return Granted(
            Token(value, now + life, issued_at=now), renewal, _user_of(text(data.get("id_token")))
        )


class Renewals(Protocol):
    """Where a connection's refresh token is kept for good: one for all workers."""

    def read(self) -> str:
        """The refresh token as it is kept now, "" when nobody has approved."""

    def replace(self, shown: str, new: str) -> None:
        """Keep the token that came for `shown`, before anything is done with what came along."""


class OAuthSignIn:
    """Signs in by the kept refresh token, under the lock of the token store.

    A refresh token that rotates dies by its use: the next one is kept before the access token is
    used. One that is refused may have been used by another worker, so what is kept is read
    once more before the approval is given up.
    """

    def __init__(
        self,
        *,
        service: OAuthService,
        renewals: Renewals,
        name: str,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._service = service
        self._renewals = renewals
        self._name = name
        self._sleep = sleep

    def authenticate(self) -> Token:
        """A new token for the kept refresh token.

        Raises `anaplan_not_approved` where there is none.
        """
        shown = self._renewals.read()
        if not shown:
            raise IntegrationError("anaplan_not_approved", name=self._name)
        try:
            return self._exchange(shown)
        except IntegrationError as error:
            if error.code != "anaplan_approval_ended":
                raise
            newer = self._newer_than(shown)
            if not newer:
                raise
        return self._exchange(newer)

    def renew(self, token: Token) -> Token | None:  # noqa: ARG002
        """The same: an access token is not renewed by itself."""
        return self.authenticate()

    def refused(self) -> IntegrationError:
        """Anaplan does not take the refresh token."""
        return SignInRefused("anaplan_approval_ended")

    def busy(self) -> IntegrationError:
        """Another worker is signing in."""
        return busy()

    def _exchange(self, shown: str) -> Token:
        granted = self._service.refresh(shown)
        if granted.renewal != shown:
            self._renewals.replace(shown, granted.renewal)
        return granted.token

    def _newer_than(self, shown: str) -> str:
        self._sleep(SETTLE_SECONDS)
        kept = self._renewals.read()
        return "" if kept == shown else kept


def _error_word(answer: Answer) -> str:
    """The `error` of a refusal, "" where the answer is none of OAuth2."""
    try:
        found: Json = mapping(answer.json())
    except IntegrationError:
        return ""
    return mask(text(found.get("error")), answer.hidden)


def _clamped(value: object, usual: int, most: int) -> int:
    """The seconds that were told, at least one and at most so many; the usual where none were."""
    return max(1, min(whole(value) or usual, most))


def _web_address(value: object) -> str:
    """An address that a page may link to; "" for anything else."""
    address = text(value)
    return address if address.startswith(("https://", "http://")) else ""


def _user_of(id_token: str) -> str:
    """The e-mail that Anaplan told with the token, for people to read; nothing is decided by it."""
    part = id_token.split(".")[1] if id_token.count(".") == 2 else ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError):
        return ""
    return text(mapping(claims).get("email"))[:254]
