"""Business documents of the stand-in QAD: rows, filters, sorts, pages, workspaces, verbs."""

import pytest

from tests.simulators.qad.conftest import ACCOUNTS, BALANCES, DEMO, LEDGER, PERIODS, POSTINGS

FIRST_BALANCE = (
    '{"domainCode":"10USA","entityCode":"3","glAccountCode":"1110","subAccountCode":"",'
    '"costCenterCode":"7","projectCode":"","glCalendarYear":2010,"glPeriod":12,'
    '"yearPeriod":201012,"periodType":"NORMAL","layerCode":"OFFICIAL","layerType":"OFFICIAL",'
    '"currencyCode":"USD","baseCurrencyCode":"USD","statutoryCurrencyCode":"USD",'
    '"debitBC":76978.00,"creditBC":0.00,"netBC":76978.00,"debitTC":76978.00,"creditTC":0.00,'
    '"netSC":76978.00}'
)


def test_a_balance_has_the_digits_of_the_books(qad):
    answer = qad.get(BALANCES, "yearPeriod,eq,201012", pageSize=1)
    assert answer.text == (f'{{"data":[{FIRST_BALANCE}],"page":1,"pageSize":1,"totalCount":121}}')
    assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"


def test_an_account_tells_its_kind(qad):
    account = qad.rows(ACCOUNTS, "glAccountCode,eq,9510")[0]
    assert account == {
        "sharedSetCode": "AWGL",
        "glAccountCode": "9510",
        "description": "Headcount",
        "glTypeCode": "STATISTICAL",
        "isBalanceSheet": False,
        "isDebitAccount": True,
        "category": "",
        "analysisType": "COSTCENTER",
        "analysisLimitation": "NONE",
        "currencyCode": "",
        "budgetGroupCode": "",
        "isActive": True,
        "lastModified": "2010-12-01T08:00:00.000Z",
    }


def test_a_period_tells_its_days_and_status(qad):
    period = qad.rows(PERIODS, "yearPeriod,eq,201102")[0]
    assert period == {
        "domainCode": "10USA",
        "entityCode": "3",
        "glCalendarYear": "2011",
        "glPeriod": "2",
        "yearPeriod": "201102",
        "startDate": "2011-01-30T00:00:00.000Z",
        "endDate": "2011-03-01T00:00:00.000Z",
        "periodType": "NORMAL",
        "status": "REPORTED",
        "isGLPostingAllowed": False,
        "isPurchasePostingAllowed": False,
        "closingDate": "2011-03-01T00:00:00.000Z",
        "isReported": True,
    }


@pytest.mark.parametrize(
    ("document", "rows"),
    [
        ("qad/base/organization/Entities", 6),
        (ACCOUNTS, 72),
        ("qad/base/coa/CostCenters", 7),
        ("qad/base/supplier/Suppliers", 104),
        (PERIODS, 7),
        (BALANCES, 836),
        (POSTINGS, 801),
        ("qad/financials/purchaseledger/supplierinvoice/SupplierInvoices", 56),
    ],
)
def test_every_document_is_published(qad, document, rows):
    answer = qad.get(document, pageSize=1000).json()
    assert (len(answer["data"]), answer["totalCount"]) == (rows, rows)


def test_rows_differ_per_workspace(qad):
    assert len(qad.rows(BALANCES, "yearPeriod,eq,201012", workspace="10USA_6")) == 204
    rows = qad.rows(BALANCES, "yearPeriod,eq,201012", workspace="20CAN_8")
    assert {row["currencyCode"] for row in rows} == {"CAD"}


def test_without_a_workspace_the_default_one_counts(qad):
    assert {row["entityCode"] for row in qad.rows(BALANCES, workspace=None)} == {"3"}


@pytest.mark.parametrize("workspace", ["10USA_8", "20CAN_3", "10usa_3", "3", "10USA"])
def test_an_unknown_workspace_is_forbidden(qad, workspace):
    assert qad.get(BALANCES, workspace=workspace).status_code == 403


def test_pages_follow_each_other_without_gap_or_overlap(qad):
    pages = [qad.rows(BALANCES, page=page, pageSize=100) for page in range(1, 11)]
    assert [len(page) for page in pages] == [100] * 8 + [36, 0]
    joined = [row for page in pages for row in page]
    assert joined == qad.rows(BALANCES, pageSize=1000)
    keys = {(r["yearPeriod"], r["glAccountCode"], r["costCenterCode"]) for r in joined}
    assert len(keys) == 836


def test_a_page_is_never_larger_than_the_largest(qad):
    qad.tell("settings", {"largest_page_size": 50, "default_page_size": 20})
    answer = qad.get(BALANCES, pageSize=999999).json()
    assert (len(answer["data"]), answer["pageSize"], answer["totalCount"]) == (50, 50, 836)
    assert len(qad.get(BALANCES).json()["data"]) == 20


def test_the_total_can_be_left_out(qad):
    qad.tell("settings", {"total_count": False})
    assert sorted(qad.get(BALANCES).json()) == ["data", "page", "pageSize"]


@pytest.mark.parametrize("query", [{}, {"page": 1}, {"pageAction": "first"}])
def test_a_document_that_needs_paging_is_an_empty_page_without_it(qad, query):
    qad.tell("settings", {"documents_need_paging": True, "default_page_size": 20})
    empty = {"data": [], "page": 1, "pageSize": 20}
    assert qad.get(BALANCES, **query).json() == empty | {"totalCount": 0}
    qad.tell("settings", {"total_count": False})
    assert qad.get(BALANCES, **query).json() == empty


def test_a_page_that_is_no_number_is_refused(qad):
    assert qad.get(BALANCES, page="first").status_code == 400


@pytest.mark.parametrize(
    ("filters", "rows"),
    [
        (["yearPeriod,eq,201012", "layerType,eq,OFFICIAL", "periodType,eq,NORMAL"], 121),
        (["yearPeriod,ge,201101", "yearPeriod,lt,201103"], 237),
        (["yearPeriod,ne,201012"], 715),
        (["yearPeriod,gt,201105"], 119),
        (["yearPeriod,le,201012"], 121),
        (["yearPeriod,eq,201012", "glAccountCode,eq,6000"], 3),
        (["yearPeriod,eq,201012", "glAccountCode,startsWith,60"], 9),
        (["yearPeriod,eq,201012", "glAccountCode,contains,51"], 3),
        (["debitBC,gt,100000"], 14),
        (["layerType,eq,MANAGEMENT"], 0),
        (["subAccountCode,eq,"], 836),
        (["entityCode,eq,4"], 0),
    ],
)
def test_filters_hold_together(qad, filters, rows):
    answer = qad.get(BALANCES, *filters, pageSize=1000).json()
    assert (len(answer["data"]), answer["totalCount"]) == (rows, rows)


@pytest.mark.parametrize(
    "text",
    [
        "noSuchField,eq,1,literal",
        "yearPeriod,like,2010,literal",
        "yearPeriod,eq,december,literal",
        "netBC,gt,NaN,literal",
        "netBC,ne,sNaN,literal",
        "yearPeriod,eq,201012,number",
        "yearPeriod",
    ],
)
def test_a_filter_that_is_not_understood_is_200_and_empty(qad, text):
    answer = qad.get(BALANCES, filter=text)
    assert answer.status_code == 200
    assert (answer.json()["data"], answer.json()["totalCount"]) == ([], 0)


def test_a_filter_may_leave_its_type_empty(qad):
    for text in ("yearPeriod,eq,201012,", "yearPeriod,eq,201012"):
        assert qad.get(BALANCES, filter=text).json()["totalCount"] == 121


def test_truths_and_dates_can_be_filtered(qad):
    assert len(qad.rows(PERIODS, "isReported,eq,true")) == 5
    assert len(qad.rows(PERIODS, "startDate,ge,2011-05-02T00:00:00.000Z")) == 2
    assert len(qad.rows(PERIODS, "closingDate,ne,2011-05-01")) == 6


def test_rows_are_sorted_as_asked(qad):
    filters = ("yearPeriod,eq,201012", "costCenterCode,ne,7")
    rows = qad.rows(BALANCES, *filters, sort=["costCenterCode,desc", "debitBC,asc"])
    keys = [(-int(row["costCenterCode"]), float(row["debitBC"])) for row in rows]
    assert keys == sorted(keys)
    assert len(rows) > 50


def test_a_sort_by_the_key_reads_the_same_rows(qad):
    names = "glAccountCode subAccountCode costCenterCode projectCode layerCode currencyCode"
    sort = [f"{name},asc" for name in names.split()]
    plain = qad.rows(BALANCES, "yearPeriod,eq,201012")
    assert qad.rows(BALANCES, "yearPeriod,eq,201012", sort=sort) == plain
    assert qad.rows(BALANCES, "yearPeriod,eq,201012", sort="nothing,asc") == plain


def test_the_context_root_can_be_another_one(serve):
    qad = serve(DEMO / "books", context_root="/clouderp/test/")
    assert qad.url.endswith("/clouderp/test")
    assert qad.get(BALANCES).status_code == 200


@pytest.mark.parametrize("path", ["/", "/qad-central/api/bdoc/x", "/clouderp2/api/bdoc/x"])
def test_outside_the_context_root_is_404(qad, path):
    answer = qad.http.get(f"{qad.origin}{path}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_an_unknown_document_is_404_only_when_signed_in(qad):
    assert qad.get(f"{LEDGER}/zz_connector_probe").status_code == 404
    qad.use("nothing")
    assert qad.get(f"{LEDGER}/zz_connector_probe").status_code == 401


def test_the_root_answers_with_the_login_page(qad):
    for path in ("", "login.jsp", "resources/login.jsp"):
        answer = qad.call("GET", path)
        assert (answer.status_code, "Log In" in answer.text) == (200, True)


def test_another_verb_is_500_and_options_tell_the_right_ones(qad):
    for verb in ("POST", "PUT", "DELETE"):
        answer = qad.call(verb, f"api/bdoc/{BALANCES}")
        assert answer.status_code == 500
        assert answer.json() == {"errors": [f"Request method '{verb}' not supported"]}
    answer = qad.call("OPTIONS", f"api/bdoc/{BALANCES}")
    assert (answer.status_code, answer.headers["Allow"]) == (200, "GET,HEAD,OPTIONS")


def test_balances_can_be_carried_over_with_the_profit_and_loss_begun_anew_each_year(
    serve, write_books
):
    qad = serve(
        write_books(
            accounts="domain,gl_account,description,is_balance_sheet\n"
            ",100,Cash,true\n,600,Wages,false\n",
            periods="entity,year_period,start_date,end_date\n,202511,2025-11-01,2025-11-30\n"
            ",202512,2025-12-01,2025-12-31\n,202601,2026-01-01,2026-01-31\n",
            gl_balances="entity,year_period,gl_account,debit,credit\n"
            "E1,202511,100,0,5.50\nE1,202511,600,5.50,0\nE1,202512,600,1.005,0\n"
            "E1,202512,100,0,1.005\nE1,202601,100,0,2\nE1,202601,600,2,0\n",
        )
    )

    def carried(*filters):
        rows = qad.rows(BALANCES, *filters, workspace="D1_E1")
        names = ("yearPeriod", "glAccountCode", "openingBalanceBC", "closingBalanceBC")
        return [tuple(row[name] for name in names) for row in rows]

    assert "openingBalanceBC" not in qad.rows(BALANCES, workspace="D1_E1")[0]
    qad.tell("settings", {"opening_balances": True})
    assert carried() == [
        ("202511", "100", "0", "-5.50"),
        ("202511", "600", "0", "5.50"),
        ("202512", "600", "5.50", "6.505"),
        ("202512", "100", "-5.50", "-6.505"),
        ("202601", "100", "-6.505", "-8.505"),
        ("202601", "600", "0", "2"),
    ]
    assert carried("openingBalanceBC,gt,0") == [("202512", "600", "5.50", "6.505")]
    lines = [{"gl_account": "600", "debit": "1"}, {"gl_account": "100", "credit": "1"}]
    qad.tell("journals", {"entity": "E1", "year_period": 202511, "lines": lines})
    assert carried("yearPeriod,eq,202601")[0] == ("202601", "100", "-7.505", "-9.505")
