"""Reads settings from the environment and tells all that are wrong at once."""

import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

Value = TypeVar("Value")
TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})


class WrongSettings(ImproperlyConfigured):
    """The start is refused; the message lists every setting that is missing or wrong."""


class Environment:
    """One reading of the environment.

    A setting that is missing or wrong is noted in `problems` and read as a harmless value of
    its type; `stop_if_wrong` then names every problem in one error.
    """

    def __init__(self, source: Mapping[str, str]) -> None:
        self._source = source
        self.problems: list[str] = []

    def complain(self, name: str, problem: str) -> None:
        """Notes that the setting `name` is wrong, in words that never show its value."""
        self.problems.append(f"{name} {problem}")

    def text(self, name: str, default: str | None = None) -> str:
        """The setting's text; without a default it must be set."""
        value = self._source.get(name, "").strip()
        if value:
            return value
        if default is None:
            self.complain(name, "is not set.")
            return ""
        return default

    def secret(self, name: str, default: str | None = None) -> str:
        """A text that may also lie in a file whose path is in NAME_FILE."""
        path = self._source.get(f"{name}_FILE", "").strip()
        if not path:
            return self.text(name, default)
        if self._source.get(name, "").strip():
            self.complain(name, f"is set twice: remove either {name} or {name}_FILE.")
            return ""
        try:
            value = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as problem:
            self.complain(f"{name}_FILE", f"cannot be read ({type(problem).__name__}).")
            return ""
        if not value:
            self.complain(f"{name}_FILE", "names an empty file.")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false; written 1, true, yes, on or 0, false, no, off."""
        word = self.text(name, "1" if default else "0").lower()
        if word not in TRUE_WORDS | FALSE_WORDS:
            self.complain(name, "must be 1 or 0.")
        return word in TRUE_WORDS

    def integer(self, name: str, *, default: int, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        text = self.text(name, str(default))
        if not text.isdecimal() or not low <= int(text) <= high:
            self.complain(name, f"must be a whole number from {low} to {high}.")
            return default
        return int(text)

    def choice(self, name: str, allowed: Sequence[str], *, default: str) -> str:
        """One of the allowed words."""
        word = self.text(name, default)
        if word not in allowed:
            self.complain(name, f"must be one of: {', '.join(allowed)}.")
            return default
        return word

    def parsed(self, name: str, text: str, parse: Callable[[str], Value], fallback: Value) -> Value:
        """What `parse` makes of the text; a ValueError's words become the problem."""
        if not text:
            return fallback
        try:
            return parse(text)
        except ValueError as problem:
            self.complain(name, str(problem))
            return fallback

    def stop_if_wrong(self) -> None:
        """Raises WrongSettings with the list of all problems, if there are any."""
        if self.problems:
            lines = "".join(f"\n  - {problem}" for problem in self.problems)
            raise WrongSettings(
                f"ml-connector cannot start: {len(self.problems)} setting(s) are missing or "
                f"wrong.{lines}\nEvery setting is described in docs/settings.md."
            )


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """Where a PostgreSQL database is and who signs in there."""

    name: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    host: str = ""
    port: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


def parse_database_url(url: str) -> DatabaseAddress:
    """The parts of postgresql://user:password@host:port/name?option=value."""
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in ("postgresql", "postgres") or not name or not parts.username:
        raise ValueError("must look like postgresql://user:password@host:5432/name.")
    return DatabaseAddress(
        name=name,
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        host=unquote(parts.hostname or ""),
        port=str(parts.port or ""),
        options=dict(parse_qsl(parts.query)),
    )


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that takes outgoing mail; always with TLS, from the start or by STARTTLS."""

    host: str = ""
    port: int = 0
    user: str = ""
    password: str = field(default="", repr=False)
    is_tls_from_start: bool = False


def parse_mail_url(url: str) -> MailServer:
    """The parts of smtp://user:password@host:587 (STARTTLS) or smtps://…:465 (TLS at once)."""
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("must look like smtp://user:password@host:587 or smtps://…:465.")
    is_tls_from_start = parts.scheme == "smtps"
    return MailServer(
        host=parts.hostname,
        port=parts.port or (465 if is_tls_from_start else 587),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        is_tls_from_start=is_tls_from_start,
    )


def parse_mail_from(text: str) -> str:
    """The sender of all mail, with or without a name before the address."""
    _name, address = parseaddr(text)
    if "\n" in text or address.count("@") != 1 or address.startswith("@") or address[-1] == "@":
        raise ValueError("must look like ml-connector <no-reply@example.com>.")
    return text


def parse_redis_url(url: str) -> str:
    """The URL itself, when it is redis:// or rediss:// with a host."""
    parts = urlsplit(url)
    if parts.scheme not in ("redis", "rediss") or not parts.hostname:
        raise ValueError("must look like redis://:password@host:6379/0.")
    return url


def parse_origin(url: str) -> str:
    """Scheme, host and port of a public address, without a path."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must look like https://connector.example.com.")
    if parts.path not in ("", "/") or parts.query or parts.username:
        raise ValueError("must hold scheme, host and port only.")
    return f"{parts.scheme}://{parts.netloc}"


def parse_authorities(text: str) -> str:
    """The text itself, when it holds certificates in PEM form."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
    except (ssl.SSLError, ValueError):
        raise ValueError("holds no certificate in PEM form.") from None
    return text


def parse_encryption_keys(text: str) -> list[str]:
    """Fernet keys, newest first; each one is checked."""
    keys = [key.strip() for key in text.split(",") if key.strip()]
    for position, key in enumerate(keys, start=1):
        try:
            Fernet(key)
        except ValueError:
            raise ValueError(
                f"holds no Fernet key in place {position}; make one with "
                "`python -m connector_site.new_keys`."
            ) from None
    return keys
