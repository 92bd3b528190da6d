"""Refuses addresses that lead inside a network: syntax first, then every resolved address."""

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from integrations.transport.errors import IntegrationError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver = Callable[..., Sequence[tuple[Any, ...]]]

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
LARGEST_PORT = 65_535
FIRST_FREE_PORT = 1024

# Services that speak no HTTP, or HTTP without a password, on ports above 1023.
_SERVICE_PORTS = frozenset(
    {1433, 1521, 2049, 2181, 2375, 2376, 2379, 2380, 3000, 3306, 3389, 4369, 5000, 5060, 5432}
    | {5601, 5671, 5672, 5900, 5984, 5985, 5986, 6000, 6379, 6443, 6667, 7001, 8086, 8125, 8500}
    | {8600, 9042, 9090, 9092, 9200, 9300, 10250, 10255, 11211, 15672, 25565, 27017, 27018, 50070}
)

# Special ranges of the IANA registries, and ranges that carry an IPv4 address inside an IPv6 one.
# `is_global` of the standard library covers most; the rest stands here.
_DENIED: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "100:0:0:1::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "2620:4f:8000::/48",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)

_CONTROL_OR_SPACE = re.compile(r"[\x00-\x20\x7f\\]")
_HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?")
_NUMERIC_LABEL = re.compile(r"\d+|0[xX][0-9A-Fa-f]*")


@dataclass(frozen=True, slots=True)
class Target:
    """One checked address to dial."""

    family: int
    address: tuple[Any, ...]


@dataclass(frozen=True)
class AddressPolicy:
    """Which addresses calls may go to.

    `allow_loopback` lets http and https reach this machine by its loopback names (demo and
    tests only); `allowed_networks` are networks that the operator, never a customer, opens.
    """

    allow_loopback: bool = False
    allowed_networks: tuple[str, ...] = ()
    resolver: Resolver = field(default=socket.getaddrinfo, repr=False)

    def check_url(self, url: str) -> None:
        """Raise `address_invalid` unless a call may go to this kind of URL; no look-up yet."""
        if _CONTROL_OR_SPACE.search(url):
            raise _invalid("", "it holds a blank, a control character or a backslash")
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise _invalid("", "it cannot be read as an address") from error
        if parts.fragment or url.endswith("#"):
            raise _invalid(parts.hostname, "it has a fragment (#)")
        _check_origin(parts.scheme, parts.netloc, self.allow_loopback)

    def resolve(self, host: str, port: int) -> list[Target]:
        """All addresses of the host, each of them checked; any bad one refuses the host.

        Raises `unreachable_dns` when there is none and `address_refused` for a bad one.
        """
        try:
            found = self.resolver(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise IntegrationError("unreachable_dns", str(error), host=host) from error
        targets = [Target(entry[0], entry[4]) for entry in found]
        if not targets:
            raise IntegrationError("unreachable_dns", "empty answer", host=host)
        for target in targets:
            if not self._allows(host, _parse(target.address[0])):
                raise IntegrationError("address_refused", str(target.address[0]), host=host)
        return targets

    def _allows(self, host: str, address: Address) -> bool:
        if address.is_loopback and self.allow_loopback:
            return host.rstrip(".").lower() in LOOPBACK_HOSTS
        if any(_holds(network, address) for network in _networks(self.allowed_networks)):
            return True
        return is_public(address)


def is_public(address: Address) -> bool:
    """Whether the address belongs to the open internet and hides no other one inside."""
    inner = getattr(address, "ipv4_mapped", None)
    if inner is not None:
        address = inner
    if not address.is_global or address.is_multicast:
        return False
    return not any(_holds(network, address) for network in _DENIED)


def check_base_url(url: str, policy: AddressPolicy) -> str:
    """A base address in the form that is kept: no query, no slash at the end.

    Raises `address_invalid` with the reason.
    """
    policy.check_url(url)
    parts = urlsplit(url)
    if "?" in url:
        raise _invalid(parts.hostname, "it has a query (?)")
    if any(piece in {".", ".."} for piece in re.split(r"/|%2[fF]", parts.path.replace("%2e", "."))):
        raise _invalid(parts.hostname, "its path leads upwards")
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


@lru_cache(maxsize=512)
def _check_origin(scheme: str, netloc: str, allow_loopback: bool) -> None:
    host, port = _split_netloc(netloc)
    local = allow_loopback and host.lower() in LOOPBACK_HOSTS
    if scheme != "https" and not (local and scheme == "http"):
        raise _invalid(host, "it does not begin with https://")
    if port is not None and not local and not _is_allowed_port(port):
        raise _invalid(host, f"port {port} belongs to another service")
    if ":" in host:
        return
    if not _HOST_NAME.fullmatch(host) or len(host) > 253:
        raise _invalid(host, "the host name has letters that host names cannot have")
    if _NUMERIC_LABEL.fullmatch(host.rstrip(".").rsplit(".", 1)[-1]) and not _is_plain(
        ipaddress.IPv4Address, host
    ):
        raise _invalid(host, "it is a number in an unusual form")


def _split_netloc(netloc: str) -> tuple[str, int | None]:
    parts = urlsplit(f"//{netloc}")
    if "@" in netloc:
        raise _invalid(parts.hostname, "it has a user name or password in it")
    try:
        port = parts.port
    except ValueError as error:
        raise _invalid(parts.hostname, "its port is no number up to 65535") from error
    host = parts.hostname or ""
    if not host:
        raise _invalid("", "it has no host")
    if ":" in host and not _is_plain(ipaddress.IPv6Address, host):
        raise _invalid(host, "its address in brackets cannot be read")
    return host, port


def _is_allowed_port(port: int) -> bool:
    if port == 443:
        return True
    return FIRST_FREE_PORT <= port <= LARGEST_PORT and port not in _SERVICE_PORTS


def _is_plain(kind: Callable[[str], Address], host: str) -> bool:
    """Whether the host is an address of that kind in its usual form, without a zone."""
    try:
        kind(host)
    except ValueError:
        return False
    return "%" not in host


def _parse(text: str) -> Address:
    return ipaddress.ip_address(text.split("%", 1)[0])


def _holds(network: Network, address: Address) -> bool:
    return network.version == address.version and address in network


@lru_cache(maxsize=64)
def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def _invalid(host: str | None, reason: str) -> IntegrationError:
    return IntegrationError("address_invalid", host=host or "given", reason=reason)
