"""What only admins of a workspace, or of the customer, may do."""

import pytest

from simulators import server
from simulators.anaplan.app import build_app
from simulators.anaplan.loading import BadModel, load
from tests.simulators.anaplan.client import ACTUALS, ANNA, BO, LENIENT, MODEL, WORKSPACE, Client
from tests.simulators.anaplan.test_model_file import change


def test_a_workspace_is_404_for_those_who_do_not_administrate_it(anna):
    assert anna.call("GET", f"/workspaces/{WORKSPACE}").json()["workspace"]["name"] == "Finance"
    anna.tell("users", {"email": ANNA[0], "roles": []})
    assert anna.call("GET", f"/workspaces/{WORKSPACE}").status_code == 404
    assert anna.call("GET", "/workspaces").json()["workspaces"][0]["id"] == WORKSPACE
    assert len(anna.call("GET", f"/workspaces/{WORKSPACE}/models").json()["models"]) == 2


@pytest.mark.parametrize(
    ("method", "path", "body", "good"),
    [
        ("POST", "/open", None, 200),
        ("POST", "/close", None, 204),
        ("PUT", "/onlineStatus", {"status": "online"}, 204),
        ("PUT", "/currentPeriod", {"date": "2026-01-31"}, 200),
        ("PUT", "/modelCalendar/fiscalYear", {"year": "FY26"}, 200),
        ("POST", "/lists/101000000001/resetIndex", None, 400),
    ],
)
def test_what_only_admins_of_a_workspace_may_do_is_403_for_others(anna, method, path, body, good):
    anna.tell("users", {"email": ANNA[0], "roles": ["tenantAdmin", "tenantAuditor"]})
    statuses = [anna.model(method, path, json=body).status_code]
    for setting in ({"not_admin_status": 404}, {"not_admin_status": 0}):
        anna.tell("settings", setting)
        statuses.append(anna.model(method, path, json=body).status_code)
    assert statuses == [403, 404, good]


def test_everyone_may_see_the_state_of_a_model(anna):
    anna.tell("users", {"email": ANNA[0], "roles": []})
    assert anna.model("GET", "/status").status_code == 200


def test_an_offline_model_can_be_open_for_admins(anna, bo):
    anna.tell("settings", {"model": "FP&A", "activeState": "MAINTENANCE"})
    anna.tell("users", {"email": BO[0], "roles": []})
    assert [who.model("GET", "/files").status_code for who in (anna, bo)] == [424, 424]
    anna.tell("settings", {"offline_lets_admins": True})
    assert [who.model("GET", "/files").status_code for who in (anna, bo)] == [200, 424]


def test_admins_and_visitors_are_listed_for_admins_of_the_customer(anna):
    anna.tell("users", {"email": BO[0], "roles": ["visitor"]})
    body = anna.call("GET", f"/workspaces/{WORKSPACE}/admins").json()
    assert body["admins"] == [
        {
            "firstName": "Anna",
            "lastName": "Lind",
            "email": "anna@lamps.example",
            "active": True,
            "otherWorkspaces": [],
        }
    ]
    assert body["meta"]["paging"]["totalSize"] == 1
    body = anna.call("GET", f"/workspaces/{WORKSPACE}/visitors").json()
    assert [visitor["email"] for visitor in body["visitors"]] == ["bo@lamps.example"]
    anna.tell("users", {"email": ANNA[0], "roles": ["workspaceAdmin", "tenantAuditor"]})
    for people in ("admins", "visitors"):
        assert anna.call("GET", f"/workspaces/{WORKSPACE}/{people}").status_code == 500


@pytest.mark.parametrize("roles", ["workspaceAdmin", ["king"], None])
def test_a_role_that_there_is_not_is_refused(anna, roles):
    assert anna.tell("users", {"email": ANNA[0], "roles": roles}).status_code == 400
    assert anna.call("GET", f"/workspaces/{WORKSPACE}").status_code == 200
    assert anna.call("GET", f"/models/{MODEL}").status_code == 200


def grant(*names):
    """A change of the model file: Bo is no admin and may run these alone."""
    return lambda body, _model: body["users"][1].update(roles=[], granted=list(names))


def test_who_is_no_admin_sees_and_runs_what_was_granted(tmp_path):
    path = change(tmp_path, grant("Load actuals", "118000000001"))
    start = {"localeName": "en_US"}
    with server.start(build_app(path)) as running:
        bo = Client(running.origin, BO)
        shown = [
            [row["name"] for row in bo.model("GET", f"/{kind}").json().get(kind, [])]
            for kind in ("imports", "exports", "actions", "processes")
        ]
        assert shown == [["Load actuals"], [], [], ["Month end"]]
        assert bo.model("GET", f"/imports/{ACTUALS}").status_code == 200
        export = "/exports/116000000001"
        assert bo.model("GET", export).status_code == 404
        bo.tell("settings", {"not_granted_is_defined": True})
        assert bo.model("GET", export).json()["exportMetadata"]["layout"] == "TABULAR_MULTI_COLUMN"
        assert "exports" not in bo.model("GET", "/exports").json()
        assert bo.model("POST", f"/imports/{ACTUALS}/tasks", json=start).status_code == 200
        refused = f"/imports/{LENIENT}/tasks"
        assert bo.model("POST", refused, json=start).status_code == 403
        assert bo.model("GET", refused).json()["meta"]["paging"]["totalSize"] == 0
        bo.tell("settings", {"not_granted_status": 0})
        assert bo.model("POST", refused, json=start).status_code == 200
        bo.tell("settings", {"not_granted_status": 404})
        bo.tell("users", {"email": BO[0], "roles": ["workspaceAdmin"]})
        assert bo.model("POST", refused, json=start).status_code == 200
        bo.http.close()


def test_a_grant_of_what_there_is_not_is_refused(tmp_path):
    with pytest.raises(BadModel, match=r"bo@lamps.example.*no action 'Load nothing'"):
        load(change(tmp_path, grant("Load nothing")))
