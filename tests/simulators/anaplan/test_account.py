"""Users, workspaces, models, envelopes, pages, addresses."""

import pytest

from tests.simulators.anaplan.client import COPY, MODEL, WORKSPACE

EMPTY_WORKSPACE = "b0000000000000000000000000000002"


def test_me_is_the_user_of_the_token(anna, bo):
    assert anna.call("GET", "/users/me").json()["user"] == {
        "id": "a0000000000000000000000000000001",
        "active": True,
        "email": "anna@lamps.example",
        "emailOptIn": False,
        "firstName": "Anna",
        "lastName": "Lind",
        "customerId": "c0000000000000000000000000000001",
        "lastLoginDate": "2026-11-01T08:05:37.000+0000",
    }
    assert bo.call("GET", "/users/me").json()["user"]["firstName"] == "Bo"


def test_workspaces_are_those_with_a_model(anna):
    body = anna.call("GET", "/workspaces", params={"tenantDetails": "True"}).json()
    assert body["meta"] == {
        "schema": "https://api.anaplan.com/2/0/objects/workspace",
        "paging": {"currentPageSize": 1, "totalSize": 1, "offset": 0},
    }
    assert body["status"] == {"code": 200, "message": "Success"}
    assert body["workspaces"] == [
        {
            "id": WORKSPACE,
            "name": "Finance",
            "active": True,
            "sizeAllowance": 10737418240,
            "currentSize": 1073741824,
        }
    ]


def test_the_size_of_a_workspace_needs_tenant_details(anna):
    assert "currentSize" not in anna.call("GET", f"/workspaces/{WORKSPACE}").json()["workspace"]
    assert anna.call("GET", f"/workspaces/{EMPTY_WORKSPACE}").status_code == 404


def test_models_with_details(anna):
    models = anna.call("GET", "/models", params={"modelDetails": "true"}).json()["models"]
    assert [(found["id"], found["activeState"]) for found in models] == [
        (MODEL, "UNLOCKED"),
        (COPY, "PRODUCTION"),
    ]
    assert set(models[0]) == {
        "id", "name", "activeState", "currentWorkspaceId", "currentWorkspaceName", "modelUrl",
        "categoryValues", "lastSavedSerialNumber", "lastModifiedByUserGuid", "memoryUsage",
        "isoCreationDate", "lastModified",
    }  # fmt: skip


def test_one_model_says_whether_something_runs(anna):
    body = anna.call("GET", f"/models/{MODEL}", params={"modelDetails": "true"}).json()
    assert body["model"]["modelTransactionRunning"] is False


def test_a_model_without_a_role_is_404_and_not_listed(bo):
    assert [m["id"] for m in bo.call("GET", "/models").json()["models"]] == [MODEL]
    assert bo.call("GET", f"/models/{COPY}").status_code == 404
    assert bo.call("GET", f"/models/{COPY}/files").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        f"/models/{MODEL.lower()}/files",
        f"/workspaces/{WORKSPACE.upper()}/models/{MODEL}/files",
        f"/workspaces/{EMPTY_WORKSPACE}/models/{MODEL}/files",
        f"/models/{MODEL}/nothing",
        "/nothing",
    ],
)
def test_ids_are_exact_and_unknown_paths_are_404(anna, path):
    answer = anna.call("GET", path)
    assert answer.status_code == 404
    body = answer.json()
    assert body["status"] == {"code": 404, "message": "Not Found"}
    assert body["path"] == f"/2/0{path}"
    assert body["timestamp"].endswith("000Z")


def test_the_long_form_of_a_single_model_is_405(anna):
    answer = anna.call("GET", f"/workspaces/{WORKSPACE}/models/{MODEL}")
    assert answer.status_code == 405
    assert answer.json()["status"]["message"] == "Method Not Allowed"
    assert anna.model("PATCH", "/files").status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        f"/models/{MODEL}/files",
        f"/workspaces/{WORKSPACE}/models/{MODEL}/files",
        f"/models/{MODEL}/files/",
        f"//models//{MODEL}/files",
    ],
)
def test_both_forms_of_address_and_extra_slashes_work(anna, path):
    assert anna.call("GET", path).json()["meta"]["paging"]["totalSize"] == 6


def test_pages_by_limit_and_offset(anna):
    body = anna.model("GET", "/files", params={"limit": 4, "offset": 1}).json()
    base = f"https://api.anaplan.com/2/0/workspaces/{WORKSPACE}/models/{MODEL}/files"
    assert body["meta"]["paging"] == {
        "currentPageSize": 4,
        "totalSize": 6,
        "offset": 1,
        "next": f"{base}?limit=4&offset=5",
        "previous": f"{base}?limit=4&offset=0",
    }
    assert len(body["files"]) == 4
    assert anna.model("GET", "/files", params={"limit": "x"}).status_code == 400


def test_a_large_limit_is_cut(anna):
    anna.tell("settings", {"page_size": 5})
    body = anna.model("GET", "/files", params={"limit": 9000}).json()
    assert body["meta"]["paging"]["currentPageSize"] == 5


def test_next_is_there_although_nothing_is_left(anna):
    anna.model("POST", "/files/113000000001", json={"chunkCount": 21})
    body = anna.model("GET", "/files/113000000001/chunks").json()
    assert body["meta"]["paging"]["currentPageSize"] == 21
    assert body["meta"]["paging"]["next"].endswith("/chunks?limit=20&offset=20")
    anna.tell("settings", {"next_link_always": False})
    body = anna.model("GET", "/files/113000000001/chunks").json()
    assert "next" not in body["meta"]["paging"]


def test_without_a_limit_next_counts_on_from_the_offset(anna):
    anna.model("POST", "/files/113000000001", json={"chunkCount": 46})
    path = "/files/113000000001/chunks"
    paging = anna.model("GET", path, params={"offset": 25}).json()["meta"]["paging"]
    assert (paging["currentPageSize"], paging["offset"]) == (21, 25)
    assert paging["next"].endswith("/chunks?limit=20&offset=45")
    paging = anna.model("GET", path, params={"offset": 26}).json()["meta"]["paging"]
    assert "next" not in paging


def test_an_empty_collection_is_left_out(anna):
    body = anna.call("GET", f"/models/{COPY}/imports").json()
    assert body["meta"]["paging"] == {"currentPageSize": 0, "totalSize": 0, "offset": 0}
    assert "imports" not in body


def test_the_state_of_an_idle_model(anna):
    body = anna.model("GET", "/status").json()
    status = body.pop("requestStatus")
    assert body == {}
    assert status.pop("creationTime") > 1_700_000_000_000
    assert status == {
        "peakMemoryUsageEstimate": None,
        "peakMemoryUsageTime": None,
        "progress": -1.0,
        "currentStep": "Open",
        "tooltip": None,
        "taskId": None,
        "exportTaskType": None,
    }


def test_older_calls_of_a_user_and_of_a_model(anna, bo):
    bo_id = "a0000000000000000000000000000002"
    shown = anna.call("GET", f"/users/{bo_id}/models").json()["models"]
    assert [found["id"] for found in shown] == [MODEL]
    assert len(anna.call("GET", "/users/me/models").json()["models"]) == 2
    shown = bo.call("GET", "/users/a0000000000000000000000000000001/models").json()["models"]
    assert [found["id"] for found in shown] == [MODEL]
    workspaces = anna.call("GET", f"/users/{bo_id}/workspaces").json()["workspaces"]
    assert [(w["id"], w["currentSize"]) for w in workspaces] == [(WORKSPACE, 1073741824)]
    assert anna.call("GET", "/users/nobody/models").status_code == 404
    assert len(anna.model("GET", "/users").json()["users"]) == 2
    assert len(anna.call("GET", f"/models/{COPY}/users").json()["users"]) == 1


@pytest.mark.parametrize(
    ("model", "offline", "online"),
    [(MODEL, "MAINTENANCE", "UNLOCKED"), (COPY, "PRODUCTION_MAINTENANCE", "PRODUCTION")],
)
def test_a_model_is_taken_offline_and_online_again(anna, model, offline, online):
    path = f"/models/{model}/onlineStatus"
    for status, state in (("offline", offline), ("online", online), ("online", online)):
        assert anna.call("PUT", path, json={"status": status}).status_code == 204
        assert anna.call("GET", f"/models/{model}").json()["model"]["activeState"] == state
    assert anna.call("POST", path, json={"status": "asleep"}).status_code == 400
    anna.tell("settings", {"model": model, "activeState": "LOCKED"})
    assert anna.call("PUT", path, json={"status": "offline"}).status_code == 400
