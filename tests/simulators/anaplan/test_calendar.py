"""Versions, the current period, the calendar, and sorting by signed fields."""

import pytest

from tests.simulators.anaplan.client import COPY


def test_versions_have_all_their_fields(anna):
    unset = {"periodText": "", "date": ""}
    assert anna.model("GET", "/versions").json()["versionMetadata"] == [
        {
            "id": f"10700000000{number}", "name": name, "isCurrent": is_first, "isActual": is_first,
            "editFrom": unset, "editTo": unset, "switchover": unset, "formula": "", "notes": "",
        }
        for number, name, is_first in ((1, "Actual", True), (2, "Budget", False))
    ]  # fmt: skip


def test_the_current_period_is_set_by_query_or_body(anna):
    assert anna.model("GET", "/currentPeriod").json()["currentPeriod"] == {
        "periodText": "",
        "lastDay": "",
        "calendarType": "Calendar Months/Quarters/Years",
    }
    body = anna.model("PUT", "/currentPeriod", json={"date": "2026-02-10"}).json()
    assert body["currentPeriod"]["lastDay"] == "2026-02-28"
    anna.model("PUT", "/currentPeriod?date=2026-01-01")
    assert anna.model("GET", "/currentPeriod").json()["currentPeriod"]["periodText"] == "Jan 26"


BOTH = "use query parameter or body to set date, not both"
FORM = "Invalid ISO date format '01.02.2026'. Date should match format YYYY-MM-DD"
RANGE = "Specified date '2027-03-01' is out of timescale range 2026-01-01 - 2026-02-28"


@pytest.mark.parametrize(
    ("query", "body", "words"),
    [
        ("?date=2026-01-01", {"date": "2026-01-01"}, BOTH),
        ("?date=01.02.2026", {}, FORM),
        ("", {"date": "2027-03-01"}, RANGE),
    ],
)
def test_a_wrong_current_period_is_400(anna, query, body, words):
    answer = anna.model("PUT", f"/currentPeriod{query}", json=body)
    assert (answer.status_code, answer.json()["status"]["message"]) == (400, words)


def test_the_calendar_has_a_fiscal_year_that_can_be_set(anna):
    found = anna.model("GET", "/modelCalendar").json()["modelCalendar"]
    assert found["fiscalYear"] == {
        "year": "FY26",
        "startDate": "2026-01-01",
        "endDate": "2026-12-31",
    }
    path = "/modelCalendar/fiscalYear"
    body = anna.model("PUT", path, json={"year": "FY27"}).json()
    assert body["modelCalendar"]["fiscalYear"]["year"] == "FY27"
    assert anna.model("PUT", path, json={"year": "2027"}).status_code == 400
    assert anna.model("GET", path).status_code == 405


def test_a_model_without_months_has_an_empty_calendar(anna):
    assert anna.call("GET", f"/models/{COPY}/modelCalendar").json()["modelCalendar"] == {}


def test_the_index_of_a_list_is_reset_only_when_it_is_empty(anna):
    path = "/lists/101000000001"
    answer = anna.model("POST", f"{path}/resetIndex")
    assert answer.status_code == 400
    assert answer.json()["status"]["message"].startswith("We can't reset the list item index")
    items = [{"code": "E_1"}, {"code": "E_2"}]
    anna.model("POST", f"{path}/items?action=delete", json={"items": items})
    assert anna.model("POST", f"{path}/resetIndex").status_code == 200


def test_what_stands_above_the_models_is_sorted_by_signed_fields_only(anna):
    models = anna.call("GET", "/models", params={"sort": "-name"}).json()["models"]
    assert [found["name"] for found in models] == ["FP&A copy", "FP&A"]
    answer = anna.call("GET", "/models", params={"sort": "name"})
    assert answer.status_code == 400
    assert answer.json()["status"]["message"] == (
        "Bad sort order format: 'name'. "
        "Please follow (-){column_name_1},(+){column_name_2}.. format"
    )
    answer = anna.call("GET", "/users", params={"sort": "+shoe"})
    assert answer.json()["status"]["message"] == "Failed to parse sort parameter"
