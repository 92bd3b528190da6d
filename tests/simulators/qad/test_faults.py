"""Faults of the stand-in QAD on command, and what their pages look like."""

import json
import time

import pytest
import requests

from tests.simulators.qad.conftest import BALANCES, PERIODS

DECEMBER = "yearPeriod,eq,201012"


def test_a_page_can_be_repeated(qad):
    qad.fault(path="GLBalances", kind="repeat_page", after=1)
    first, second, third = (qad.get(BALANCES, page=page, pageSize=10).json() for page in (1, 2, 3))
    assert second["data"] == first["data"]
    assert second["page"] == 2
    assert third["data"] not in (first["data"], second["data"])


def test_a_row_can_lose_its_key(qad):
    qad.fault(path="GLBalances", kind="row_without_key", row=1)
    rows = qad.rows(BALANCES, DECEMBER)
    assert ["glAccountCode" in row for row in rows[:3]] == [True, False, True]
    qad.fault(path="GLBalances", kind="row_without_key", field="entityCode", **{"as": "null"})
    assert qad.rows(BALANCES, DECEMBER)[0]["entityCode"] is None


def test_an_amount_can_be_text(qad):
    qad.fault(path="GLBalances", kind="amount_text", field="creditBC")
    text = qad.get(BALANCES, DECEMBER).text
    assert '"debitBC":76978.00,"creditBC":"0.00","netBC":76978.00' in text
    assert text.count('"creditBC":"') == 1


def test_all_amounts_of_a_row_can_be_text(qad):
    qad.fault(path="GLBalances", kind="amount_text")
    assert '"debitBC":"76978.00","creditBC":"0.00"' in qad.get(BALANCES, DECEMBER).text


def test_a_field_can_be_renamed(qad):
    qad.fault(path="GLBalances", kind="rename_field", field="debitBC", to="debitLC")
    rows = qad.rows(BALANCES, DECEMBER)
    assert {"debitLC" in row for row in rows} == {True}
    assert {"debitBC" in row for row in rows} == {False}


def test_the_total_can_be_off(qad):
    qad.fault(path="GLBalances", kind="total_off", by=-3)
    assert qad.get(BALANCES, DECEMBER).json()["totalCount"] == 118
    assert qad.get(BALANCES, DECEMBER).json()["totalCount"] == 121


def test_a_page_can_be_empty(qad):
    qad.fault(path="GLBalances", kind="empty")
    answer = qad.get(BALANCES, DECEMBER)
    assert (answer.status_code, answer.json()["data"], answer.json()["totalCount"]) == (200, [], 0)


def test_a_page_can_be_cut(qad):
    qad.fault(path="GLBalances", kind="truncate")
    answer = qad.get(BALANCES, DECEMBER)
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.text)


def test_a_page_can_be_html(qad):
    qad.fault(path="GLBalances", kind="html")
    answer = qad.get(BALANCES, DECEMBER)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")


def test_a_call_can_be_401_in_the_middle_of_a_run(qad):
    qad.sign_in()
    qad.fault(path="GLBalances", kind="status", status=401, after=2)
    statuses = [qad.get(BALANCES, page=page).status_code for page in (1, 2, 3, 4)]
    assert statuses == [200, 200, 401, 200]


def test_a_call_can_be_dropped(qad):
    qad.fault(path="GLBalances", kind="drop")
    with pytest.raises(requests.ConnectionError):
        qad.get(BALANCES)
    assert qad.get(BALANCES).status_code == 200


def test_a_fault_on_one_document_leaves_the_others_alone(qad):
    qad.fault(path="GLBalances", kind="status", status=500, times=-1)
    assert qad.get("qad/base/coa/CostCenters").status_code == 200
    assert qad.get(BALANCES).status_code == 500


def test_every_page_can_be_slow(qad):
    qad.tell("settings", {"page_seconds": 0.15})
    started = time.monotonic()
    qad.get(BALANCES)
    assert time.monotonic() - started >= 0.15


def test_paging_can_be_ignored(qad):
    qad.fault(path="GLBalances", kind="paging_ignored", times=-1)
    first, third = (qad.get(BALANCES, page=page, pageSize=10).json() for page in (1, 3))
    assert third["data"] == first["data"]


def test_dates_can_lack_their_time(qad):
    qad.fault(path="GLPeriods", kind="date_without_time", times=2)
    days = ("startDate", "endDate", "closingDate")
    rows = qad.rows(PERIODS, "yearPeriod,ge,201105")
    assert [tuple(row[name] for name in days) for row in rows] == [
        ("2011-05-02", "2011-05-31", None),
        ("2011-06-01", "2011-07-01", None),
    ]
    qad.tell("faults", None, "DELETE")
    qad.fault(path="GLPeriods", kind="date_without_time", field="endDate")
    row = qad.rows(PERIODS, "yearPeriod,eq,201105")[0]
    assert (row["startDate"], row["endDate"]) == ("2011-05-02T00:00:00.000Z", "2011-05-31")


def test_one_unit_can_be_empty_while_others_are_not(qad):
    qad.fault(path="GLBalances.*201012", kind="empty", times=-1)
    assert qad.rows(BALANCES, DECEMBER) == []
    assert len(qad.rows(BALANCES, "yearPeriod,eq,201101")) > 100


def test_a_fault_spoils_browses_and_entities_too(qad):
    query = {"browseId": "mfg:gl111", "page": 1, "pageAction": "first"}
    qad.fault(path="browses", kind="rename_field", field="status", to="state")
    row = qad.call("GET", "api/qracore/browses", params=query).json()["data"][0]
    assert ("state" in row, "period.PeriodStatus" in row) == (True, False)
    query = {"viewUri": "urn:be:com.qad.base.coa.ICostCenter", "costCenterCode": "1"}
    qad.fault(path="api/erp", kind="row_without_key")
    row = qad.call("GET", "api/erp/costCenters", params=query).json()["data"]["costCenters"][0]
    assert ("costCenterCode" in row, row["dataOperation"]) == (False, "U")


@pytest.mark.parametrize("kind", ["date_without_time", "amount_text"])
def test_a_fault_for_a_field_that_is_not_there_leaves_the_rows(qad, kind):
    whole = qad.get(BALANCES, DECEMBER).text
    qad.fault(path="GLBalances", kind=kind, field="startDate")
    assert qad.get(BALANCES, DECEMBER).text == whole


def test_too_many_requests_are_told_as_this_system_tells_errors(qad):
    qad.fault(path="GLBalances", kind="rate_limited", retry_after="1")
    answer = qad.get(BALANCES)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert answer.json() == {"errors": ["Too many requests"]}
