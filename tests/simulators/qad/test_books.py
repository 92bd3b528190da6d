"""The books folder: what is read, in which form, and how wrong books are refused."""

import pytest

from simulators.qad.csvfiles import BooksError
from simulators.qad.ledger import Ledger
from tests.simulators.qad.conftest import BALANCES, OTHER, POSTINGS

MUELLER = "DE-01_0100"


def others(serve):
    """The stand-in with somebody else's books."""
    qad = serve(OTHER / "books")
    qad.http.auth = (b"otto", "p:ß&word".encode())
    return qad


def test_columns_may_stand_in_any_order(serve):
    qad = others(serve)
    rows = qad.rows("qad/base/organization/Entities", workspace=MUELLER)
    assert [(row["domainCode"], row["entityCode"], row["description"]) for row in rows] == [
        ("DE-01", "0100", "Müller & Söhne GmbH"),
        ("JP-01", "JP01", "東京支社"),
        ("KW-01", "KW01", 'Gulf "Trading" W.L.L.'),
    ]
    accounts = qad.rows("qad/base/coa/GLAccounts", workspace="KW-01_KW01")
    assert [row["glAccountCode"] for row in accounts] == [
        "000100",
        "000101",
        "001600",
        "004000",
        "006000",
        "0S1",
    ]


def test_amounts_keep_every_digit_sign_and_exponent(serve):
    qad = others(serve)
    text = qad.get(BALANCES, workspace=MUELLER).text
    assert '"debitBC":1234567890123456789012345.678,"creditBC":0,' in text
    assert '"netBC":-1234567890123456789012346.000,' in text
    assert '"debitBC":-50.00,"creditBC":0,"netBC":-50.00' in text
    assert '"debitBC":0,"creditBC":-50.00,"netBC":50.00' in text
    kuwait = qad.get(BALANCES, workspace="KW-01_KW01").text
    assert '"debitBC":1.5E+3,"creditBC":0,"netBC":1.5E+3' in kuwait
    assert '"creditBC":12.345,"netBC":-12.345' in kuwait


def test_a_period_without_rows_is_there_and_empty(serve):
    qad = others(serve)
    assert qad.rows(BALANCES, "yearPeriod,eq,202603", workspace=MUELLER) == []
    periods = qad.rows("qad/financials/generalledger/GLPeriods", workspace=MUELLER)
    assert [row["yearPeriod"] for row in periods] == ["202601", "202602", "202603"]


def test_rows_out_of_order_are_sorted_on_demand(serve):
    qad = others(serve)
    rows = qad.rows(BALANCES, workspace=MUELLER, sort=["glAccountCode,asc", "costCenterCode,asc"])
    keys = [(row["glAccountCode"], row["costCenterCode"]) for row in rows]
    assert keys == sorted(keys)
    assert len(keys) == 8


def test_other_currencies_and_layers_are_told_apart(serve, write_books):
    qad = serve(
        write_books(
            gl_balances=(
                "entity,year_period,gl_account,layer,layer_type,currency,debit,credit,"
                "debit_tc,credit_tc,net_sc\n"
                "E1,202601,100,OFFICIAL,,USD,90.00,0,100.00,0,900.0\n"
                "E1,202601,100,IFRS,MANAGEMENT,,1,0,,,\n"
            )
        )
    )
    rows = qad.rows(BALANCES, workspace="D1_E1")
    names = ("layerCode", "layerType", "currencyCode", "debitBC", "debitTC", "netBC", "netSC")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("OFFICIAL", "OFFICIAL", "USD", "90.00", "100.00", "90.00", "900.0"),
        ("IFRS", "MANAGEMENT", "EUR", "1", "1", "1", "1"),
    ]
    assert len(qad.rows(BALANCES, "layerType,eq,OFFICIAL", workspace="D1_E1")) == 1


POSTING_LINES = (
    "entity,year_period,daybook,voucher,line,posting_date,gl_account,cost_center,debit,credit\n"
    "E1,202601,JE,7,1,2026-01-15,600,C1,10.10,\n"
    "E1,202601,JE,7,2,2026-01-15,100,,,10.10\n"
    "E2,202602,JE,1,1,2026-02-01,600,C1,5,0\n"
    "E1,202601,JE,8,1,2026-01-20,600,C1,0.205,0\n"
)


def test_balances_are_summed_from_postings_where_there_are_only_these(serve, write_books):
    qad = serve(write_books(gl_balances=None, postings=POSTING_LINES))
    rows = qad.rows(BALANCES, workspace="D1_E1")
    names = ("glAccountCode", "costCenterCode", "debitBC", "creditBC", "netBC")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("100", "", "0", "10.10", "-10.10"),
        ("600", "C1", "10.305", "0", "10.305"),
    ]
    assert len(qad.rows(BALANCES, workspace="D1_E2")) == 1
    lines = qad.rows(POSTINGS, workspace="D1_E1")
    assert [(line["voucher"], line["lineNumber"], line["debitBC"]) for line in lines] == [
        ("7", "1", "10.10"),
        ("7", "2", "0"),
        ("8", "1", "0.205"),
    ]
    assert lines[0]["postingDate"] == lines[0]["lastModified"] == "2026-01-15T00:00:00.000Z"


def test_invoices_are_a_document(serve, write_books):
    qad = serve(
        write_books(
            suppliers="domain,supplier,name\n,S1,Northwind Steel\n",
            invoices=(
                "entity,year_period,daybook,voucher,supplier,invoice_date,posting_date,amount,"
                "tax_tc,type,reference\n"
                "E1,202601,SUPINV,88,S1,2026-01-10,2026-01-12,1210.00,210.00,INVOICE,INV-7781\n"
                "E1,202601,SUPINV,89,S1,2026-01-11,2026-01-12,-10.00,,CREDITNOTE,\n"
            ),
        )
    )
    path = "qad/financials/purchaseledger/supplierinvoice/SupplierInvoices"
    rows = qad.rows(path, "invoiceAmountBC,lt,0", workspace="D1_E1")
    assert [(row["voucher"], row["invoiceType"], row["supplierName"]) for row in rows] == [
        ("89", "CREDITNOTE", "Northwind Steel")
    ]
    first = qad.rows(path, workspace="D1_E1")[0]
    assert (first["invoiceAmountTC"], first["taxAmountTC"], first["currencyCode"]) == (
        "1210.00",
        "210.00",
        "EUR",
    )


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"accounts": None}, "accounts.csv is missing."),
        ({"entities": "domain,entity\n"}, "has no column 'description'; it has: domain, entity."),
        ({"entities": "domain,entity,description,base_currency\n"}, "entities.csv has no rows."),
        (
            {"entities": "domain,entity,description,base_currency\nD1,LONGER_CODE,x,EUR\n"},
            "entities.csv line 2: 'LONGER_CODE' is no code of 1 to 8 characters.",
        ),
        (
            {"periods": "entity,year_period,start_date,end_date\nE9,202601,a,b\n"},
            "periods.csv line 2: entity 'E9' is not in entities.csv.",
        ),
        (
            {"periods": "entity,year_period,start_date,end_date\n,2026-01,a,b\n"},
            "periods.csv line 2: '2026-01' is no year-period such as 202611.",
        ),
        (
            {"periods": "entity,year_period,start_date,end_date,status\n,202601,a,b,SHUT\n"},
            "periods.csv line 2: 'SHUT' is none of",
        ),
        (
            {"accounts": "domain,gl_account,description,is_debit\n,1,x,yes\n"},
            "accounts.csv line 2: 'yes' is neither true nor false.",
        ),
        (
            {"gl_balances": None},
            "has neither gl_balances.csv nor postings.csv.",
        ),
        (
            {"gl_balances": "entity,year_period,gl_account,debit,credit\nE1,202601,100,5\n"},
            "gl_balances.csv line 2: 4 values, but 5 columns.",
        ),
        (
            {
                "gl_balances": "entity,year_period,gl_account,debit,credit\nE1,202601,100,5,0\n"
                'E1,202601,600,"1,5",0\n'
            },
            "gl_balances.csv line 3: the debit '1,5' is no plain number.",
        ),
        (
            {"gl_balances": "entity,year_period,gl_account,debit,credit\nE1,202601,100,0,007\n"},
            "gl_balances.csv line 2: the credit '007' is no plain number.",
        ),
        (
            {"gl_balances": "entity,year_period,gl_account,debit,credit\nE7,202601,100,5,0\n"},
            "gl_balances.csv line 2: entity 'E7' is not in entities.csv.",
        ),
        (
            {
                "gl_balances": "entity,year_period,gl_account,debit,credit\nE1,202601,1,5,0\n"
                "E1,202612,100,5,0\n"
            },
            "gl_balances.csv line 3: periods.csv has no period 202612 of entity 'E1'.",
        ),
        (
            {"postings": POSTING_LINES.replace("JE,7,1", "JE,x,1")},
            "postings.csv line 2: the voucher 'x' is no whole number.",
        ),
    ],
)
def test_wrong_books_are_refused_with_file_line_and_reason(write_books, files, complaint):
    with pytest.raises(BooksError) as refusal:
        Ledger(write_books(**files))
    assert complaint in str(refusal.value)


def test_text_that_is_not_utf_8_is_refused(write_books):
    folder = write_books()
    (folder / "accounts.csv").write_bytes(b"domain,gl_account,description\n,1,M\xfcller\n")
    with pytest.raises(BooksError, match=r"accounts\.csv is not UTF-8 text"):
        Ledger(folder)


def test_no_folder_is_refused(tmp_path):
    with pytest.raises(BooksError, match="is no folder"):
        Ledger(tmp_path / "nothing")


def test_quoted_values_and_other_line_ends_are_read_the_same(write_books):
    header = "entity,year_period,gl_account,sub_account,debit,credit\r\n"
    plain = "".join(f"E1,202601,{code},x,{code}.5,0\r\n" for code in range(100, 5_000))
    quoted = 'E1,202601,"9,1","a ""b""\r\nc",1,0\r\nE2,202601,100,,2,0\r\n'
    ledger = Ledger(write_books(gl_balances=header + plain + quoted))
    found = ledger.balances("E1", 202601)
    assert [row["debitBC"] for row in found] == [f"{n}.5" for n in range(100, 5_000)] + ["1"]
    assert (found[-1]["glAccountCode"], found[-1]["subAccountCode"]) == ("9,1", 'a "b"\r\nc')
    assert ledger.balance_rows("E2", 202601) == 1


def test_a_quote_that_does_not_end_is_refused(write_books):
    text = 'entity,year_period,gl_account,debit,credit\nE1,202601,"100,5,0\n'
    with pytest.raises(BooksError, match=r"gl_balances\.csv line \d: unexpected end of data"):
        Ledger(write_books(gl_balances=text))


def test_empty_lines_and_extra_columns_do_not_matter(write_books):
    text = "\ufeffEntity ,Year_Period,note,GL_Account,credit,debit\n\nE1,202601,x,100,0,5\n\n"
    ledger = Ledger(write_books(gl_balances=text))
    assert [row["debitBC"] for row in ledger.balances("E1", 202601)] == ["5"]
