"""Switches for guesses about lists and balances: each turns one of them into the other form."""

import pytest

from simulators.qad.surfaces import SURFACES
from tests.simulators.qad.conftest import BALANCES, PERIODS

PAGING = {"page": 1, "pageSize": 50, "pageAction": "first"}
PERIOD_BROWSE = "urn:browse:mfg:gl111"


def browse(qad, identity=PERIOD_BROWSE, **query):
    headers = {"x-qad-workspace-id": "10USA_3"}
    params = PAGING | {"browseId": identity} | query
    answer = qad.call("GET", "api/qracore/browses", params=params, headers=headers)
    return answer.json()["data"]


@pytest.mark.parametrize(("switch", "rows"), [("together", 3), ("first", 121)])
def test_of_several_filters_the_first_alone_can_count(qad, switch, rows):
    qad.tell("settings", {"several_filters": switch})
    filters = ("yearPeriod,eq,201012", "glAccountCode,eq,6000")
    assert qad.get(BALANCES, *filters, pageSize=1).json()["totalCount"] == rows


def test_documents_can_leave_filters_alone_and_browses_do_not(qad):
    qad.tell("settings", {"document_filters": False})
    assert len(qad.rows(PERIODS, "yearPeriod,eq,201102")) == 7
    assert len(browse(qad, filter="period.PeriodYearPeriod,eq,201102,literal")) == 1


def test_documents_can_lie_directly_below_their_app(qad):
    below_app = "qad/financials/GLPeriods"
    assert [qad.get(path).status_code for path in (PERIODS, below_app)] == [200, 404]
    qad.tell("settings", {"document_paths": "apps"})
    assert [qad.get(path).status_code for path in (PERIODS, below_app)] == [404, 200]
    assert len(qad.rows(below_app)) == 7
    assert qad.get("extensions/anaplanconnector/PlanReferences").status_code == 200
    assert len({surface.app_path for surface in SURFACES}) == len(SURFACES)


def test_keys_of_a_browse_can_lack_their_table(qad):
    qad.tell("settings", {"browse_keys": "bare", "browse_noise": False})
    (row,) = browse(qad, filter="PeriodYearPeriod,eq,201102,literal")
    assert (row["PeriodYear"], row["PeriodStatus"]) == (2011, "REPORTED")
    assert [name for name in row if "." in name] == []
    wanted = f"browseURI,eq,{PERIOD_BROWSE},literal"
    fields = browse(qad, "urn:browse:custom:lookupBrowseFields", filter=wanted)
    assert {found["field"] for found in fields} == set(row)
    for surface in SURFACES:
        assert len(set(surface.bare_columns.values())) == len(surface.columns)


@pytest.fixture
def resting(serve, write_books):
    """Cash moves in each of three months but the second, wages in the first alone."""
    return serve(
        write_books(
            accounts="domain,gl_account,description,is_balance_sheet\n"
            ",100,Cash,true\n,600,Wages,false\n",
            periods="entity,year_period,start_date,end_date\n,202511,2025-11-01,2025-11-30\n"
            ",202512,2025-12-01,2025-12-31\n,202601,2026-01-01,2026-01-31\n",
            gl_balances="entity,year_period,gl_account,debit,credit\n"
            "E1,202511,100,0,5.50\nE1,202511,600,5.50,0\nE1,202601,100,0,2\n",
        )
    )


def test_balances_that_did_not_move_can_have_rows_of_nothing(resting):
    def shown(*filters):
        rows = resting.rows(BALANCES, *filters, workspace="D1_E1")
        return [(row["yearPeriod"], row["glAccountCode"], row["netBC"]) for row in rows]

    moved = [("202511", "100", "-5.50"), ("202511", "600", "5.50"), ("202601", "100", "-2")]
    assert shown() == moved
    resting.tell("settings", {"resting_balances": True})
    rested = [("202512", "100", "0"), ("202512", "600", "0"), ("202601", "600", "0")]
    assert shown() == [*moved[:2], *rested[:2], moved[2], rested[2]]
    assert shown("glPeriod,eq,12", "glCalendarYear,eq,2025") == rested[:2]
    lines = [{"gl_account": "600", "debit": "1"}, {"gl_account": "100", "credit": "1"}]
    resting.tell("journals", {"entity": "E1", "year_period": 202512, "lines": lines})
    assert shown("yearPeriod,eq,202512") == [("202512", "100", "-1"), ("202512", "600", "1")]


def test_resting_balances_are_carried_too(resting):
    resting.tell("settings", {"resting_balances": True, "opening_balances": True})
    rows = resting.rows(BALANCES, "yearPeriod,ge,202512", workspace="D1_E1")
    names = ("glAccountCode", "netBC", "openingBalanceBC", "closingBalanceBC")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("100", "0", "-5.50", "-5.50"),
        ("600", "0", "5.50", "5.50"),
        ("100", "-2", "-5.50", "-7.50"),
        ("600", "0", "0", "0"),
    ]
