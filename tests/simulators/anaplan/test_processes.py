"""Processes, delete actions and imports into lists."""

import time

import pytest

from simulators.anaplan.dimensions import Dimension
from tests.simulators.anaplan.client import ACCOUNTS, ACCOUNTS_FILE, ACTUALS, Client

MONTH_END = "118000000001"


def members(client: Client, list_id: str = "101000000002") -> list[tuple[str, str, str]]:
    rows = client.model("GET", f"/lists/{list_id}/items").json()["listItems"]
    return [(row["name"], row.get("code", ""), row.get("parent", "")) for row in rows]


def test_a_list_import_creates_renames_and_reports(anna):
    anna.upload(
        ACCOUNTS_FILE,
        "Code,Name,Parent\nA_7000,Fuel,All accounts\nA_4000,Sales,\n"
        "A_4000,Again,\nA_1,Y,nobody\n,,\n",
    )
    task = anna.run("imports", ACCOUNTS)
    details = task["result"]["details"]
    assert details[0]["type"] == "hierarchyRowsProcessedWithFailures"
    assert details[0]["localMessageText"] == (
        "Accounts: 2 (1/1) rows successful, 0 (0/0) rows has warnings, 3 failed, 0 ignored"
    )
    assert {found["type"] for found in details[1:]} == {
        "hierarchyImportDuplicateSourceKey",
        "hierarchyImportInvalidParent",
        "hierarchyImportEmptyKey",
    }
    assert members(anna) == [
        ("All accounts", "", ""),
        ("Sales", "A_4000", "All accounts"),
        ("Rent", "A_6000", "All accounts"),
        ("Fuel", "A_7000", "All accounts"),
    ]


def test_a_new_member_can_be_loaded_at_once(anna):
    anna.upload(ACCOUNTS_FILE, "Code,Name,Parent\nA_7000,Fuel,\n")
    anna.run("imports", ACCOUNTS)
    anna.load("E_1,A_7000,Plant,Jan 26,,1,2,3\n")
    assert set(anna.cells()) == {("E_1", "A_7000", "CC_5", "Jan 26")}


def test_a_module_keeps_its_cells_when_a_list_outgrows_its_keys(anna):
    anna.load("E_1,A_6000,Plant,Jan 26,,1,2,3\n")
    rows = "".join(f"N_{n},New {n},\n" for n in range(3000))
    anna.upload(ACCOUNTS_FILE, "Code,Name,Parent\n" + rows)
    anna.run("imports", ACCOUNTS)
    anna.load("E_2,N_2999,Plant,Feb 26,,4,5,6\n")
    assert {key: row["Net"] for key, row in anna.cells().items()} == {
        ("E_1", "A_6000", "CC_5", "Jan 26"): "3",
        ("E_2", "N_2999", "CC_5", "Feb 26"): "6",
    }


def test_a_delete_action_clears_what_it_names(anna):
    anna.load("E_1,A_6000,Plant,Jan 26,,1,2,3\nE_1,A_6000,Plant,Feb 26,,1,2,3\n")
    task = anna.run("actions", "117000000001")
    assert task["result"] == {
        "successful": True,
        "failureDumpAvailable": False,
        "objectId": "117000000001",
        "objectName": "Clear January",
    }
    assert set(anna.cells()) == {("E_1", "A_6000", "CC_5", "Feb 26")}


def test_deleting_a_member_takes_its_cells_with_it(anna):
    anna.load("E_1,A_6000,Plant,Jan 26,,1,2,3\nE_2,A_6000,Plant,Jan 26,,1,2,3\n")
    anna.run("actions", "117000000002")
    assert members(anna, "101000000001") == [("Lamps North", "E_1", "")]
    assert set(anna.cells()) == {("E_1", "A_6000", "CC_5", "Jan 26")}


def test_a_process_runs_its_steps_in_order_and_nests_their_results(anna):
    anna.upload(ACCOUNTS_FILE, "Code,Name,Parent\nA_7000,Fuel,\n")
    anna.load("E_1,A_7000,Plant,Jan 26,,1,2,3\nE_1,A_6000,Plant,Jan 26,,1,2,3\n")
    task = anna.run("processes", MONTH_END)
    result = task["result"]
    assert (result["successful"], result["failureDumpAvailable"]) == (True, False)
    nested = result["nestedResults"]
    assert [found["objectName"] for found in nested] == [
        "Clear January",
        "Load accounts",
        "Load actuals",
        "Actuals read-back",
    ]
    assert nested[0]["details"] == []
    assert "details" not in result
    assert len(anna.cells()) == 2
    assert anna.model("GET", "/files/116000000001").text.count("\n") == 3


def test_a_process_stops_at_a_failing_step_and_keeps_what_was_done(anna):
    anna.load("E_1,A_6000,Plant,Jan 26,,1,2,3\n")
    result = anna.run("processes", MONTH_END)["result"]
    assert result["successful"] is False
    assert [found["successful"] for found in result["nestedResults"]] == [True, False]
    assert [(found["type"], found["localMessageText"]) for found in result["details"]] == [
        ("actionFailed", "Load accounts failed.")
    ]
    assert anna.cells() == {}


def test_the_dump_of_a_nested_import(anna):
    anna.upload(ACCOUNTS_FILE, "Code,Name,Parent\nA_7000,Fuel,\n")
    anna.load("E_1,A_9,Plant,Jan 26,,1,2,3\n")
    task = anna.run("processes", MONTH_END)
    assert task["result"]["failureDumpAvailable"] is True
    base = f"/processes/{MONTH_END}/tasks/{task['taskId']}/dumps"
    assert "Invalid Account: A_9" in anna.model("GET", f"{base}/{ACTUALS}").text
    assert len(anna.model("GET", f"{base}/{ACTUALS}/chunks").json()["chunks"]) == 1
    assert "A_9" in anna.model("GET", f"{base}/{ACTUALS}/chunks/0").text
    assert anna.model("GET", f"{base}/{ACCOUNTS}").status_code == 404


@pytest.mark.parametrize("keeps_steps", [False, True])
def test_a_process_that_is_cancelled_is_rolled_back_unless_told_otherwise(anna, keeps_steps):
    anna.load("E_1,A_6000,Plant,Jan 26,,1,2,3\n")
    before = anna.cells()
    anna.tell("settings", {"task_seconds": 4.0, "cancel_keeps_steps": keeps_steps})
    task_id = anna.start("processes", MONTH_END)
    while anna.cells():
        time.sleep(0.02)
    anna.model("DELETE", f"/processes/{MONTH_END}/tasks/{task_id}")
    assert anna.finish("processes", MONTH_END, task_id)["taskState"] == "CANCELLED"
    assert anna.cells() == ({} if keeps_steps else before)


def test_the_members_of_a_list_come_back_as_they_were():
    accounts = Dimension("101000000009", "Accounts")
    accounts.add("All")
    accounts.set_parent(accounts.add("Rent", "A_6000"), 0)
    bring_back = accounts.remember()
    accounts.add("Fuel", "A_7000")
    accounts.rename(1, "Leases")
    accounts.delete(0)
    bring_back()
    assert [(item.name, item.code, item.parent) for _, item in accounts.all()] == [
        ("All", "", -1),
        ("Rent", "A_6000", 0),
    ]
    assert [accounts.find(text) for text in ("All", "Rent", "A_6000", "Leases", "Fuel")] == [
        0,
        1,
        1,
        -1,
        -1,
    ]
    assert accounts.parents == {0}
