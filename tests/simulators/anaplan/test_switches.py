"""Switches for what is not confirmed: each changes what a client sees, and nothing else."""

from email.utils import parsedate_to_datetime

import pytest
import requests

from tests.simulators.anaplan.client import (
    ACTUALS,
    ACTUALS_FILE,
    ANNA,
    COPY,
    HEADER,
    LENIENT_FILE,
    MODEL,
    Client,
)

ROW = "E_1,A_4000,Plant,Jan 26,,1,2,3\n"
BAD = "E_9,A_4000,Plant,Jan 26,,1,2,3\n"
IGNORED = "E_1,All accounts,Plant,Jan 26,,1,2,3\n"
BACK, MONTH_END = "116000000001", "118000000001"
START = {"localeName": "en_US"}
AT = [
    {"dimensionName": "Entities", "itemCode": "E_1"},
    {"dimensionName": "Accounts", "itemName": "Rent"},
    {"dimensionName": "Cost Centers", "itemCode": "CC_5"},
    {"dimensionName": "Time", "itemName": "Jan 26"},
]
DATA = "/modules/102000000001/data"


@pytest.mark.parametrize(
    ("switch", "value", "words"),
    [
        ("nothing", 1, "no switch 'nothing'"),
        ("page_size", "5", "'page_size' must be a int"),
        ("retry_after", "soon", "must be one of seconds, date, none"),
        ("allowed_addresses", "10.0.0.0/8, home", "'allowed_addresses'"),
    ],
)
def test_a_value_that_a_switch_cannot_have_is_refused_when_it_is_set(anna, switch, value, words):
    answer = anna.tell("settings", {switch: value})
    assert (answer.status_code, words in answer.text) == (400, True)
    sign_in = requests.post(
        f"{anna.origin}/token/authenticate", auth=("bo@lamps.example", "secret")
    )
    assert sign_in.status_code == 201


@pytest.mark.parametrize(
    ("switch", "state", "usual"),
    [
        ("locked_status", "LOCKED", 423),
        ("offline_status", "MAINTENANCE", 424),
        ("archived_status", "ARCHIVED", 422),
    ],
)
def test_the_status_of_a_refusing_state_can_be_set(anna, switch, state, usual):
    anna.tell("settings", {"activeState": state})
    statuses = []
    for value in (usual, 409, 0):
        anna.tell("settings", {switch: value})
        statuses.append(anna.model("POST", f"/imports/{ACTUALS}/tasks", json=START).status_code)
    assert statuses == [usual, 409, 200]


def test_a_deployed_model_takes_data_but_no_new_files(anna):
    anna.tell("settings", {"activeState": "PRODUCTION"})
    assert anna.load(ROW)["result"]["successful"] is True
    path = "/files/113000000099"
    assert anna.model("POST", path, json={"chunkCount": 1}).status_code == 425
    assert anna.look("counters").get("files_created", 0) == 0
    anna.tell("settings", {"deployed_status": 0})
    assert anna.model("POST", path, json={"chunkCount": 1}).status_code == 200


def test_a_busy_model_can_refuse_instead_of_making_callers_wait(anna):
    anna.tell("settings", {"busy_status": 409, "busy_task_status": 423})
    anna.tell("hold", {})
    assert anna.model("GET", "/lists/101000000001/items").status_code == 409
    assert anna.model("POST", DATA, json=[]).status_code == 409
    assert anna.model("POST", f"/imports/{ACTUALS}/tasks", json=START).status_code == 423
    anna.http.delete(f"{anna.origin}/_sim/hold")
    assert anna.model("GET", "/lists/101000000001/items").status_code == 200
    assert anna.model("POST", f"/imports/{ACTUALS}/tasks", json=START).status_code == 200


def test_an_unknown_definition_can_be_forbidden(anna):
    anna.tell("settings", {"unknown_task_status": 403})
    assert anna.model("POST", "/imports/112000000099/tasks", json=START).status_code == 403


@pytest.mark.parametrize(
    ("form", "start_has", "poll_has"),
    [("id", ["task"], ["task"]), ("bare", ["taskId"], ["taskId", "taskState"])],
)
def test_a_task_can_be_shown_in_leaner_forms(anna, form, start_has, poll_has):
    anna.tell("settings", {"task_answer": form})
    body = anna.model("POST", f"/imports/{ACTUALS}/tasks", json=START).json()
    assert list(body) == start_has
    task = body.get("task", body)
    assert list(task) == ["taskId"]
    shown = anna.model("GET", f"/imports/{ACTUALS}/tasks/{task['taskId']}").json()
    assert list(shown)[: len(poll_has)] == poll_has


def test_details_can_come_without_values(anna):
    anna.tell("settings", {"values_are_empty": True})
    details = anna.load(ROW)["result"]["details"]
    assert details[0]["values"] == []
    assert details[0]["localMessageText"].startswith("ACT01 Actuals: 1 ")


def process(client, **switches):
    client.tell("settings", switches)
    client.upload("113000000004", "Code,Name,Parent\n")
    client.upload(ACTUALS_FILE, HEADER + IGNORED)
    return client.run("processes", MONTH_END)["result"]


def test_nested_results_can_be_bare(anna):
    nested = process(anna, nested_is_bare=True)["nestedResults"]
    assert {name for result in nested for name in result} == {
        "successful", "failureDumpAvailable", "objectId",
    }  # fmt: skip


def test_a_process_can_fail_because_rows_were_only_ignored(anna):
    assert process(anna)["successful"] is True
    result = process(anna, process_fails_on_ignored=True)
    assert (result["successful"], result["failureDumpAvailable"]) == (False, False)
    assert {nested["successful"] for nested in result["nestedResults"]} == {True}


def test_a_process_can_go_on_after_a_failing_step(anna):
    anna.tell("settings", {"process_stops_at_failure": False})
    anna.upload(ACTUALS_FILE, HEADER + ROW)
    result = anna.run("processes", MONTH_END)["result"]
    assert result["successful"] is False
    flags = [nested["successful"] for nested in result["nestedResults"]]
    assert flags == [True, False, True, True]
    assert len(anna.cells()) == 1


def test_a_missing_dump_can_be_an_empty_answer(anna):
    path = f"/imports/{ACTUALS}/tasks/{anna.load(ROW)['taskId']}/dump"
    anna.tell("settings", {"no_dump_status": 204, "no_dump_chunks_status": 400})
    assert anna.model("GET", path).status_code == 204
    assert anna.model("GET", f"{path}/chunks").status_code == 400


def test_an_upload_that_was_begun_can_end_the_old_content_at_once(anna):
    anna.load(ROW)
    anna.tell("settings", {"incomplete_keeps_old": False})
    anna.model("POST", f"/files/{ACTUALS_FILE}", json={"chunkCount": -1})
    anna.model("PUT", f"/files/{ACTUALS_FILE}/chunks/0", data=HEADER.encode())
    result = anna.run("imports", ACTUALS)["result"]
    assert result["details"][0]["type"] == "uploadedFileNoLongerAvailable"


def test_cell_writes_can_have_an_envelope_and_a_smaller_limit(anna):
    cell = {"lineItemName": "Net", "dimensions": AT, "value": 1}
    assert list(anna.model("POST", DATA, json=[cell]).json()) == ["numberOfCellsChanged"]
    anna.tell("settings", {"cell_write_has_envelope": True, "most_cell_writes": 1})
    body = anna.model("POST", DATA, json=[cell]).json()
    assert (list(body), body["numberOfCellsChanged"]) == (
        ["meta", "status", "numberOfCellsChanged"],
        1,
    )
    assert anna.model("POST", DATA, json=[cell, cell]).status_code == 400
    anna.tell("settings", {"most_cell_write_bytes": 40})
    assert anna.model("POST", DATA, json=[cell]).status_code == 400


def test_a_view_with_too_many_cells_is_refused(anna):
    anna.load(ROW)
    view = "/views/102000000001/data"
    anna.tell("settings", {"most_cell_reads": 4})
    assert anna.model("GET", view).status_code == 200
    anna.tell("settings", {"most_cell_reads": 3})
    assert anna.model("GET", view).status_code == 400


def test_numbers_can_be_kept_as_a_double_keeps_them(anna):
    row = "E_1,A_4000,Plant,Jan 26,,12345678901234567.89,0.1,-3\n"
    anna.load(row)
    assert anna.cells()["E_1", "A_4000", "CC_5", "Jan 26"]["Debit"] == "12345678901234567.89"
    anna.tell("settings", {"cells_are_double": True})
    anna.load(row)
    values = anna.cells()["E_1", "A_4000", "CC_5", "Jan 26"]
    assert (values["Debit"], values["Credit"]) == ("12345678901234600", "0.1")
    cell = {"lineItemName": "Net", "dimensions": AT, "value": "0.12345678901234567"}
    anna.model("POST", DATA, json=[cell])
    assert anna.cells()["E_1", "A_6000", "CC_5", "Jan 26"]["Net"] == "0.123456789012346"


def test_an_export_can_have_a_mark_and_other_line_ends(anna):
    anna.load(ROW)
    anna.tell("settings", {"export_bom": True, "export_crlf": True})
    anna.run("exports", BACK)
    assert anna.model("GET", f"/files/{BACK}").content.decode() == (
        "\ufeffEntity,Account,Cost Center,Period,Debit,Credit,Net\r\n"
        "E_1,A_4000,Plant,Jan 26,1,2,3\r\n"
    )


def too_many(client, **switches):
    client.tell("settings", {"requests_per_minute": 1} | switches)
    return [client.call("GET", "/users/me") for _ in range(2)][-1]


def test_retry_after_can_be_a_date_or_missing(anna):
    answer = too_many(anna, retry_after="date")
    assert answer.status_code == 429
    assert parsedate_to_datetime(answer.headers["Retry-After"]).year > 2000
    assert "Retry-After" not in too_many(anna, retry_after="none").headers
    assert too_many(anna, retry_after="seconds").headers["Retry-After"].isdecimal()


@pytest.mark.parametrize(
    ("body", "start"), [("json", b'{"status"'), ("html", b"<html>"), ("empty", b"")]
)
def test_the_body_of_too_many_requests_can_be_set(anna, body, start):
    answer = too_many(anna, too_many_body=body)
    assert (answer.status_code, answer.content[: len(start) or 1]) == (429, start)


def test_a_fault_tells_too_many_requests_as_this_system_tells_errors(anna):
    anna.tell("faults", {"path": "users/me", "kind": "rate_limited"})
    answer = anna.call("GET", "/users/me")
    assert (answer.status_code, answer.json()) == (
        429,
        {"status": {"code": 429, "message": "Too Many Requests"}},
    )


def test_the_window_of_the_limit_can_be_set(anna):
    answer = too_many(anna, rate_window_seconds=3600)
    assert int(answer.headers["Retry-After"]) == pytest.approx(3600, abs=5)
    anna.tell("clock", {"seconds": 61})
    assert anna.call("GET", "/users/me").status_code == 429


def test_a_file_can_have_a_default_content_for_those_without_one_of_their_own(anna, bo):
    path = f"{anna.origin}/_sim/files/{ACTUALS_FILE}"
    assert anna.http.put(path, data=(HEADER + ROW).encode()).status_code == 204
    assert anna.http.put(path + "9", data=b"").status_code == 404
    anna.upload(ACTUALS_FILE, HEADER + ROW + ROW.replace("E_1", "E_2"))
    bo.run("imports", ACTUALS)
    assert len(anna.cells()) == 1
    anna.run("imports", ACTUALS)
    assert len(anna.cells()) == 2
    assert bo.model("GET", f"/files/{ACTUALS_FILE}").status_code == 404
    assert bo.model("GET", f"/files/{LENIENT_FILE}").status_code == 404


def stay_signed_in(client):
    """A token that outlives what the test does to the clock."""
    client.tell("settings", {"token_minutes": 9999})
    fresh = Client(client.origin, ANNA)
    client.http.headers["Authorization"] = fresh.http.headers["Authorization"]
    fresh.http.close()


def test_an_expired_content_gives_way_to_the_default_silently(anna):
    anna.tell("settings", {"private_hours": 1})
    stay_signed_in(anna)
    anna.http.put(f"{anna.origin}/_sim/files/{ACTUALS_FILE}", data=(HEADER + ROW).encode())
    anna.upload(ACTUALS_FILE, HEADER + ROW.replace("E_1", "E_2"))
    anna.tell("clock", {"minutes": 61})
    assert anna.run("imports", ACTUALS)["result"]["successful"] is True
    assert [key[0] for key in anna.cells()] == ["E_1"]


def test_the_life_of_contents_and_dumps_can_be_set(anna):
    anna.tell("settings", {"private_hours": 1})
    stay_signed_in(anna)
    paths = [f"/files/{ACTUALS_FILE}", f"/imports/{ACTUALS}/tasks/{anna.load(BAD)['taskId']}/dump"]
    statuses = []
    for minutes in (59, 59, 61):
        anna.tell("clock", {"minutes": minutes})
        statuses.append([anna.model("GET", path).status_code for path in paths])
    assert statuses == [[200, 200], [200, 200], [404, 404]]


def test_a_closed_model_is_slow_once_and_says_so(anna):
    assert anna.model("POST", "/open").status_code == 200
    assert anna.model("POST", "/close").status_code == 204
    anna.tell("settings", {"open_seconds": 0.3})
    assert anna.model("GET", "/status").json()["requestStatus"]["currentStep"] == "Closed"
    assert anna.model("GET", "/files").elapsed.total_seconds() > 0.25
    assert anna.model("GET", "/status").json()["requestStatus"]["currentStep"] == "Open"
    assert anna.model("GET", "/files").elapsed.total_seconds() < 0.2


def test_a_closed_model_can_be_opened_beforehand(anna):
    anna.model("POST", "/close")
    assert anna.model("POST", "/open").status_code == 202
    assert anna.model("GET", "/status").json()["requestStatus"]["currentStep"] == "Opening"
    assert anna.model("GET", "/files").status_code == 200
    assert anna.model("POST", "/open").status_code == 200


def test_a_busy_model_cannot_be_closed(anna):
    anna.tell("hold", {})
    assert anna.model("POST", "/close").status_code == 409
    assert anna.model("GET", "/status").json()["requestStatus"]["currentStep"] == "Processing ..."
    anna.tell("settings", {"busy_close_status": 0})
    assert anna.model("POST", "/close").status_code == 204
    anna.http.delete(f"{anna.origin}/_sim/hold")
    assert anna.model("GET", "/status").json()["requestStatus"]["currentStep"] == "Closed"


def test_a_model_that_nobody_used_is_unloaded(anna):
    anna.tell("settings", {"idle_minutes": 60})
    stay_signed_in(anna)
    anna.model("GET", "/files")
    anna.tell("clock", {"minutes": 59})
    assert anna.model("GET", "/status").json()["requestStatus"]["currentStep"] == "Open"
    anna.tell("clock", {"minutes": 2})
    assert anna.model("GET", "/status").json()["requestStatus"]["currentStep"] == "Closed"
    never_used = anna.call("GET", f"/models/{COPY}/status").json()["requestStatus"]
    assert (never_used["currentStep"], never_used["progress"]) == ("Closed", -1.0)
    anna.tell("settings", {"idle_minutes": 0})
    anna.call("GET", f"/models/{MODEL}/files")
    anna.tell("clock", {"minutes": 90})
    assert anna.model("GET", "/status").json()["requestStatus"]["currentStep"] == "Open"


def test_calls_that_only_old_clients_make_can_be_gone(anna):
    paths = ("/users/me/workspaces", "/users/me/models", f"/models/{MODEL}/users")
    assert {anna.call("GET", path).status_code for path in paths} == {200}
    anna.tell("settings", {"older_routes": False})
    assert {anna.call("GET", path).status_code for path in paths} == {404}
