"""A stand-in QAD over real HTTP with the demonstration's books, and a small client for it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from simulators import server
from simulators.qad.app import build_app

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "simulators" / "data" / "adventureworks"
OTHER = ROOT / "tests" / "data" / "other_books"
LEDGER = "qad/financials/generalledger"
BALANCES = f"{LEDGER}/GLBalances"
POSTINGS = f"{LEDGER}/journalentry/JournalEntryLines"
ACCOUNTS = "qad/base/coa/GLAccounts"
PERIODS = f"{LEDGER}/GLPeriods"


class Client:
    """Talks to the stand-in; every answer is returned, whatever its status."""

    def __init__(self, running: server.Running) -> None:
        self.url = running.url
        self.origin = running.origin
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.auth = ("demo", "demo")
        self.tell("settings", {"basic_seconds": 0})

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """A call inside the context root."""
        return self.http.request(
            method, f"{self.url}/{path}", allow_redirects=False, timeout=10, **options
        )

    def ask_token(self, **values: str) -> requests.Response:
        """Ask for a token with a form."""
        return self.call("POST", "oauth/token", data=values, auth=_nobody)

    def sign_in(self) -> dict[str, Any]:
        """Sign in by the password grant; later calls carry the token."""
        answer = self.ask_token(
            grant_type="password", client_id="ml-connector", username="demo", password="demo"
        )
        assert answer.status_code == 200, answer.text
        self.use(answer.json()["access_token"])
        return dict(answer.json())

    def use(self, token: str) -> None:
        """Let later calls carry this token."""
        self.http.auth = _nobody
        self.http.headers["Authorization"] = f"Bearer {token}"

    def get(
        self, document: str, *filters: str, workspace: str | None = "10USA_3", **query: Any
    ) -> requests.Response:
        """A list call of a business document."""
        headers = {} if workspace is None else {"x-qad-workspace-id": workspace}
        if filters:
            query["filter"] = [f"{text},literal" for text in filters]
        return self.call("GET", f"api/bdoc/{document}", params=query, headers=headers)

    def rows(self, document: str, *filters: str, **options: Any) -> list[dict[str, Any]]:
        """The rows of a list call, amounts as the text that stands in the answer."""
        answer = self.get(document, *filters, **options)
        assert answer.status_code == 200, answer.text
        return list(answer.json(parse_float=str, parse_int=str)["data"])

    def look(self, look_in: str, **query: Any) -> Any:
        """A look-in."""
        answer = self.http.get(f"{self.origin}/_sim/{look_in}", params=query, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def tell(self, path: str, body: object, method: str = "POST") -> requests.Response:
        """Change something through a look-in."""
        return self.http.request(method, f"{self.origin}/_sim/{path}", json=body, timeout=10)

    def fault(self, **fault: Any) -> None:
        """Set a fault."""
        assert self.tell("faults", [fault]).status_code == 200


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps requests from adding credentials of its own."""
    return request


@pytest.fixture
def serve() -> Iterator[Callable[..., Client]]:
    """Start stand-ins for any books; all of them stop after the test."""
    started: list[tuple[server.Running, Client]] = []

    def start(books: Path, **options: Any) -> Client:
        running = server.start(build_app(books, **options))
        started.append((running, Client(running)))
        return started[-1][1]

    yield start
    for running, client in started:
        client.http.close()
        running.stop()


@pytest.fixture
def qad(serve: Callable[..., Client]) -> Client:
    """The stand-in with the demonstration's books."""
    return serve(DEMO / "books")


@pytest.fixture
def write_books(tmp_path: Path) -> Callable[..., Path]:
    """Write a small books folder; files are given by name without .csv, None leaves one out."""

    def write(**files: str | None) -> Path:
        folder = tmp_path / "books"
        folder.mkdir(exist_ok=True)
        texts: dict[str, str | None] = {
            "entities": "domain,entity,description,base_currency\nD1,E1,One,EUR\nD1,E2,Two,EUR\n",
            "accounts": "domain,gl_account,description\n,100,Cash\n,600,Wages\n",
            "cost_centers": "domain,cost_center,description\n,C1,Shop\n",
            "periods": (
                "entity,year_period,start_date,end_date\n,202601,2026-01-01,2026-01-31\n"
                ",202602,2026-02-01,2026-02-28\n"
            ),
            "gl_balances": "entity,year_period,gl_account,debit,credit\nE1,202601,100,5.50,0\n",
        }
        texts.update(files)
        for name, text in texts.items():
            if text is not None:
                (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        return folder

    return write
