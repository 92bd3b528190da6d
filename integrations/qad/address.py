"""Reads a tenant URL as people paste it: what would be kept, and what was likely meant."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from integrations.transport.addresses import LOOPBACK_HOSTS, AddressPolicy, check_base_url
from integrations.transport.errors import IntegrationError

KNOWN_ROOTS = ("/clouderp", "/qad-central")
"""The context roots below which instances are known to answer."""

LONGEST_ADDRESS = 500

_USUAL_PORTS = (None, 443)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_HALF_SCHEME = re.compile(r"https?(?::/?|//?)(?=[^/:])|//", re.IGNORECASE)
# What stands in the paths of pages and services, never in a context root.
_INNER = frozenset(
    {"api", "oauth", "login", "logout", "resources", "j_spring_security_check", "swagger"}
)
_PAGES = (".jsp", ".html", ".htm", ".do")


@dataclass(frozen=True, slots=True)
class Advice:
    """What is to be said of a tenant URL.

    `url` is the address in the form that is kept. `problem` says what speaks against it, ""
    when nothing does; `offers` are addresses that were likely meant, the likeliest first. A
    problem that is only a doubt may be overruled by who knows better. `note` is worth knowing
    and stands in nobody's way.
    """

    url: str
    problem: str = ""
    offers: tuple[str, ...] = ()
    is_doubt: bool = False
    note: str = ""


def read_address(text: str, policy: AddressPolicy) -> Advice:
    """Say what is to be said of a tenant URL; nothing is added to it without a question."""
    url = text.strip().rstrip("/")
    if not url:
        return Advice("", "There is no address yet.")
    if not _SCHEME.match(url):
        return _without_scheme(url, policy)
    try:
        parts = urlsplit(url)
        port, host = parts.port, (parts.hostname or "").lower()
    except ValueError:
        return Advice(url, "It cannot be read as an address. Look at its host and its port.")
    is_own_http = parts.scheme == "http" and policy.allow_loopback and host in LOOPBACK_HOSTS
    scheme = "http" if is_own_http else "https"
    problem = _problem_of(parts, scheme)
    if problem:
        return Advice(url, problem, _meant(parts, scheme) if host else ())
    if not parts.path:
        problem = "It is a host alone. A tenant URL ends with the context root of the instance."
        return Advice(url, problem, _meant(parts, scheme), is_doubt=True)
    return _usable(url, port, policy)


def _without_scheme(url: str, policy: AddressPolicy) -> Advice:
    rest = _HALF_SCHEME.sub("", url, count=1)
    meant = read_address(f"https://{rest}", policy) if _SCHEME.match(f"https://{rest}") else None
    offers = (meant.offers or (meant.url,)) if meant else ()
    return Advice(url, "It does not begin with https://.", offers)


def _problem_of(parts: SplitResult, scheme: str) -> str:
    if "@" in parts.netloc:
        return "It has a user name or password in it. These have fields of their own."
    if parts.scheme == "http" != scheme:
        return "It begins with http://, so everybody on the way could read the password."
    if parts.scheme != scheme:
        return f"It begins with {parts.scheme}://, but a QAD is reached by https://."
    root = _root_of(parts.path)
    inner = parts.path[len(root) :]
    if "login" in inner.lower():
        return f"“{inner}” is the sign-in page. A tenant URL ends right before it."
    if "#" in parts.geturl() or inner:
        what = inner or "#" + parts.fragment
        return f"“{what}” is a page or a service inside QAD. A tenant URL ends right before it."
    if parts.query:
        return "It has a question mark in it. A tenant URL ends before that."
    return ""


def _usable(url: str, port: int | None, policy: AddressPolicy) -> Advice:
    try:
        kept = check_base_url(url, policy)
    except IntegrationError as error:
        return Advice(url, f"It cannot be used: {error.facts.get('reason', error.message)}.")
    if port in _USUAL_PORTS:
        return Advice(kept)
    note = (
        f"It uses port {port}, as instances do that a partner or your own company runs. A "
        "firewall there has to let ml-connector in."
    )
    return Advice(kept, note=note)


def _meant(parts: SplitResult, scheme: str) -> tuple[str, ...]:
    """The address up to its context root; with each known root where it has none."""
    host = parts.netloc.rpartition("@")[2].removesuffix(":80")
    root = _root_of(parts.path)
    return tuple(f"{scheme}://{host}{known}" for known in ((root,) if root else KNOWN_ROOTS))


def _root_of(path: str) -> str:
    """The path up to the first piece that only stands inside an instance."""
    kept: list[str] = []
    for piece in path.rstrip("/").split("/"):
        if piece.lower() in _INNER or piece.lower().endswith(_PAGES):
            break
        kept.append(piece)
    return "/".join(kept).rstrip("/")
