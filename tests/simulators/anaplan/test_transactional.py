"""Members of lists and dimensions, read and written without a task."""

import pytest

from tests.simulators.anaplan.client import ACCOUNTS, ACCOUNTS_FILE, COPY

ENTITIES = "/lists/101000000001/items"


def test_all_members_with_codes_and_parents(anna):
    rows = anna.model("GET", "/lists/101000000002/items").json()["listItems"]
    assert [row["name"] for row in rows] == ["All accounts", "Revenue", "Rent"]
    assert "code" not in rows[0]
    assert rows[1]["code"] == "A_4000"
    assert rows[1]["parent"] == "All accounts"
    assert rows[1]["parentId"] == rows[0]["id"]
    assert rows[1]["listName"] == "Accounts"
    assert len({row["id"] for row in rows}) == 3


def test_members_are_added_once(anna):
    body = {"items": [{"name": "Lamps East", "code": "E_3"}, {"name": "X", "code": "E_1"}]}
    answer = anna.model("POST", f"{ENTITIES}?action=add", json=body).json()
    assert (answer["added"], answer["ignored"], answer["total"]) == (1, 1, 2)
    assert answer["failures"][0]["requestIndex"] == 1
    again = anna.model("POST", f"{ENTITIES}?action=add", json=body).json()
    assert (again["added"], again["ignored"]) == (0, 2)


def test_an_item_below_an_unknown_parent_fails_or_does_without(anna):
    path = "/lists/101000000002/items"
    items = [
        {"name": "Light", "code": "A_1", "parent": "Nothing"},
        {"name": "Heat", "code": "A_2", "parent": "Utilities"},
        {"name": "Utilities", "parent": "All accounts"},
        {"name": "Loop", "parent": "loop"},
    ]
    answer = anna.model("POST", f"{path}?action=add", json={"items": items}).json()
    assert (answer["added"], answer["ignored"], answer["total"]) == (2, 2, 4)
    assert answer["failures"] == [
        {
            "requestIndex": 0,
            "failureType": "INCORRECT_FORMAT",
            "failureMessageDetails": "incorrect format -- column name:Parent, value:Nothing",
        },
        {
            "requestIndex": 3,
            "failureType": "INCORRECT_FORMAT",
            "failureMessageDetails": "incorrect format -- column name:Parent, value:loop",
        },
    ]
    rows = {row["name"]: row for row in anna.model("GET", path).json()["listItems"]}
    assert rows["Heat"]["parent"] == "Utilities"
    assert not {"Light", "Loop"} & set(rows)
    moved = {"items": [{"code": "A_2", "name": "Warmth", "parent": "Nothing"}]}
    answer = anna.model("PUT", path, json=moved).json()
    assert (answer["updated"], answer["failures"][0]["requestIndex"]) == (0, 0)
    anna.tell("settings", {"unknown_parent": "dropped"})
    answer = anna.model("POST", f"{path}?action=add", json={"items": items[:1]}).json()
    assert (answer["added"], "failures" in answer) == (1, False)
    assert anna.model("PUT", path, json=moved).json()["updated"] == 1


def test_members_never_hang_in_a_circle(anna):
    path = "/lists/101000000002/items"
    items = [{"name": "One", "parent": "Two"}, {"name": "Two", "parent": "One"}]
    assert anna.model("POST", f"{path}?action=add", json={"items": items}).json()["added"] == 2
    rows = {row["name"]: row.get("parent") for row in anna.model("GET", path).json()["listItems"]}
    assert (rows["One"], rows["Two"]) == ("Two", None)
    items = [{"name": "Two", "parent": "One"}, {"name": "One", "parent": "One"}]
    answer = anna.model("PUT", path, json={"items": items}).json()
    assert (answer["updated"], answer["ignored"]) == (0, 2)
    assert answer["failures"][0]["failureMessageDetails"] == (
        "incorrect format -- column name:Parent, value:One"
    )
    anna.upload(
        ACCOUNTS_FILE, "Code,Name,Parent\nA_9,Self,A_9\nA_8,Eight,A_4000\nA_4000,Revenue,A_8\n"
    )
    task = anna.run("imports", ACCOUNTS)
    assert task["result"]["details"][1]["type"] == "hierarchyImportInvalidParent"
    rows = {row["name"]: row.get("parent") for row in anna.model("GET", path).json()["listItems"]}
    assert "Self" not in rows
    assert (rows["Eight"], rows["Revenue"]) == ("Revenue", "All accounts")


@pytest.mark.parametrize("odd", [True, ["x"], {"a": 1}])
def test_a_name_is_a_text(anna, odd):
    answer = anna.model("POST", f"{ENTITIES}?action=add", json={"items": [{"name": odd}]}).json()
    assert (answer["added"], answer["failures"][0]["failureType"]) == (0, "INCORRECT_FORMAT")
    items = [{"code": "E_1", "name": odd}]
    assert anna.model("PUT", ENTITIES, json={"items": items}).json()["updated"] == 0
    assert (
        anna.model("POST", f"{ENTITIES}?action=add", json={"items": [{"name": 7}]}).json()["added"]
        == 1
    )


def test_names_of_any_script_come_back_as_they_went(anna):
    item = {"name": "日本 ☃ Œuvre", "code": 'ü/ß,"x"'}
    anna.model("POST", f"{ENTITIES}?action=add", json={"items": [item]})
    row = anna.model("GET", ENTITIES).json()["listItems"][-1]
    assert (row["name"], row["code"]) == (item["name"], item["code"])
    found = anna.model("POST", "/dimensions/101000000001/items", json={"codes": [item["code"]]})
    assert found.json()["items"][0]["name"] == item["name"]


def test_members_are_renamed_and_deleted(anna):
    body = {"items": [{"code": "E_2", "name": "Lamps West"}, {"code": "E_7", "name": "?"}]}
    answer = anna.model("PUT", ENTITIES, json=body).json()
    assert (answer["updated"], answer["ignored"]) == (1, 1)
    body = {"items": [{"code": "E_1"}]}
    assert anna.model("POST", f"{ENTITIES}?action=delete", json=body).json()["deleted"] == 1
    rows = anna.model("GET", ENTITIES).json()["listItems"]
    assert [(row["name"], row["code"]) for row in rows] == [("Lamps West", "E_2")]


def test_a_member_with_a_code_is_not_changed_by_its_name_alone(anna):
    rows = anna.model("GET", ENTITIES).json()["listItems"]
    items = [
        {"name": "Lamps South", "parent": "Lamps North"},
        {"id": rows[1]["id"], "code": "E_20"},
        {"id": rows[1]["id"], "code": "E_1"},
        {"id": rows[1]["id"], "code": ""},
    ]
    answer = anna.model("PUT", ENTITIES, json={"items": items}).json()
    assert (answer["updated"], answer["total"]) == (1, 4)
    assert [(f["requestIndex"], f["failureType"]) for f in answer["failures"]] == [
        (0, "INCOMPLETE_DATA")
    ]
    rows = anna.model("GET", ENTITIES).json()["listItems"]
    assert [(row["code"], "parent" in row) for row in rows] == [("E_1", False), ("E_20", False)]


@pytest.mark.parametrize(
    ("query", "body"), [("add", {}), ("add", {"items": ["x"]}), ("", {"items": []})]
)
def test_wrong_bodies_are_400(anna, query, body):
    assert anna.model("POST", f"{ENTITIES}?action={query}", json=body).status_code == 400
    assert anna.model("POST", f"{ENTITIES}?action=add", data="{").status_code == 400


def test_existing_members_are_found_by_name_and_code(anna):
    path = "/dimensions/101000000002/items"
    body = {"names": ["REVENUE", "Nothing"], "codes": ["a_6000"]}
    rows = anna.model("POST", path, json=body).json()["items"]
    assert [row["code"] for row in rows] == ["A_4000", "A_6000"]
    assert anna.model("POST", path, json={"names": [], "codes": []}).status_code == 400
    assert "items" not in anna.model("POST", path, json={"codes": ["no"]}).json()
    versions = "/dimensions/20000000020/items"
    assert anna.model("POST", versions, json={"codes": ["Actual"]}).status_code == 400
    assert len(anna.model("POST", versions, json={"names": ["actual"]}).json()["items"]) == 1
    assert len(anna.model("GET", path).json()["items"]) == 3


def test_the_time_dimension_is_400_and_an_unknown_one_404(anna):
    assert anna.model("GET", "/dimensions/20000000003/items").status_code == 400
    assert anna.model("GET", "/dimensions/101000000099/items").status_code == 404
    assert anna.model("GET", "/lists/20000000020/items").status_code == 404


def test_the_users_are_a_dimension(anna, bo):
    path = "/dimensions/101999999999/items"
    names = [row["name"] for row in anna.model("GET", path).json()["items"]]
    assert names == ["anna@lamps.example", "bo@lamps.example"]
    rows = anna.call("GET", f"/models/{COPY}{path}").json()["items"]
    assert [row["name"] for row in rows] == ["anna@lamps.example"]
    body = {"names": ["BO@lamps.example", "cy@lamps.example"]}
    rows = anna.model("POST", path, json=body).json()["items"]
    assert [row["name"] for row in rows] == ["bo@lamps.example"]


def test_a_member_without_name_and_code_is_incomplete(anna):
    body = {"items": [{}, {"name": None, "code": ""}, {"name": "Lamps East"}]}
    answer = anna.model("POST", f"{ENTITIES}?action=add", json=body).json()
    assert (answer["added"], answer["ignored"]) == (1, 2)
    assert {f["failureType"] for f in answer["failures"]} == {"INCOMPLETE_DATA"}
