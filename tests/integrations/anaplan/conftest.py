"""A stand-in Anaplan and a client of it."""

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from integrations.anaplan.client import AnaplanClient
from integrations.anaplan.manners import AnaplanManners
from integrations.anaplan.tokens import BasicSignIn, CachedTokens, MemoryTokenStore
from integrations.anaplan.types import Hosts
from integrations.transport.addresses import AddressPolicy
from integrations.transport.ratelimit import Budget
from integrations.transport.session import EgressSession
from simulators import server
from simulators.anaplan.app import build_app
from tests.simulators.anaplan.client import ANNA, MODEL, MODEL_FILE, WORKSPACE

_sessions: list[EgressSession] = []


@dataclass
class StandIn:
    """A running stand-in Anaplan and its look-ins."""

    origin: str

    def look(self, name: str, body: Any = None, method: str = "") -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.origin}/_sim/{name}", data=data, method=method or None
        )
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def fault(self, kind: str, path: str, **params: Any) -> None:
        self.look("faults", [{"path": path, "kind": kind, "times": 1, **params}])

    def settings(self, **values: Any) -> None:
        self.look("settings", values)

    def count(self, name: str) -> int:
        return int(self.look("counters").get(name, 0))

    def calls(self, path: str, method: str = "") -> list[dict[str, Any]]:
        return list(self.look(f"requests?path={path}&method={method}")["requests"])


@pytest.fixture
def anaplan() -> Iterator[StandIn]:
    with server.start(build_app(MODEL_FILE)) as running:
        found = StandIn(running.origin)
        found.settings(task_seconds=0.02)
        yield found


def make_session(**options: Any) -> EgressSession:
    options = {"read_timeout": 2.0, "sleep": lambda _seconds: None, **options}
    made = EgressSession(policy=AddressPolicy(allow_loopback=True), **options)
    _sessions.append(made)
    return made


@pytest.fixture(autouse=True)
def _sessions_are_closed() -> Iterator[None]:
    yield
    while _sessions:
        _sessions.pop().close()


def make_client(origin: str, user: tuple[str, str] = ANNA, **changes: Any) -> AnaplanClient:
    session = changes.get("session") or make_session()
    hosts = Hosts(token=origin, oauth=origin, api=origin)
    sign_in = BasicSignIn(session=session, hosts=hosts, email=user[0], password=user[1])
    options: dict[str, Any] = {
        "session": session,
        "hosts": hosts,
        "tokens": CachedTokens(MemoryTokenStore(), sign_in),
        "workspace_id": WORKSPACE,
        "model_id": MODEL,
    }
    return AnaplanClient(**{**options, **changes})


@pytest.fixture
def client(anaplan: StandIn) -> AnaplanClient:
    return make_client(anaplan.origin)


def polite_client(origin: str, budget: Budget) -> AnaplanClient:
    """A client whose every call, signing in as well, is one of the budget's."""
    manners = AnaplanManners(budget, sleep=lambda _seconds: None)
    return make_client(origin, session=make_session(manners=manners))
