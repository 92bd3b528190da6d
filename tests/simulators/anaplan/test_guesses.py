"""Switches for answers that nobody has seen: the other forms that clients should bear."""

import pytest
import requests

from tests.simulators.anaplan.client import ACTUALS, ANNA, LENIENT, LENIENT_FILE, Client


@pytest.mark.parametrize(
    ("form", "body"),
    [
        (
            "failure",
            {
                "status": "FAILURE_INVALID_TOKEN",
                "statusMessage": "No valid token header found for the request",
            },
        ),
        ("envelope", {"code": 401, "message": "Unauthorized"}),
        ("empty", None),
    ],
)
def test_a_call_without_a_good_token_is_401_in_any_of_three_forms(anna, form, body):
    anna.tell("settings", {"unauthorized_body": form})
    headers = {"Authorization": "AnaplanAuthToken x"}
    answer = requests.get(f"{anna.origin}/2/0/users/me", headers=headers)
    assert answer.status_code == 401
    found = answer.json() if answer.content else None
    assert (found["status"] if form == "envelope" else found) == body


def test_a_task_may_be_started_without_a_locale(anna):
    path = f"/imports/{ACTUALS}/tasks"
    assert anna.model("POST", path, json={}).status_code == 400
    anna.tell("settings", {"locale_is_needed": False})
    assert anna.model("POST", path, json={}).status_code == 200


def test_cancelling_an_ended_task_can_be_refused(anna):
    path = f"/imports/{ACTUALS}/tasks/{anna.run('imports', ACTUALS)['taskId']}"
    assert anna.model("DELETE", path).json()["task"]["taskState"] == "COMPLETE"
    anna.tell("settings", {"ended_cancel_status": 409})
    assert anna.model("DELETE", path).status_code == 409
    assert anna.model("GET", path).json()["task"]["taskState"] == "COMPLETE"


def test_a_row_with_a_warning_can_leave_all_its_cells_alone(anna):
    text = "Entity;Account;Period;Net;Share;Debit\nE_2;A_6000;Feb 26;zwei;9;4\n"
    anna.tell("settings", {"warned_rows_are_dropped": True})
    anna.upload(LENIENT_FILE, text)
    assert anna.run("imports", LENIENT)["result"]["failureDumpAvailable"] is True
    assert anna.cells() == {}
    anna.tell("settings", {"warned_rows_are_dropped": False})
    anna.run("imports", LENIENT)
    assert [values["Debit"] for values in anna.cells().values()] == ["4"]


def test_a_view_can_show_rows_in_which_nothing_stands(anna):
    path, form = "/views/102000000002/data", {"format": "v1"}
    assert len(anna.model("GET", path, params=form).json()["rows"]) < 12
    anna.tell("settings", {"views_show_empty_rows": True})
    rows = anna.model("GET", path, params=form).json()["rows"]
    assert len(rows) == 3 * 2 * 2
    assert rows[0] == {
        "rowCoordinates": ["All accounts", "Jan 26", "Actual"],
        "cells": ["0", ""],
    }
    anna.tell("settings", {"most_cell_reads": 23})
    assert anna.model("GET", path, params=form).status_code == 400


def test_an_ended_token_can_be_refreshed_by_a_switch(anna):
    anna.tell("clock", {"minutes": 36})
    address = f"{anna.origin}/token/refresh"
    assert anna.http.post(address).status_code == 401
    anna.tell("settings", {"ended_token_refreshes": True})
    assert anna.call("GET", "/users/me").status_code == 401
    assert anna.http.post(address).status_code == 200
    assert anna.call("GET", "/users/me").status_code == 200


def test_tokens_can_outlive_the_deactivation_of_their_user(anna):
    anna.tell("settings", {"deactivation_ends_tokens": False})
    anna.tell("users", {"email": ANNA[0], "status": "deactivated"})
    assert anna.call("GET", "/users/me").status_code == 200
    assert Client(anna.origin, ANNA).token == ""
    anna.tell("settings", {"deactivation_ends_tokens": True})
    assert anna.call("GET", "/users/me").status_code == 401


@pytest.mark.parametrize("path", [f"/imports/{ACTUALS}/tasks", "/modules/102000000001/data"])
def test_a_body_that_says_that_it_is_no_json_is_415(anna, path):
    body = "[]" if path.endswith("data") else '{"localeName": "en_US"}'
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert anna.model("POST", path, data=body, headers=form).status_code == 415
    good = {"Content-Type": "application/json;charset=UTF-8"}
    assert anna.model("POST", path, data=body, headers=good).status_code == 200
    assert anna.model("POST", path, data=body.encode()).status_code == 200
    anna.tell("settings", {"wrong_type_status": 0})
    assert anna.model("POST", path, data=body, headers=form).status_code == 200


VIEW = "/views/102000000002"


def read_pages(client):
    """All pages of a large read of the plan, a row each, and the address of the read."""
    client.tell("settings", {"read_page_bytes": 1, "task_seconds": 0})
    body = {"exportType": "TABULAR_MULTI_COLUMN"}
    read = client.model("POST", f"{VIEW}/readRequests", json=body).json()["viewReadRequest"]
    address, pages = f"{VIEW}/readRequests/{read['requestId']}", []
    for _ in range(200):
        if client.model("GET", address).json()["viewReadRequest"]["requestState"] == "COMPLETE":
            break
    while (page := client.model("GET", f"{address}/pages/{len(pages)}")).status_code == 200:
        pages.append(page.text)
    return pages, address


def test_each_page_of_a_large_read_can_begin_with_the_header(anna):
    header = "Accounts,Time,Versions,Amount,Note\n"
    first = 'Revenue,Jan 26,Budget,1000.50,"signed, sealed"\n'
    assert read_pages(anna)[0][:2] == [header, first]
    anna.tell("settings", {"read_pages_have_header": True})
    pages, _ = read_pages(anna)
    assert pages[0] == header + first
    assert all(page.startswith(header) and page.count("\n") == 2 for page in pages)


def test_a_deleted_large_read_is_forgotten_or_stays(anna):
    for stays, status in ((False, 404), (True, 200)):
        anna.tell("settings", {"deleted_reads_stay": stays})
        _, address = read_pages(anna)
        assert anna.model("DELETE", address).status_code == 200
        assert anna.model("GET", address).status_code == status


def test_a_process_that_failed_can_be_silent_about_why(anna):
    details = anna.run("processes", "118000000001")["result"]["details"]
    assert details[0]["type"] == "actionFailed"
    anna.tell("settings", {"process_is_silent": True})
    result = anna.run("processes", "118000000001")["result"]
    assert (result["successful"], "details" in result) == (False, False)
