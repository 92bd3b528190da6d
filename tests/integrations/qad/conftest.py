"""A small set of books behind a stand-in QAD, and a client of it."""

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from integrations.qad.client import QadClient
from integrations.qad.profile import Profile, default_profile
from integrations.qad.types import Filter, Workspace
from integrations.transport.addresses import AddressPolicy
from integrations.transport.session import EgressSession
from simulators import server
from simulators.qad.app import build_app
from simulators.server import Running

LOGIN = {"user": "demo", "password": "demo", "client_id": "ml-connector"}
HOME = Workspace("10USA", "10USACO")
NOVEMBER = Filter("year_period", "eq", "202611")
ACCOUNTS = 23
_sessions: list[EgressSession] = []


def write_books(folder: Path) -> Path:
    """Two entities, two periods, 23 balances in November with awkward codes and digits."""
    files = {
        "entities.csv": [
            "domain,entity,description,base_currency,statutory_currency",
            "10USA,10USACO,Home,USD,USD",
            "20EUR,20EURCO,Abroad,EUR,PLN",
        ],
        "accounts.csv": [
            "domain,shared_set,gl_account,description,gl_type,is_balance_sheet,is_debit,"
            "analysis_type,is_active",
            *(
                f"10USA,GL,{6000 + n:05d},Account {n},STANDARD,false,true,NONE,true"
                for n in range(ACCOUNTS)
            ),
            "10USA,GL,9000,Heads,STATISTICAL,false,true,NONE,true",
            "20EUR,GL,06000,Konto,STANDARD,false,true,NONE,true",
        ],
        "cost_centers.csv": [
            "domain,shared_set,cost_center,description,is_active",
            "10USA,CC,0041,Assembly,true",
            "10USA,CC,A/B~1,Odd,false",
        ],
        "periods.csv": [
            "entity,year_period,start_date,end_date,period_type,status",
            "10USACO,202610,2026-10-01,2026-10-31,NORMAL,FROZEN",
            "10USACO,202611,2026-11-01,2026-11-30,NORMAL,OPEN",
            "20EURCO,202611,2026-11-01,2026-11-30,NORMAL,OPEN",
        ],
        "gl_balances.csv": [
            "entity,year_period,gl_account,sub_account,cost_center,project,layer,currency,"
            "debit,credit",
            *(
                f"10USACO,202611,{6000 + n:05d},,0041,,OFFICIAL,USD,{n}.10,0.0{n % 10}"
                for n in range(ACCOUNTS - 1)
            ),
            "10USACO,202611,06022,,A/B~1,,OFFICIAL,USD,12345678901234567890123456.78,-0.50",
            "20EURCO,202611,06000,,,,OFFICIAL,EUR,1.00,2.00",
        ],
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in files.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@dataclass
class StandIn:
    """A running stand-in QAD and its look-ins."""

    running: Running

    @property
    def url(self) -> str:
        return self.running.url

    def look(self, name: str, body: Any = None, method: str = "") -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.running.origin}/_sim/{name}", data=data, method=method or None
        )
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def fault(self, kind: str, path: str = "GLBalances", **params: Any) -> None:
        self.look("faults", [{"path": path, "kind": kind, "times": -1, **params}])

    def settings(self, **values: Any) -> None:
        self.look("settings", values)

    def count(self, name: str) -> int:
        return int(self.look("counters").get(name, 0))

    def calls(self, path: str) -> list[dict[str, Any]]:
        return list(self.look(f"requests?path={path}")["requests"])


@pytest.fixture(scope="session")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_books(tmp_path_factory.mktemp("books"))


@pytest.fixture
def qad(books: Path) -> Iterator[StandIn]:
    with server.start(build_app(books)) as running:
        yield StandIn(running)


def profile(**changes: Any) -> Profile:
    """The default profile with small pages and no spacing; `paging__size=5` changes a part."""
    data = default_profile()
    data["limits"]["min_gap_ms"] = 0
    data["paging"]["size"] = 5
    for name, value in changes.items():
        part, _, key = name.partition("__")
        data[part][key] = value
    return Profile.parse(data)


def make_session() -> EgressSession:
    made = EgressSession(
        policy=AddressPolicy(allow_loopback=True), read_timeout=2, sleep=lambda _seconds: None
    )
    _sessions.append(made)
    return made


@pytest.fixture(autouse=True)
def _sessions_are_closed() -> Iterator[None]:
    yield
    while _sessions:
        _sessions.pop().close()


def make_client(url: str, made: Profile | None = None, **changes: Any) -> QadClient:
    options: dict[str, Any] = {
        "session": make_session(),
        "profile": made or profile(),
        "tenant_url": url,
        "credentials": LOGIN,
    }
    return QadClient(**{**options, **changes})


@pytest.fixture
def client(qad: StandIn) -> QadClient:
    return make_client(qad.url)
