"""A small client for talking to a stand-in Anaplan over real HTTP."""

import gzip
import time
from pathlib import Path
from typing import Any

import requests

MODEL_FILE = Path(__file__).parent / "model.json"
WORKSPACE = "b0000000000000000000000000000001"
MODEL = "D0000000000000000000000000000001"
COPY = "D0000000000000000000000000000002"
ANNA = ("anna@lamps.example", "pass:wörd")
BO = ("bo@lamps.example", "secret")
ACTUALS, LENIENT, PLAN, ACCOUNTS = (f"11200000000{n}" for n in range(1, 5))
ACTUALS_FILE, LENIENT_FILE, PLAN_FILE, ACCOUNTS_FILE = (f"11300000000{n}" for n in range(1, 5))
HEADER = "Entity,Account,Cost Center,Period,Comment,Debit,Credit,Net\n"


class Client:
    """Talks to the stand-in as one user; every answer is returned, whatever its status."""

    def __init__(self, origin: str, user: tuple[str, str]) -> None:
        self.origin = origin
        self.http = requests.Session()
        self.http.trust_env = False
        answer = self.http.post(
            f"{origin}/token/authenticate", auth=(user[0].encode(), user[1].encode())
        )
        self.token = answer.json()["tokenInfo"]["tokenValue"] if answer.ok else ""
        self.http.headers["Authorization"] = f"AnaplanAuthToken {self.token}"

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """A call below `/2/0`."""
        return self.http.request(method, f"{self.origin}/2/0{path}", **options)

    def model(self, method: str, path: str, **options: Any) -> requests.Response:
        """A call below the model, in the long form."""
        long_form = f"/workspaces/{WORKSPACE}/models/{MODEL}"
        return self.call(method, long_form + path, **options)

    def upload(self, file_id: str, text: str | bytes) -> None:
        """Upload a file in one gzipped chunk."""
        raw = text.encode() if isinstance(text, str) else text
        assert self.model("POST", f"/files/{file_id}", json={"chunkCount": 1}).status_code == 200
        put = self.model("PUT", f"/files/{file_id}/chunks/0", data=gzip.compress(raw))
        assert put.status_code == 204

    def start(self, kind: str, object_id: str, **body: Any) -> str:
        """Start a task and give its id."""
        answer = self.model(
            "POST", f"/{kind}/{object_id}/tasks", json={"localeName": "en_US"} | body
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["task"]["taskId"])

    def task(self, kind: str, object_id: str, task_id: str) -> dict[str, Any]:
        """A task as it is now."""
        answer = self.model("GET", f"/{kind}/{object_id}/tasks/{task_id}")
        return dict(answer.json()["task"])

    def finish(self, kind: str, object_id: str, task_id: str) -> dict[str, Any]:
        """A task at its end."""
        for _ in range(500):
            task = self.task(kind, object_id, task_id)
            if task["taskState"] in ("COMPLETE", "CANCELLED"):
                return task
            time.sleep(0.01)
        raise AssertionError(f"the task did not end: {task}")

    def run(self, kind: str, object_id: str, **body: Any) -> dict[str, Any]:
        """Start a task and wait for its end."""
        return self.finish(kind, object_id, self.start(kind, object_id, **body))

    def load(self, rows: str) -> dict[str, Any]:
        """Upload rows of actuals under their header and import them."""
        self.upload(ACTUALS_FILE, HEADER + rows)
        return self.run("imports", ACTUALS)

    def look(self, path: str, **query: Any) -> Any:
        """A look-in."""
        answer = self.http.get(f"{self.origin}/_sim/{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def tell(self, path: str, body: object) -> requests.Response:
        """Change something through a look-in."""
        return self.http.post(f"{self.origin}/_sim/{path}", json=body)

    def cells(self, module: str = "ACT01 Actuals") -> dict[tuple[str, ...], dict[str, str]]:
        """All cells of a module: values by members."""
        rows = self.look("cells", module=module)["rows"]
        return {tuple(row["coordinates"].values()): row["values"] for row in rows}
