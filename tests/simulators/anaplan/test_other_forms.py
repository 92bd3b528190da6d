"""Switches for guesses about models: each turns one of them into the other form."""

import pytest

from simulators import server
from simulators.anaplan.app import build_app
from tests.simulators.anaplan.client import (
    ACTUALS,
    ACTUALS_FILE,
    ANNA,
    HEADER,
    MODEL,
    PLAN,
    PLAN_FILE,
    WORKSPACE,
    Client,
)
from tests.simulators.anaplan.test_model_file import change

ROW = "E_1,A_4000,Plant,Jan 26,,1,2,3\n"
NOTHING = ROW.replace("1,2,3", "0,0,0").replace("Jan", "Feb")
ENTITIES, ACCOUNTS = "/lists/101000000001/items", "/lists/101000000002/items"
PLAN_VIEW = "/views/102000000002/readRequests"


def step(client):
    return client.model("GET", "/status").json()["requestStatus"]["currentStep"]


def test_a_busy_model_and_one_that_opens_can_be_updating(anna):
    anna.tell("settings", {"step_words": "updating", "open_seconds": 0.3})
    anna.tell("hold", {})
    assert step(anna) == "Updating"
    anna.http.delete(f"{anna.origin}/_sim/hold")
    assert step(anna) == "Open"
    anna.model("POST", "/close")
    assert (step(anna), anna.model("POST", "/open").status_code) == ("Closed", 202)
    assert step(anna) == "Updating"
    anna.tell("faults", {"path": "tasks$", "method": "POST", "kind": "task_never_ends"})
    task_id = anna.start("imports", ACTUALS)
    while not anna.model("GET", "/status").json()["requestStatus"]["taskId"]:
        pass
    assert step(anna) == "Updating"
    anna.model("DELETE", f"/imports/{ACTUALS}/tasks/{task_id}")
    anna.finish("imports", ACTUALS, task_id)


def test_other_workspaces_of_a_person_are_names_or_ids(tmp_path):
    second = "D0000000000000000000000000000009"

    def add_model(body, model):
        lists = [{"id": "101000000001", "name": "Shops"}]
        items = [{"id": "206000000001", "name": "Amount"}]
        module = {
            "id": "102000000001", "name": "Sales", "dimensions": ["Shops"], "lineItems": items,
        }  # fmt: skip
        body["workspaces"][1]["models"].append(
            {"id": second, "name": "Shops", "lists": lists, "modules": [module]}
        )

    with server.start(build_app(change(tmp_path, add_model))) as running:
        anna = Client(running.origin, ANNA)
        found = []
        for form in ("names", "ids"):
            anna.tell("settings", {"other_workspaces": form})
            people = anna.call("GET", f"/workspaces/{WORKSPACE}/admins").json()["admins"]
            found.append(people[0]["otherWorkspaces"])
        anna.http.close()
    assert found == [["Empty"], ["b0000000000000000000000000000002"]]


def test_the_rows_of_an_export_are_all_cells_or_those_that_it_gives(anna):
    anna.load(ROW + NOTHING)
    rows = []
    for is_exact in (False, True):
        anna.tell("settings", {"row_count_is_exact": is_exact})
        found = anna.model("GET", "/exports/116000000001").json()["exportMetadata"]
        rows.append(found["rowCount"])
    assert rows == [2, 1]


@pytest.mark.parametrize(
    ("month", "year", "start", "end"),
    [
        ("Jan", "FY26", "2026-01-01", "2026-12-31"),
        ("Apr", "FY26", "2025-04-01", "2026-03-31"),
        ("Jul", "FY26", "2025-07-01", "2026-06-30"),
    ],
)
def test_a_fiscal_year_can_begin_in_another_month(anna, month, year, start, end):
    anna.tell("settings", {"fiscal_year_start": month})
    found = anna.model("GET", "/modelCalendar").json()["modelCalendar"]
    assert found["fiscalYear"] == {"year": year, "startDate": start, "endDate": end}
    assert (found["pastYearsCount"], found["futureYearsCount"]) == (0, 0)
    body = {"year": "FY27"}
    found = anna.model("PUT", "/modelCalendar/fiscalYear", json=body).json()["modelCalendar"]
    assert found["fiscalYear"]["endDate"] == end.replace("2026", "2027")
    assert (found["pastYearsCount"], found["futureYearsCount"]) == (1, 0)


@pytest.mark.parametrize(("clears", "period"), [(False, "Feb 26"), (True, "")])
def test_another_fiscal_year_can_unset_the_period(anna, clears, period):
    anna.tell("settings", {"year_clears_period": clears})
    anna.model("PUT", "/currentPeriod?date=2026-02-10")
    anna.model("PUT", "/modelCalendar/fiscalYear", json={"year": "FY27"})
    found = anna.model("GET", "/currentPeriod").json()["currentPeriod"]
    assert found["periodText"] == period


def test_the_default_of_a_file_can_be_downloaded_by_those_without_their_own(anna, bo):
    text = HEADER + ROW
    anna.http.put(f"{anna.origin}/_sim/files/{ACTUALS_FILE}", data=text.encode())
    paths = [f"/files/{ACTUALS_FILE}", f"/files/{ACTUALS_FILE}/chunks/0"]
    assert [bo.model("GET", path).status_code for path in paths] == [404, 404]
    anna.tell("settings", {"default_downloads": True})
    assert [bo.model("GET", path).text for path in paths] == [text, text]
    chunks = f"/files/{ACTUALS_FILE}/chunks"
    assert bo.model("GET", chunks).json()["chunks"] == [{"id": "0", "name": "Chunk 0"}]
    anna.upload(ACTUALS_FILE, HEADER)
    assert anna.model("GET", paths[0]).text == HEADER


@pytest.mark.parametrize(("first_wins", "note"), [(False, "late"), (True, "early")])
def test_of_two_texts_on_one_cell_either_may_stay(anna, first_wins, note):
    anna.tell("settings", {"first_text_wins": first_wins})
    row = "A_4000,Feb 26,{},{}\n"
    anna.upload(
        PLAN_FILE, "Account,Period,Amount,Note\n" + row.format(1, "early") + row.format(2, "late")
    )
    parameters = [{"entityType": "Version", "entityName": "Actual"}]
    anna.run("imports", PLAN, mappingParameters=parameters)
    assert anna.cells("PLN01 Plan")["A_4000", "Feb 26", "Actual"] == {"Amount": "3", "Note": note}


@pytest.mark.parametrize("field", ['"open', '"a"b'])
def test_a_text_delimiter_without_partner_can_cost_its_row_only(anna, field):
    anna.tell("settings", {"stray_delimiter_refuses_row": True})
    bad = f"E_1,A_4000,{field},Jan 26,,4,4,4\n"
    task = anna.load(ROW + bad + ROW.replace("E_1", "E_2") + bad + ROW)
    assert (task["result"]["successful"], task["result"]["failureDumpAvailable"]) == (True, True)
    dump = anna.model("GET", f"/imports/{ACTUALS}/tasks/{task['taskId']}/dump").text
    assert [line.rsplit(",", 2)[-2] for line in dump.splitlines()[1:]] == ['"3"', '"5"']
    assert dump.count("A text delimiter has no partner.") == 2
    written = {key[0]: values["Debit"] for key, values in anna.cells().items()}
    assert written == {"E_1": "2", "E_2": "1"}


def test_kinds_of_failures_can_be_in_camel_case(anna):
    items = [{}, {"name": "Lamps North"}, {"name": "Lamps East", "parent": "Nowhere"}]
    found = []
    for words in ("capitals", "camel"):
        anna.tell("settings", {"failure_words": words})
        body = anna.model("POST", f"{ENTITIES}?action=add", json={"items": items}).json()
        found.append([failure["failureType"] for failure in body["failures"]])
    assert found == [
        ["INCOMPLETE_DATA", "DUPLICATE", "INCORRECT_FORMAT"],
        ["incompleteData", "duplicate", "incorrectFormat"],
    ]


def test_a_parent_that_comes_in_the_same_call_can_be_unknown(anna):
    anna.tell("settings", {"parents_in_same_call": False})
    items = [{"name": "Heat", "parent": "Utilities"}, {"name": "Utilities"}]
    body = anna.model("POST", f"{ACCOUNTS}?action=add", json={"items": items}).json()
    assert (body["added"], [f["requestIndex"] for f in body["failures"]]) == (1, [0])


def test_the_csv_of_a_list_can_have_ids(anna):
    accept = {"Accept": "text/csv"}
    lines = anna.model("GET", ACCOUNTS, headers=accept).text.splitlines()
    assert lines[:2] == ["Name,Code,Parent", "All accounts,,"]
    anna.tell("settings", {"list_csv_has_ids": True, "task_seconds": 0})
    rows = anna.model("GET", ACCOUNTS).json()["listItems"]
    wanted = ["Id,Name,Code,Parent", f"{rows[0]['id']},All accounts,,"]
    assert anna.model("GET", ACCOUNTS, headers=accept).text.splitlines()[:2] == wanted
    preview = anna.model("GET", "/lists/101000000002/preview").text
    assert preview.splitlines()[:2] == wanted
    assert read_pages(anna, "/lists/101000000002/readRequests", {})[0].splitlines()[:2] == wanted


def test_users_of_a_model_can_be_accounts(anna):
    path = "/dimensions/101999999999/items"
    anna.tell("settings", {"users_are_accounts": True})
    assert anna.model("GET", path).json()["items"] == [
        {"id": "a0000000000000000000000000000001", "name": "Anna Lind"},
        {"id": "a0000000000000000000000000000002", "name": "Bo Holm"},
    ]


def read_pages(client, path, body):
    """All pages of a large read."""
    started = client.model("POST", path, json=body).json()
    read = next(value for key, value in started.items() if key.endswith("ReadRequest"))
    address, pages = f"{path}/{read['requestId']}", []
    for _ in range(200):
        (read,) = (
            v for k, v in client.model("GET", address).json().items() if k.endswith("Request")
        )
        if read["requestState"] == "COMPLETE":
            break
    for number in range(read["availablePages"]):
        pages.append(client.model("GET", f"{address}/pages/{number}").text)
    return pages


def test_pages_of_a_large_read_can_be_cut_anywhere(anna):
    body = {"exportType": "TABULAR_MULTI_COLUMN"}
    anna.tell("settings", {"task_seconds": 0})
    (whole,) = read_pages(anna, PLAN_VIEW, body)
    anna.tell("settings", {"read_page_bytes": 50, "read_pages_cut_rows": True})
    pages = read_pages(anna, PLAN_VIEW, body)
    assert ("".join(pages), {len(page) for page in pages[:-1]}) == (whole, {50})
    anna.tell("settings", {"read_pages_have_header": True})
    header = whole.splitlines(keepends=True)[0]
    assert read_pages(anna, PLAN_VIEW, body)[1] == header + pages[1]


@pytest.mark.parametrize(
    ("form", "lines", "all_lines"),
    [("TABULAR_MULTI_COLUMN", 3, 13), ("TABULAR_SINGLE_COLUMN", 5, 25), ("GRID_ALL_PAGES", 3, 13)],
)
def test_a_large_read_can_show_rows_in_which_nothing_stands(anna, form, lines, all_lines):
    counts = []
    anna.tell("settings", {"task_seconds": 0})
    for shows in (False, True):
        anna.tell("settings", {"reads_show_empty_rows": shows})
        (page,) = read_pages(anna, PLAN_VIEW, {"exportType": form})
        counts.append(len(page.splitlines()))
    assert counts == [lines, all_lines]


def test_a_fault_gives_cells_another_kind_of_failure(anna):
    fault = {"path": "/data$", "kind": "message_form", "names": ["failureType"], "text": "OTHER"}
    anna.tell("faults", fault)
    cell = {"lineItemName": "Nothing", "dimensions": [], "value": 1}
    body = anna.call("POST", f"/models/{MODEL}/modules/102000000001/data", json=[cell]).json()
    assert [failure["failureType"] for failure in body["failures"]] == ["OTHER"]
