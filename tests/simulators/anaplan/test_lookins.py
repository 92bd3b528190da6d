"""Look-ins: cells, switches, the clock, the page."""

import re

import pytest

from tests.simulators.anaplan.client import COPY, MODEL

AT = {"Entities": "E_1", "Accounts": "A_4000", "Cost Centers": "CC_5", "Time": "Jan 26"}
ROWS = "E_1,A_4000,Plant,Jan 26,,1.00,2,3\nE_2,A_4000,Plant,Feb 26,,4,5,6\n"


@pytest.fixture
def loaded(anna):
    anna.load(ROWS)
    return anna


def test_cells_by_member_and_page(loaded):
    body = loaded.look("cells", module="ACT01 Actuals", Time="Feb 26")
    assert body == {
        "model": "FP&A",
        "module": "ACT01 Actuals",
        "dimensions": ["Entities", "Accounts", "Cost Centers", "Time"],
        "lineItems": ["Debit", "Credit", "Net", "Share"],
        "total": 1,
        "offset": 0,
        "rows": [
            {
                "coordinates": {
                    "Entities": "E_2",
                    "Accounts": "A_4000",
                    "Cost Centers": "CC_5",
                    "Time": "Feb 26",
                },
                "values": {"Debit": "4", "Credit": "5", "Net": "6", "Share": "0"},
            }
        ],
    }
    page = loaded.look("cells", offset=1, limit=1)
    assert (page["total"], [row["values"]["Net"] for row in page["rows"]]) == (2, ["6"])
    assert loaded.look("cells", limit=-1, model=COPY)["rows"] == []


def test_a_cell_can_be_changed_behind_everybodys_back(loaded):
    answer = loaded.tell("cells", {"coordinates": AT, "lineItem": "Debit", "value": "9.99"})
    assert answer.status_code == 204
    values = loaded.cells()["E_1", "A_4000", "CC_5", "Jan 26"]
    assert values == {"Debit": "9.99", "Credit": "2", "Net": "3", "Share": "0"}
    new = AT | {"Accounts": "Rent"}
    loaded.tell("cells", {"module": "102000000001", "coordinates": new, "values": {"Net": 5}})
    assert loaded.cells()["E_1", "A_6000", "CC_5", "Jan 26"]["Net"] == "5"
    assert loaded.look("counters")["import_posts"] == 1


def test_two_cells_can_be_swapped(loaded):
    other = AT | {"Entities": "E_2", "Time": "Feb 26"}
    loaded.tell("cells", {"swap": [AT, other], "lineItem": "Net"})
    assert [list(row.values()) for row in loaded.cells().values()] == [
        ["1.00", "2", "6", "0"],
        ["4", "5", "3", "0"],
    ]
    loaded.tell("cells", {"swap": [AT, other]})
    assert [list(row.values()) for row in loaded.cells().values()] == [
        ["4", "5", "3", "0"],
        ["1.00", "2", "6", "0"],
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"coordinates": AT | {"Time": "Mar 26"}, "lineItem": "Net", "value": "1"},
        {"coordinates": AT, "lineItem": "Share", "value": "1"},
        {"coordinates": AT, "lineItem": "Net", "value": "1e5"},
        {"coordinates": [], "lineItem": "Net", "value": "1"},
        {"module": "Nothing", "coordinates": AT, "lineItem": "Net", "value": "1"},
        {"model": "Nothing"},
        {"swap": [AT]},
        {"swap": 5},
        [],
    ],
)
def test_what_cannot_be_changed_is_400_and_changes_nothing(loaded, body):
    before = loaded.cells()
    answer = loaded.tell("cells", body)
    assert answer.status_code == 400
    assert answer.text
    assert loaded.cells() == before


@pytest.mark.parametrize(
    "path", ["cells?module=No", "cells?model=No", "cells?Time=No", "cells?limit=x"]
)
def test_wrong_questions_are_400(anna, path):
    assert anna.http.get(f"{anna.origin}/_sim/{path}").status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {"nothing": 1},
        {"task_seconds": "1"},
        {"trim_zeros": 1},
        {"task_seconds": -1},
        {"page_size": 0},
        {"export_chunk_bytes": 0},
        {"activeState": "BUSY"},
        {"model": "No", "activeState": "LOCKED"},
    ],
)
def test_wrong_switches_are_400(anna, body):
    assert anna.tell("settings", body).status_code == 400


def test_switches_are_shown(anna):
    body = anna.look("settings")
    assert body["task_seconds"] == 0.02
    assert body["requests_per_minute"] == 600
    assert body["activeStates"][MODEL] == "UNLOCKED"


def test_the_clock_moves_forward_only_by_numbers(anna):
    body = anna.tell("clock", {"hours": 1, "seconds": 30}).json()
    assert body["ahead_seconds"] == 3630
    assert anna.tell("clock", {"days": 1}).status_code == 400
    assert anna.tell("clock", {"hours": "1"}).status_code == 400


def test_the_page_shows_a_module_and_alters_a_cell(loaded):
    page = loaded.http.get(f"{loaded.origin}/_sim/?Entities=E_1")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "1 to 1 of 1 rows" in page.text
    assert ">1.00</a>" in page.text
    assert ">6</a>" not in page.text
    assert "Load actuals" in page.text
    link = re.search(r'href="(\?[^"]*key=[^"]*)"[^>]*>1\.00<', page.text).group(1)
    form = loaded.http.get(f"{loaded.origin}/_sim/{link.replace('&amp;', '&')}").text
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form.split("Alter a cell</h2>")[1]))
    assert fields["value"] == "1.00"
    fields = {name: text.replace("&amp;", "&") for name, text in fields.items()}
    answer = loaded.http.post(f"{loaded.origin}/_sim/alter", data=fields | {"value": "1.01"})
    assert answer.status_code == 200
    assert ">1.01</a>" in answer.text
    assert ">6</a>" not in answer.text
    assert loaded.cells()["E_1", "A_4000", "CC_5", "Jan 26"]["Debit"] == "1.01"
    wrong = loaded.http.post(f"{loaded.origin}/_sim/alter", data=fields | {"value": "<b>"})
    assert wrong.status_code == 400


def test_the_page_escapes_what_it_shows(anna):
    page = anna.http.get(
        f"{anna.origin}/_sim/", params={"Time": '"><script>', "key": "1", "item": "<b>"}
    )
    assert page.status_code == 200
    assert "<script>" not in page.text
    assert "No cells." in page.text


def test_every_module_of_every_model_has_a_page(anna):
    page = anna.http.get(f"{anna.origin}/_sim/").text
    links = re.findall(r'<a href="(\?model=[^"]*)"', page)
    assert len(links) == 3
    for link in links:
        answer = anna.http.get(f"{anna.origin}/_sim/{link.replace('&amp;', '&')}")
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("clock", '{"hours": -1}'),
        ("clock", '{"hours": 1e999}'),
        ("clock", '{"hours": "1"}'),
        ("settings", '{"token_minutes": 1e999}'),
        ("settings", '{"token_minutes": NaN}'),
    ],
)
def test_clock_and_lives_stay_within_reason(anna, path, body):
    assert anna.http.post(f"{anna.origin}/_sim/{path}", data=body).status_code == 400
    assert anna.http.post(f"{anna.origin}/token/refresh").status_code == 200


def test_an_object_is_changed_added_and_removed_as_a_builder_would(anna):
    def rows(kind):
        return anna.model("GET", f"/{kind}").json().get(kind, [])

    def names(kind):
        return [row["name"] for row in rows(kind)]

    [first, *others] = rows("imports")
    tell = {"kind": "imports", "id": first["id"]}
    assert anna.tell("objects", {**tell, "change": {"name": "Load 2"}}).status_code == 204
    assert names("imports") == ["Load 2", *(row["name"] for row in others)]
    assert anna.tell("objects", {**tell, "change": None}).status_code == 204
    assert names("imports") == [row["name"] for row in others]
    process = {"kind": "processes", "id": "118000000077", "change": {"name": "P", "steps": []}}
    assert anna.tell("objects", process).status_code == 204
    assert "P" in names("processes")
    renamed = {"kind": "lists", "id": rows("lists")[0]["id"], "change": {"name": "Firms"}}
    assert anna.tell("objects", renamed).status_code == 204
    assert "Firms" in names("lists")


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "cells", "id": "1"},
        {"kind": "imports", "id": "112000000001", "change": {"nam": "x"}},
        {"kind": "lists", "id": "1", "change": {"name": "x"}},
    ],
)
def test_a_wrong_change_of_an_object_is_400(anna, body):
    assert anna.tell("objects", body).status_code == 400
