"""The demonstration's model, tried as an outside client would."""

from pathlib import Path

import pytest

from simulators import server
from simulators.anaplan.app import build_app
from simulators.data import adventureworks
from tests.simulators.anaplan.client import Client

MODEL_FILE = Path(adventureworks.__file__).parent / "model.json"
ROBOT = ("integration@adventure-works.example", "adventure-2011")
PLANNER = ("planner@adventure-works.example", "adventure-2011")
EXPECTED = {"files": 6, "imports": 6, "exports": 5, "actions": 1, "processes": 1}


@pytest.fixture
def origin():
    with server.start(build_app(MODEL_FILE)) as running:
        yield running.origin


def test_two_models_have_the_same_names_and_other_ids(origin):
    client = Client(origin, ROBOT)
    client.tell("settings", {"task_seconds": 0.0})
    models = [found["id"] for found in client.call("GET", "/models").json()["models"]]
    ids, names = [], []
    for model in models:
        for kind, count in EXPECTED.items():
            rows = client.call("GET", f"/models/{model}/{kind}").json()[kind]
            if kind == "files":
                rows = [row for row in rows if row["id"].startswith("113")]
            assert len(rows) == count
            ids += [row["id"] for row in rows]
            names += [row["name"] for row in rows]
    assert len(set(ids)) == 2 * len(set(names)) == len(ids)
    client.http.close()


def test_the_planner_sees_production_only(origin):
    client = Client(origin, PLANNER)
    models = client.call("GET", "/models").json()["models"]
    assert [found["name"] for found in models] == ["FP&A"]
    client.http.close()


def test_its_process_clears_names_and_loads(origin):
    client = Client(origin, ROBOT)
    client.tell("settings", {"task_seconds": 0.0})
    model = client.call("GET", "/models").json()["models"][0]["id"]
    base = f"/models/{model}"
    members = client.call("GET", f"{base}/lists").json()["lists"]
    centers = next(found["id"] for found in members if found["name"] == "Cost Centers")
    before = client.call("GET", f"{base}/lists/{centers}/items").json()["listItems"]
    files = client.call("GET", f"{base}/files").json()["files"]
    by_name = {found["name"]: found["id"] for found in files}
    row = f"Code,Name\n{before[0]['code']},{before[0]['name']}\nCC_NEW,New one\n"
    client.call("PUT", f"{base}/files/{by_name['cost_centers.csv']}", data=row.encode())
    header = "Entity,Account,Cost Center,Month,Currency,Debit,Credit,Net,Quantity\n"
    client.call("PUT", f"{base}/files/{by_name['actuals.csv']}", data=header.encode())
    process = client.call("GET", f"{base}/processes").json()["processes"][0]["id"]
    start = client.call(
        "POST", f"{base}/processes/{process}/tasks", json={"localeName": "en_US"}
    ).json()
    path = f"{base}/processes/{process}/tasks/{start['task']['taskId']}"
    for _ in range(300):
        task = client.call("GET", path).json()["task"]
        if task["taskState"] == "COMPLETE":
            break
    assert [found["successful"] for found in task["result"]["nestedResults"]] == [True] * 3
    after = client.call("GET", f"{base}/lists/{centers}/items").json()["listItems"]
    assert [found["code"] for found in after[len(before) :]] == ["CC_NEW"]
    client.http.close()
