"""What only some model files have: views, sources of imports, default files, NO ACCESS."""

import json
import shutil
import time

import pytest
import requests

from simulators import server
from simulators.anaplan.app import build_app
from simulators.anaplan.loading import BadModel, load
from tests.simulators.anaplan.client import ANNA, BO, MODEL, MODEL_FILE, Client

GRID_VIEW = "203000000001"
VIEWS = [
    {
        "id": GRID_VIEW, "name": "By month", "module": "PLN01 Plan", "rows": ["Accounts"],
        "columns": ["Time"], "pages": ["Versions"], "lineItems": ["Amount"],
    },
]  # fmt: skip
COPIED = [
    {
        "id": "112000000011", "name": "From the plan", "module": "PLN01 Plan",
        "source": {"view": "By month"},
        "columns": [
            {"header": "Accounts", "dimension": "Accounts"},
            {"header": "Time", "dimension": "Time"},
            {"dimension": "Versions", "member": "Actual"},
            {"header": "Amount", "lineItem": "Amount"},
        ],
    },
    {
        "id": "112000000012", "name": "Entities of the copy", "list": "Accounts",
        "source": {"model": "FP&A copy", "list": "Entities"},
        "columns": [
            {"header": "Name", "property": "name"},
            {"header": "Code", "property": "code"},
            {"header": "Parent", "property": "parent"},
        ],
    },
]  # fmt: skip


def write(folder, change=None):
    """The usual model with views and copies, or with one thing wrong."""
    whole = json.loads(MODEL_FILE.read_text(encoding="utf-8"))
    model = whole["workspaces"][0]["models"][0]
    model["views"] = json.loads(json.dumps(VIEWS))
    model["imports"] += json.loads(json.dumps(COPIED))
    if change is not None:
        change(model)
    for name in ("accounts.csv", "plan.csv"):
        shutil.copy(MODEL_FILE.parent / name, folder)
    path = folder / "model.json"
    path.write_text(json.dumps(whole), encoding="utf-8")
    return path


@pytest.fixture
def origin(tmp_path):
    with server.start(build_app(write(tmp_path))) as running:
        requests.post(f"{running.origin}/_sim/settings", json={"task_seconds": 0.02})
        yield running.origin


def item_id(client, member, dimension="20000000020"):
    path = f"/views/{GRID_VIEW}/dimensions/{dimension}/items"
    rows = client.model("GET", path).json()["items"]
    return next(row["id"] for row in rows if row["name"] == member)


def test_views_are_listed_with_their_module(anna):
    rows = anna.model("GET", "/views?includesubsidiaryviews=true").json()["views"]
    assert [row["name"] for row in rows] == [
        "ACT01 Actuals",
        "PLN01 Plan",
        "'PLN01 Plan'.'By month'",
    ]
    assert (rows[2]["id"], rows[2]["moduleId"]) == (GRID_VIEW, "102000000002")
    assert len(anna.model("GET", "/views").json()["views"]) == 3
    rows = anna.model("GET", "/modules/102000000002/views").json()["views"]
    assert [row["name"] for row in rows] == ["default", "'PLN01 Plan'.'By month'"]
    anna.tell("settings", {"saved_views_need_asking": True})
    assert len(anna.model("GET", "/views").json()["views"]) == 2
    assert len(anna.model("GET", "/views?includesubsidiaryviews=true").json()["views"]) == 3


def test_a_view_names_what_lies_on_its_axes(anna):
    assert anna.model("GET", f"/views/{GRID_VIEW}").json() == {
        "viewId": GRID_VIEW,
        "viewName": "By month",
        "rows": [{"id": "101000000002", "name": "Accounts"}],
        "columns": [
            {"id": "20000000003", "name": "Time"},
            {"id": "101999999999", "name": "Line items"},
        ],
        "pages": [{"id": "20000000020", "name": "Versions"}],
    }
    default = anna.model("GET", "/views/102000000002").json()
    assert "pages" not in default
    assert anna.model("GET", "/views/203000000099").status_code == 404


def test_a_page_of_a_view_is_chosen_by_its_members(anna):
    path = f"/views/{GRID_VIEW}/data"
    budget = {"format": "v1", "pages": f"20000000020:{item_id(anna, 'Budget')}"}
    assert anna.model("GET", path, params=budget).json() == {
        "pages": ["Budget"],
        "columnCoordinates": [["Jan 26", "Amount"], ["Feb 26", "Amount"]],
        "rows": [{"rowCoordinates": ["Revenue"], "cells": ["1000.50", "0"]}],
    }
    assert anna.model("GET", path, params=budget | {"format": ""}).text == (
        "Budget\n,Jan 26,Feb 26\n,Amount,Amount\nRevenue,1000.50,0\n"
    )
    csv = {"Accept": "text/csv"}
    answer = anna.model("GET", path, params=budget, headers=csv)
    assert answer.headers["Content-Type"].startswith("text/csv")
    first = anna.model("GET", path, params={"format": "v1"}).json()
    assert first["pages"] == ["Actual"]
    none = anna.model("GET", path, params=budget | {"maxRows": "0"}).json()
    assert none["rows"] == []


def test_fields_are_quoted_on_demand(anna):
    accept = {"Accept": "text/csv;escaped=true"}
    text = anna.model("GET", f"/views/{GRID_VIEW}/data", headers=accept).text
    assert text.splitlines()[1] == '"","Jan 26","Feb 26"'


@pytest.mark.parametrize("selector", ["20000000003:1", "20000000020:1", "101000000002:1"])
def test_a_selector_that_is_not_on_pages_is_refused(anna, selector):
    answer = anna.model("GET", f"/views/{GRID_VIEW}/data", params={"pages": selector})
    assert answer.status_code == 400
    words = f"Invalid page selector [{selector.partition(':')[0]}]"
    assert answer.json()["status"]["message"] == words


def test_a_line_item_stands_for_its_module_with_itself_alone(anna):
    body = anna.model("GET", "/views/206000000011/data", params={"format": "v1"}).json()
    assert body["columnCoordinates"] == [["Amount"]]


def test_members_of_any_dimension_are_shown_as_a_view_or_line_item_has_them(anna):
    times = anna.model("GET", "/lineItems/206000000011/dimensions/20000000003/items").json()
    assert [row["name"] for row in times["items"]] == ["Jan 26", "Feb 26"]
    path = f"/views/{GRID_VIEW}/dimensions/101000000001/items"
    assert anna.model("GET", path).status_code == 404


def start(client, path, **body):
    answer = client.model("POST", f"{path}/readRequests", json=body).json()
    (key,) = (name for name in answer if name.endswith("ReadRequest"))
    return answer[key]


def finish(client, path, request_id):
    for _ in range(300):
        body = client.model("GET", f"{path}/readRequests/{request_id}").json()
        read = body.get("viewReadRequest") or body["listReadRequest"]
        if read["requestState"] == "COMPLETE":
            return read
        time.sleep(0.01)
    raise AssertionError(read)


def pages(client, path, read):
    base = f"{path}/readRequests/{read['requestId']}/pages"
    assert client.model("GET", f"{base}/{read['availablePages']}").status_code == 404
    return [client.model("GET", f"{base}/{n}").text for n in range(read["availablePages"])]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (
            "TABULAR_MULTI_COLUMN",
            "Versions,Accounts,Time,Amount\nBudget,Revenue,Jan 26,1000.50\nActual,Rent,Feb 26,7\n",
        ),
        (
            "TABULAR_SINGLE_COLUMN",
            "Versions,Accounts,Time,Line items,Value\n"
            "Budget,Revenue,Jan 26,Amount,1000.50\nActual,Rent,Feb 26,Amount,7\n",
        ),
        (
            "GRID_ALL_PAGES",
            "Actual\n,Jan 26,Feb 26\n,Amount,Amount\nRent,0,7\n"
            "Budget\n,Jan 26,Feb 26\n,Amount,Amount\nRevenue,1000.50,0\n",
        ),
    ],
)
def test_a_view_is_read_at_large(anna, form, text):
    path = f"/views/{GRID_VIEW}"
    read = start(anna, path, exportType=form)
    assert read["requestState"] == "NOT_STARTED"
    assert read["viewId"] == int(GRID_VIEW)
    read = finish(anna, path, read["requestId"])
    assert read["successful"] is True
    assert pages(anna, path, read) == [text]


def test_a_list_is_read_at_large_in_pages_of_whole_lines(anna):
    anna.tell("settings", {"read_page_bytes": 40})
    path = "/lists/101000000002"
    read = finish(anna, path, start(anna, path)["requestId"])
    assert pages(anna, path, read) == [
        "Name,Code,Parent\nAll accounts,,\n",
        "Revenue,A_4000,All accounts\n",
        "Rent,A_6000,All accounts\n",
    ]
    whole = anna.model("GET", f"{path}/items", headers={"Accept": "text/csv"}).text
    assert whole == "".join(pages(anna, path, read))
    assert anna.model("GET", f"{path}/preview").text == whole


def test_a_large_read_waits_for_the_model_and_can_be_stopped(anna, bo):
    anna.tell("hold", {})
    path = f"/views/{GRID_VIEW}"
    read = start(anna, path)
    address = f"{path}/readRequests/{read['requestId']}"
    assert anna.model("GET", address).json()["viewReadRequest"]["requestState"] == "NOT_STARTED"
    assert bo.model("GET", address).status_code == 404
    gone = anna.model("DELETE", address).json()["viewReadRequest"]
    assert gone["requestState"] == "CANCELLED"
    assert anna.model("GET", address).status_code == 404
    assert anna.model("POST", f"{path}/readRequests", json={"exportType": "X"}).status_code == 400


def test_a_large_read_takes_as_long_as_a_task(anna):
    anna.tell("settings", {"task_seconds": 60.0})
    path = f"/views/{GRID_VIEW}"
    address = f"{path}/readRequests/{start(anna, path)['requestId']}"
    time.sleep(0.5)
    assert anna.model("GET", address).json()["viewReadRequest"]["requestState"] == "IN_PROGRESS"
    gone = anna.model("DELETE", address).json()["viewReadRequest"]
    assert gone["requestState"] == "CANCELLED"


def test_a_large_read_that_nobody_uses_is_forgotten(anna):
    anna.tell("settings", {"read_request_minutes": 5})
    path = f"/views/{GRID_VIEW}"
    read = finish(anna, path, start(anna, path)["requestId"])
    address = f"{path}/readRequests/{read['requestId']}"
    anna.tell("clock", {"minutes": 4})
    assert anna.model("GET", address).status_code == 200
    anna.tell("clock", {"minutes": 6})
    assert anna.model("GET", address).status_code == 404


def test_an_import_can_read_a_view_of_the_same_model(anna):
    task = anna.run("imports", "112000000011")
    assert task["result"]["successful"] is True
    assert anna.cells("PLN01 Plan")["A_4000", "Jan 26", "Actual"]["Amount"] == "1000.50"


def test_an_import_can_read_a_list_of_another_model(anna):
    task = anna.run("imports", "112000000012")
    assert task["result"]["details"][0]["localMessageText"] == (
        "Accounts: 1 (1/0) rows successful, 0 ignored "
    )
    rows = anna.model("GET", "/lists/101000000002/items").json()["listItems"]
    assert (rows[-1]["name"], rows[-1]["code"]) == ("Lamps North", "E_1")
    body = anna.model("GET", "/imports/112000000012").json()["importMetadata"]
    assert body["type"] == "MODEL"


def test_an_archived_source_fails_the_import(anna):
    anna.tell("settings", {"model": "FP&A copy", "activeState": "ARCHIVED"})
    result = anna.run("imports", "112000000012")["result"]
    assert (result["successful"], result["details"][0]["type"]) == (False, "sourceModelArchived")


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ({"model": "Nobody", "view": "x"}, "failedToLocateModel"),
        ({"view": "Nothing"}, "failedToLocateSavedView"),
        ({"list": "Nothing"}, "failedToLocateHierarchy"),
    ],
)
def test_a_source_that_is_not_there_fails_the_import(tmp_path, source, kind):
    def change(model):
        model["imports"][-1]["source"] = source

    with server.start(build_app(write(tmp_path, change))) as running:
        client = Client(running.origin, ANNA)
        client.tell("settings", {"task_seconds": 0.0})
        result = client.run("imports", "112000000012")["result"]
        client.http.close()
    assert result["details"][0]["type"] == kind


@pytest.mark.parametrize(
    ("place", "member", "value", "words"),
    [
        ("views", "module", "Nothing", "view 'By month': there is no module 'Nothing'"),
        ("views", "pages", [], "view 'By month': must cover each of"),
        ("views", "lineItems", ["X"], "view 'By month': the module has no line item 'X'"),
        ("imports", "source", {}, "'source' needs either 'view' or 'list'"),
        ("imports", "fileId", "113000000001", "has both 'fileId' and 'source'"),
    ],
)
def test_a_view_or_source_that_does_not_fit_is_refused_at_the_start(
    tmp_path, place, member, value, words
):
    def change(model):
        model[place][-1][member] = value

    with pytest.raises(BadModel) as error:
        load(write(tmp_path, change))
    assert words in str(error.value)


def test_a_model_without_access_is_seen_from_outside_only(tmp_path):
    path = write(tmp_path)
    whole = json.loads(path.read_text(encoding="utf-8"))
    whole["users"][0]["noAccess"] = [MODEL]
    path.write_text(json.dumps(whole), encoding="utf-8")
    with server.start(build_app(path)) as running:
        client = Client(running.origin, ANNA)
        assert client.call("GET", f"/models/{MODEL}").status_code == 200
        assert len(client.call("GET", "/models").json()["models"]) == 2
        assert client.model("GET", "/files").status_code == 404
        assert client.model("GET", "/status").status_code == 404
        client.http.close()


def test_a_file_of_the_model_can_have_a_default_content(tmp_path):
    def change(model):
        model["files"][3]["content"] = "new.csv"

    (tmp_path / "new.csv").write_text("Code,Name,Parent\nA_7000,Fuel,\n", encoding="utf-8")
    with server.start(build_app(write(tmp_path, change))) as running:
        client = Client(running.origin, BO)
        client.tell("settings", {"task_seconds": 0.0})
        task = client.run("imports", "112000000004")
        client.http.close()
    assert task["result"]["details"][0]["localMessageText"].startswith("Accounts: 1 (1/0)")
