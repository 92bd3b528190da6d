"""The one session class for all traffic to addresses that customers give."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import msgspec
import requests
from requests.exceptions import RequestException
from requests.exceptions import Timeout as RequestTimeout
from urllib3.exceptions import HTTPError

from audit.catalogue import Kind
from integrations.transport.addresses import AddressPolicy
from integrations.transport.answers import Answer, OpenAnswer
from integrations.transport.connections import GuardedAdapter
from integrations.transport.errors import IntegrationError
from integrations.transport.manners import Manners, NoManners
from integrations.transport.redaction import forms_of
from integrations.transport.retry import LAST_ATTEMPT, GiveUp, decide, suggest_later

USER_AGENT = "ml-connector"
LARGEST_ANSWER = 256 * 1024 * 1024
MOST_CONNECTIONS = 16
DOWNLOAD_SECONDS = 600.0
SHORTEST_WAIT = 0.05

# Failures of a call that are known to have happened before anything was sent.
NOTHING_SENT = frozenset(
    {"address_invalid", "address_refused", "authority_unreadable", "out_of_time"}
    | {"unreachable_dns", "unreachable_refused", "unreachable_timeout"}
    | {"tls_expired", "tls_not_yet_valid", "tls_self_signed", "tls_unknown_authority"}
    | {"tls_wrong_host", "tls_certificate_invalid", "tls_handshake_failed"}
)
_QUICK = frozenset({"connection_lost", "unreachable_refused"})

Params = Mapping[str, str] | Sequence[tuple[str, str]]
T = TypeVar("T", OpenAnswer, Answer, OpenAnswer | Answer)


class EgressSession:
    """Calls to customer addresses: checked address, no redirects, capped, safe for threads.

    Proxies and .netrc are never used, and a cookie only where the caller sends it.
    `connect_timeout` and `read_timeout` are seconds; the headers of an answer have
    `read_timeout`, its body as much again. `manners` says when each try of each call may go,
    whoever makes it. `until` is a moment of `time.monotonic()` past which no call is made, waits
    or is repeated.
    """

    def __init__(
        self,
        *,
        policy: AddressPolicy,
        connect_timeout: float = 10.0,
        read_timeout: float = 120.0,
        max_answer_bytes: int = LARGEST_ANSWER,
        ca_pem: str | None = None,
        user_agent: str = USER_AGENT,
        manners: Manners | None = None,
        sleep: Callable[[float], None] = time.sleep,
        until: float | None = None,
    ) -> None:
        self.policy = policy
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._max_bytes = max_answer_bytes
        self._manners = manners or NoManners()
        self._sleep = sleep
        self._until = until
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": "gzip"}
        self._hidden: frozenset[str] = frozenset()
        self._adapter = GuardedAdapter(policy, ca_pem=ca_pem, connections=MOST_CONNECTIONS)
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.adapters.clear()
        self._session.mount("https://", self._adapter)
        self._session.mount("http://", self._adapter)

    def close(self) -> None:
        """Close all kept connections."""
        self._session.close()

    def hide(self, *secrets: str) -> None:
        """Keep secrets out of everything that is said of answers, if a server sends them back."""
        forms = [forms_of(secret) for secret in secrets if secret not in self._hidden]
        self._hidden = self._hidden.union(*forms)

    def __enter__(self) -> "EgressSession":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Params | None = None,
        data: bytes | Mapping[str, str] | None = None,
        json: Any = None,
        auth_header: str | None = None,
        read_timeout: float | None = None,
        repeatable: bool,
        max_bytes: int | None = None,
        tries: int = LAST_ATTEMPT + 1,
    ) -> Answer:
        """The whole answer, of whatever status, after short retries of what is repeatable.

        Raises the codes of origin “network”, and that of the manners when nothing may be sent
        now; an answer of any HTTP status is an answer.
        """
        prepared = self._prepare(method, url, headers, params, data, json, auth_header)
        seconds = read_timeout or self._read_timeout

        def once() -> Answer:
            started = time.monotonic()
            with self._send(prepared, seconds, max_bytes) as opened:
                body = opened.read()
            elapsed = time.monotonic() - started
            hidden, cookies = opened.hidden, opened.cookies
            return Answer(opened.status, opened.headers, body, url, elapsed, hidden, cookies)

        return self._repeat(once, repeatable=repeatable, last=tries - 1)

    def open(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth_header: str | None = None,
        read_timeout: float | None = None,
        max_bytes: int | None = None,
        body_seconds: float = DOWNLOAD_SECONDS,
    ) -> OpenAnswer | Answer:
        """A good answer whose body the caller reads piece by piece; a bad one read whole.

        Repeated like a request until the headers are there; `body_seconds` is the limit for
        the whole body.
        """
        prepared = self._prepare(method, url, headers, None, None, None, auth_header)
        seconds = read_timeout or self._read_timeout

        def once() -> OpenAnswer | Answer:
            started = time.monotonic()
            opened = self._send(prepared, seconds, max_bytes, body_seconds)
            if opened.status < 400:
                return opened
            with opened:
                body = opened.read()
            elapsed = time.monotonic() - started
            return Answer(opened.status, opened.headers, body, url, elapsed, opened.hidden)

        return self._repeat(once, repeatable=True)

    def _prepare(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        params: Params | None,
        data: bytes | Mapping[str, str] | None,
        json: Any,
        auth_header: str | None,
    ) -> requests.PreparedRequest:
        self.policy.check_url(url)
        sent = dict(self._headers)
        sent["Accept"] = "application/json"
        if headers:
            sent.update(headers)
        if json is not None:
            data = msgspec.json.encode(json)
            sent["Content-Type"] = "application/json"
        if auth_header:
            self.hide(auth_header.partition(" ")[2])
            sent["Authorization"] = auth_header
        prepared = requests.PreparedRequest()
        prepared.prepare_method(method)
        prepared.prepare_url(url, params)
        prepared.prepare_headers(sent)
        prepared.prepare_body(data, None)
        return prepared

    def _send(
        self,
        prepared: requests.PreparedRequest,
        seconds: float,
        max_bytes: int | None,
        body_seconds: float | None = None,
    ) -> OpenAnswer:
        url = prepared.url or ""
        host = urlsplit(url).hostname or ""
        seconds = self._within(seconds)
        waits = (self._within(self._connect_timeout), seconds)
        try:
            response = self._session.get_adapter(url).send(
                prepared, stream=True, timeout=waits, verify=True
            )
        except (RequestTimeout, TimeoutError) as error:
            raise IntegrationError("answer_timeout", host=host, seconds=round(seconds)) from error
        except (RequestException, HTTPError, OSError) as error:
            raise IntegrationError("connection_lost", str(error), host=host) from error
        limit = self._max_bytes if max_bytes is None else max_bytes
        return OpenAnswer(
            response.raw,
            url,
            seconds=self._within(body_seconds or seconds),
            max_bytes=limit,
            hidden=self._hidden,
        )

    def _within(self, seconds: float) -> float:
        """So many seconds, or what is left until the session's end, if that is less."""
        if self._until is None:
            return seconds
        return max(SHORTEST_WAIT, min(seconds, self._until - time.monotonic()))

    def _repeat(
        self,
        once: Callable[[], T],
        *,
        repeatable: bool,
        last: int = LAST_ATTEMPT,
    ) -> T:
        attempt, waited = 0, 0.0
        while True:
            if self._until is not None and time.monotonic() >= self._until:
                raise IntegrationError("out_of_time")
            with self._manners.turn(self._until) as heed:
                answer, failure = _outcome_of(once)
                if answer is not None:
                    heed(answer)
            if answer is not None and answer.status < 400:
                return answer
            status, wish = (answer.status, answer.retry_after) if answer else (None, None)
            verdict = decide(status, attempt, wish, repeatable=repeatable, waited=waited, last=last)
            if isinstance(verdict, GiveUp) or self._within(verdict.seconds) < verdict.seconds:
                if failure is not None:
                    failure.retry_after = (
                        verdict.retry_after if isinstance(verdict, GiveUp) else verdict.seconds
                    )
                    raise failure
                return cast(T, answer)
            self._sleep(verdict.seconds)
            waited += verdict.seconds
            attempt += 1


def _outcome_of(once: Callable[[], T]) -> tuple[T | None, IntegrationError | None]:
    """An answer, or a failure that is quick and may pass at the next try; others are raised."""
    try:
        return once(), None
    except IntegrationError as error:
        if error.code in _QUICK:
            return None, error
        if error.kind is Kind.TRANSIENT and error.retry_after is None:
            error.retry_after = suggest_later(0, None)
        raise
