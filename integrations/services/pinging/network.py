"""The steps before any sign-in: may the address be called, is it known, who vouches for it."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from integrations.services.clients import address_policy, trusted_authorities
from integrations.services.pinging.steps import Found, Step
from integrations.transport.addresses import Target
from integrations.transport.errors import IntegrationError
from integrations.transport.probing import Certificate, Place, connect, look_up, place_of

CONNECT_SECONDS = 10.0
DAYS_BEFORE_END = 30
_ADDRESSES_SHOWN = 3


class Network:
    """Looks at the hosts of a connection one step at a time, each host at most once."""

    def __init__(self, urls: Sequence[str], ca_pem: str | None, until: float) -> None:
        self._urls = urls
        self._ca_pem = trusted_authorities(ca_pem)
        self._until = until
        self._policy = address_policy()
        self._places: list[Place] = []
        self._targets: dict[Place, list[Target]] = {}

    def steps(self) -> tuple[Step, ...]:
        """Return the three steps in their order."""
        return (
            Step("address", self._address),
            Step("dns", self._dns, "address"),
            Step("tls", self._tls, "dns"),
        )

    def _address(self) -> Found:
        places = [place_of(url, self._policy) for url in self._urls]
        self._places = list(dict.fromkeys(places))
        named = ", ".join(f"{place.host} on port {place.port}" for place in self._places)
        return Found(f"Calls to {named} are allowed.")

    def _dns(self) -> Found:
        said = []
        for place in self._places:
            targets = look_up(place, self._policy, self._seconds())
            self._targets[place] = targets
            shown = _addresses(targets)
            is_number = shown == place.host
            said.append(f"{place.host} is a number" if is_number else f"{place.host}: {shown}")
        return Found(f"{_joined(said)}.")

    def _tls(self) -> Found:
        said, warning, is_secure = [], None, False
        for place in self._places:
            shown = connect(place, self._targets[place], self._ca_pem, self._seconds())
            if shown is None:
                said.append(f"Port {place.port} answers, without TLS: this is a loopback address")
                continue
            is_secure = True
            said.append(_described(place, shown))
            warning = warning or _warning(place, shown)
        return Found(f"{_joined(said)}.", warning, is_skipped=not is_secure)

    def _seconds(self) -> float:
        return max(0.1, min(CONNECT_SECONDS, self._until - time.monotonic()))


def _joined(sentences: list[str]) -> str:
    return "; ".join(dict.fromkeys(sentences))


def _addresses(targets: list[Target]) -> str:
    known = list(dict.fromkeys(str(target.address[0]) for target in targets))
    more = f" and {len(known) - _ADDRESSES_SHOWN} more" if len(known) > _ADDRESSES_SHOWN else ""
    return ", ".join(known[:_ADDRESSES_SHOWN]) + more


def _described(place: Place, shown: Certificate) -> str:
    return (
        f"{place.host} shows a certificate for {shown.subject} by {shown.issuer}, good until "
        f"{shown.ends_at:%Y-%m-%d} ({_days_left(shown)} days), over {shown.version}"
    )


def _warning(place: Place, shown: Certificate) -> IntegrationError | None:
    days = _days_left(shown)
    if days >= DAYS_BEFORE_END:
        return None
    day = f"{shown.ends_at:%Y-%m-%d}"
    return IntegrationError("certificate_ends_soon", host=place.host, day=day, days=days)


def _days_left(shown: Certificate) -> int:
    return (shown.ends_at - datetime.now(UTC)).days
