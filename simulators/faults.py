"""Faults on command: which calls they hit, and what they do to the answer."""

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from aiohttp import web
from yarl import URL

from simulators.faultmembers import MEMBERS, TIMING, complaint_about, complaint_about_timing

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

GENERIC_KINDS = frozenset(MEMBERS)
_OWN_MEMBERS = {"path", "method", "after", "times", "kind", "probability", "seed", "seen", "done"}


@dataclass(frozen=True, slots=True)
class WeakPoints:
    """Where the faults of all systems find what each system does in a way of its own.

    `other_page` is the address of the page so many steps after that of a call, None without one;
    `revoke` ends all access tokens, and on wish the refresh tokens; `messages` are the members
    in which answers carry words; `too_many` is what the system says in a 429.
    """

    other_page: Callable[[URL, int], URL | None] = lambda _address, _step: None
    revoke: Callable[[web.Application, bool], object] = lambda _app, _refresh: None
    messages: frozenset[str] = frozenset({"message"})
    too_many: Mapping[str, object] = field(default_factory=lambda: {"error": "Too many requests"})


WEAK_POINTS = web.AppKey("weak_points", WeakPoints)


class BadFault(ValueError):
    """A fault that was described wrongly; the text says which member and why."""


@dataclass(slots=True)
class Fault:
    """One fault: hits calls whose path (with or without its query) matches, lets `after` pass.

    `times` is how many calls it spoils, -1 for all of them. With a `probability` below 1 each
    call that is due is spoiled or not by lot: the same calls for the same `seed`.
    """

    path: re.Pattern[str]
    kind: str
    method: str | None = None
    after: int = 0
    times: int = 1
    probability: float = 1.0
    seed: int = 0
    params: dict[str, Any] = field(default_factory=dict)
    seen: int = 0
    done: int = 0

    def is_about(self, method: str, path: str, query: str) -> bool:
        """Whether a call is one of those that this fault counts."""
        if self.method is not None and self.method != method:
            return False
        if self.path.search(path):
            return True
        return bool(query) and self.path.search(f"{path}?{query}") is not None

    @property
    def is_due(self) -> bool:
        """Whether the call just counted is to be spoiled."""
        if self.seen <= self.after or 0 <= self.times <= self.done:
            return False
        return self.probability >= 1 or Random(f"{self.seed}/{self.seen}").random() < (  # noqa: S311
            self.probability
        )

    def describe(self) -> dict[str, Any]:
        """The fault as JSON, with how many calls it saw and spoiled."""
        return {
            "path": self.path.pattern,
            "kind": self.kind,
            "method": self.method,
            "after": self.after,
            "times": self.times,
            "probability": self.probability,
            "seed": self.seed,
            **self.params,
            "seen": self.seen,
            "done": self.done,
        }


def parse_fault(raw: object, own_kinds: frozenset[str]) -> Fault:
    """Build a fault from its JSON form; BadFault names what is wrong."""
    if not isinstance(raw, dict):
        raise BadFault(f"A fault is an object, not {type(raw).__name__}.")
    known = GENERIC_KINDS | own_kinds
    kind = raw.get("kind")
    if kind not in known:
        raise BadFault(f"Unknown kind {kind!r}; known are: {', '.join(sorted(known))}.")
    params = {name: value for name, value in raw.items() if name not in _OWN_MEMBERS}
    about_kind = "" if kind in own_kinds else complaint_about(str(kind), params)
    if complaint := complaint_about_timing(raw) or about_kind:
        raise BadFault(complaint)
    try:
        path = re.compile(str(raw.get("path", "")))
    except re.error as error:
        raise BadFault(f"'path' is no regular expression: {error}.") from error
    return Fault(
        path=path,
        kind=str(kind),
        method=str(raw["method"]).upper() if raw.get("method") else None,
        params=params,
        **{name: raw[name] for name in TIMING if name in raw},
    )


FAULT = web.RequestKey("fault", Fault)
"""Key of a request under which a handler finds a fault that its own system carries out."""


def read_fault(text: str) -> dict[str, Any]:
    """Read a fault of the command line: JSON, or in short `KIND PATH MEMBER=VALUE …`.

    A value is read as JSON where it is that, else as text. Raises BadFault.
    """
    if text.lstrip().startswith("{"):
        try:
            found: dict[str, Any] = json.loads(text)
        except ValueError as error:
            raise BadFault(f"The fault {text!r} is not JSON: {error}.") from error
        return found
    kind, *rest = text.split()
    fault: dict[str, Any] = {"kind": kind}
    for word in rest:
        name, sign, value = word.partition("=")
        if not sign and "path" in fault:
            raise BadFault(f"{word!r} is no MEMBER=VALUE.")
        fault |= {name: _value(value)} if sign else {"path": word}
    return fault


def read_fault_file(path: Path) -> list[Any]:
    """The faults of a JSON file, a list or a single one; BadFault names the file."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadFault(f"{path} is not JSON: {error}.") from error
    return found if isinstance(found, list) else [found]


def _value(text: str) -> object:
    try:
        value: object = json.loads(text)
    except ValueError:
        return text
    return value


class FaultBook:
    """All faults that are set, and the choice of the one that a call gets."""

    def __init__(self, own_kinds: Iterable[str] = ()) -> None:
        self.own_kinds = frozenset(own_kinds)
        self.faults: list[Fault] = []

    def add(self, raw: object) -> list[Fault]:
        """Set one fault or a list of them; all or, on a BadFault, none."""
        items = raw if isinstance(raw, list) else [raw]
        added = [parse_fault(item, self.own_kinds) for item in items]
        self.faults.extend(added)
        return added

    def clear(self) -> None:
        """Forget all faults."""
        self.faults.clear()

    def take(self, method: str, path: str, query: str) -> Fault | None:
        """Count the call in every fault that is about it and return the first that is due."""
        chosen: Fault | None = None
        for fault in self.faults:
            if not fault.is_about(method, path, query):
                continue
            fault.seen += 1
            if chosen is None and fault.is_due:
                fault.done += 1
                chosen = fault
        return chosen


def fault_of(request: web.Request, *kinds: str) -> Fault | None:
    """The fault that this call got, when it is one of `kinds`."""
    fault = request.get(FAULT)
    return fault if fault is not None and fault.kind in kinds else None
