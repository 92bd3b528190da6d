"""Looks at an address step by step, by the same guard and trust that calls go through."""

import email.utils
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from integrations.transport.addresses import AddressPolicy, Target
from integrations.transport.certificates import build_tls_context
from integrations.transport.connections import dial, name_handshake_failure
from integrations.transport.errors import IntegrationError
from integrations.transport.session import EgressSession

_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Place:
    """The host and port that an address leads to."""

    host: str
    port: int
    is_secure: bool


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a server showed: for whom, by whom, until when, and the version of TLS."""

    subject: str
    issuer: str
    ends_at: datetime
    version: str


def place_of(url: str, policy: AddressPolicy) -> Place:
    """Where an address leads; no look-up of names.

    Raises `address_invalid`, and `address_refused` for a number that is not public.
    """
    policy.check_url(url)
    parts = urlsplit(url)
    host = parts.hostname or ""
    place = Place(host, parts.port or _PORTS[parts.scheme], parts.scheme == "https")
    if _is_number(host):
        policy.resolve(host, place.port)
    return place


def look_up(place: Place, policy: AddressPolicy, seconds: float) -> list[Target]:
    """All addresses of the host, each checked, within so many seconds.

    Name services keep their callers waiting as long as they like, so a thread asks that may be
    left behind. Raises what `AddressPolicy.resolve` raises.
    """
    found: list[list[Target] | IntegrationError] = []

    def ask() -> None:
        try:
            found.append(policy.resolve(place.host, place.port))
        except IntegrationError as error:
            found.append(error)

    asking = threading.Thread(target=ask, name="look-up", daemon=True)
    asking.start()
    asking.join(seconds)
    if not found:
        raise IntegrationError("unreachable_dns", "no answer in time", host=place.host)
    if isinstance(found[0], IntegrationError):
        raise found[0]
    return found[0]


def connect(
    place: Place, targets: list[Target], ca_pem: str | None, seconds: float
) -> Certificate | None:
    """The certificate of a host after a full check; None where it is reached without TLS.

    Nothing is sent. Raises the codes of connections and certificates.
    """
    with dial(targets, place.host, seconds) as plain:
        if not place.is_secure:
            return None
        context = build_tls_context(ca_pem)
        try:
            with context.wrap_socket(plain, server_hostname=place.host) as secure:
                return _read(secure)
        except (OSError, ssl.CertificateError) as error:
            raise name_handshake_failure(error, place.host, seconds) from error


def clock_ahead(
    session: EgressSession, url: str, clock: Callable[[], float] = time.time
) -> float | None:
    """Seconds by which our clock is ahead of the server's; None when it does not tell its time.

    Any answer will do: nobody signs in. The server cuts its time to whole seconds.
    """
    before = clock()
    answer = session.request("HEAD", url, repeatable=True, tries=2)
    after = clock()
    parsed = email.utils.parsedate_tz(answer.headers.get("date", ""))
    if parsed is None:
        return None
    server = email.utils.mktime_tz(parsed)
    if before - 1 <= server <= after:
        return 0.0
    return (before + after) / 2 - server


def _read(secure: ssl.SSLSocket) -> Certificate:
    shown: dict[str, Any] = secure.getpeercert() or {}
    ends = ssl.cert_time_to_seconds(shown["notAfter"])
    issuer = shown.get("issuer")
    return Certificate(
        subject=_name(shown.get("subject"), "commonName") or _first_alternative(shown),
        issuer=_name(issuer, "organizationName") or _name(issuer, "commonName"),
        ends_at=datetime.fromtimestamp(ends, UTC),
        version=secure.version() or "",
    )


def _name(parts: Any, wanted: str) -> str:
    """One attribute of a subject or issuer, "" when it has none."""
    return next((value for part in parts or () for name, value in part if name == wanted), "")


def _first_alternative(shown: dict[str, Any]) -> str:
    return next((value for _, value in shown.get("subjectAltName", ())), "")


def _is_number(host: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except OSError:
            continue
        return True
    return False
