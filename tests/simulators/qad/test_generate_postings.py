"""Made-up books with postings: balanced, consistent, with all that is hard, steady by seed."""

import csv
import shutil
import tracemalloc
from collections import Counter
from decimal import Decimal

import pytest

from simulators.__main__ import main
from simulators.anaplan.loading import load
from simulators.qad.generated_lists import Size
from simulators.qad.generated_postings import generate_postings
from simulators.qad.ledger import Ledger
from tests.simulators.qad.conftest import ACCOUNTS, BALANCES, PERIODS, POSTINGS

SIZE = Size(rows=6_000, entities=3, periods=13, accounts=40, cost_centers=6, seed=7)
WORKSPACES = {"01CO": "10USA_01CO", "02CO": "20EUR_02CO", "03CO": "10USA_03CO"}
INVOICES = "qad/financials/purchaseledger/supplierinvoice/SupplierInvoices"


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    generate_postings(SIZE, folder)
    return folder / "books"


def read(books, name):
    with (books / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_three_entities_are_in_two_domains_and_the_fourth_in_a_third(books, tmp_path):
    names = ("domain", "entity", "base_currency", "statutory_currency")
    rows = [tuple(row[name] for name in names) for row in read(books, "entities")]
    assert rows == [
        ("10USA", "01CO", "USD", "USD"),
        ("20EUR", "02CO", "EUR", "PLN"),
        ("10USA", "03CO", "USD", "USD"),
    ]
    generate_postings(Size(rows=80, entities=4, periods=1, accounts=12), tmp_path)
    fourth = read(tmp_path / "books", "entities")[3]
    assert tuple(fourth[name] for name in names) == ("30CAN", "04CO", "CAD", "CAD")
    twice = [row for row in read(tmp_path / "books", "accounts") if row["gl_account"] == "004200"]
    assert [row["domain"] for row in twice] == ["10USA", "20EUR", "30CAN"]


def test_served_books_are_balanced_and_balances_are_the_sums_of_postings(books, serve):
    qad = serve(books)
    qad.sign_in()
    units = 0
    for entity, workspace in WORKSPACES.items():
        found = {}
        for name, document in (("postings", POSTINGS), ("balances", BALANCES)):
            sums = found[name] = {}
            for row in qad.rows(document, workspace=workspace, pageSize=20_000):
                assert row["entityCode"] == entity
                unit = sums.setdefault((row["yearPeriod"], row["layerType"]), [Decimal(0)] * 4)
                sides = ("debitBC", "creditBC", "debitTC", "creditTC")
                for place, side in enumerate(sides):
                    unit[place] += Decimal(row[side])
        assert found["postings"] == found["balances"]
        for debit, credit, debit_tc, credit_tc in found["balances"].values():
            assert (debit, debit_tc) == (credit, credit_tc)
        units += len({period for period, _ in found["balances"]})
    assert units == 3 * 15


def test_the_balances_are_those_that_the_stand_in_sums_itself(books, tmp_path):
    copy = tmp_path / "books"
    shutil.copytree(books, copy)
    (copy / "gl_balances.csv").unlink()
    written, summed = Ledger(books), Ledger(copy)
    for key in written.books.periods:
        assert written.balances(*key) == summed.balances(*key)


def test_the_same_seed_writes_the_same_bytes(tmp_path, books):
    generate_postings(SIZE, tmp_path / "again")
    names = sorted(path.name for path in books.iterdir())
    assert len(names) == 12
    for name in names:
        assert (tmp_path / "again" / "books" / name).read_bytes() == (books / name).read_bytes()
    other = Size(rows=6_000, entities=3, periods=13, accounts=40, cost_centers=6, seed=8)
    generate_postings(other, tmp_path / "other")
    changed = (tmp_path / "other" / "books" / "postings.csv").read_bytes()
    assert changed != (books / "postings.csv").read_bytes()


def test_every_kind_of_posting_is_there(books):
    rows = read(books, "postings")
    closing = [row for row in rows if row["daybook"] == "YE"]
    assert len(rows) - len(closing) == 6_000
    assert {row["layer"] for row in rows} == {"OFFICIAL", "MANAGEMENT", "TRANSIENT"}
    layers = {(row["daybook"], row["layer"]) for row in rows if row["daybook"] != "SUPINV"}
    assert layers == {
        ("JE", "OFFICIAL"),
        ("JM", "MANAGEMENT"),
        ("JT", "TRANSIENT"),
        ("YE", "OFFICIAL"),
    }
    assert any(row["debit"].startswith("-") for row in rows if row["daybook"] == "JE")
    assert any(row["last_modified"] > row["posting_date"] for row in rows)
    foreign = [row for row in rows if row["debit"] != row["debit_tc"]]
    assert {row["currency"] for row in foreign} == {"USD", "EUR", "CAD"}
    zloty = [row for row in rows if row["entity"] == "02CO"]
    assert all(row["debit"] != row["debit_sc"] for row in zloty if Decimal(row["debit"]) > 1)


def test_reversals_name_a_voucher_that_is_there(books):
    rows = read(books, "postings")
    vouchers = {}
    for row in rows:
        year = int(row["year_period"]) // 100
        name = f"{year}/{row['daybook']}/{int(row['voucher']):09d}"
        vouchers.setdefault((row["entity"], name), []).append(row)
    assert {len(lines) for lines in vouchers.values()} == {2}
    kinds = Counter()
    for row in rows:
        if row["originator_reference"]:
            original = vouchers[row["entity"], row["originator_reference"]]
            kinds[row["is_reversing"], row["is_replacement"], row["is_auto_reversal"]] += 1
            if row["is_replacement"] == "false":
                turned = {(line["gl_account"], line["credit"], line["debit"]) for line in original}
                assert (row["gl_account"], row["debit"], row["credit"]) in turned
            if row["is_auto_reversal"] == "true":
                assert original[0]["year_period"] < row["year_period"]
    assert set(kinds) == {
        ("true", "false", "false"),
        ("false", "true", "false"),
        ("false", "false", "true"),
    }


def test_the_closing_leaves_nothing_on_the_profit_and_loss_of_its_year(books):
    profit = {row["gl_account"] for row in read(books, "accounts")} - {
        row["gl_account"] for row in read(books, "accounts") if row["is_balance_sheet"] == "true"
    }
    left = Counter()
    for row in read(books, "gl_balances"):
        if row["layer"] == "OFFICIAL" and row["gl_account"] in profit:
            year = row["year_period"][:4]
            key = (row["entity"], year, row["gl_account"])
            left[key, "BC"] += Decimal(row["debit"]) - Decimal(row["credit"])
            left[key, "SC"] += Decimal(row["net_sc"])
    assert {amount for (key, _), amount in left.items() if key[1] == "2026"} == {0}
    assert any(amount for (key, _), amount in left.items() if key[1] == "2027")


def test_lists_and_calendar_have_what_is_hard(books, serve):
    qad = serve(books)
    meanings = {}
    for workspace in WORKSPACES.values():
        rows = qad.rows(ACCOUNTS, "glAccountCode,eq,004200", workspace=workspace)
        meanings[rows[0]["sharedSetCode"]] = rows[0]["description"]
    assert meanings == {"10USAGL": "Training", "20EURGL": "Scrap"}
    accounts = qad.rows(ACCOUNTS, workspace="10USA_01CO")
    analyses = {row["analysisType"] for row in accounts}
    assert analyses == {"NONE", "COSTCENTER", "PROJECT", "BOTH", "SAF"}
    centers = qad.rows("qad/base/coa/CostCenters", workspace="10USA_01CO")
    assert [(row["isActive"], row["lastModified"][:10]) for row in centers[:3]] == [
        (True, "2025-12-01"),
        (True, "2026-08-01"),
        (False, "2026-08-01"),
    ]
    periods = qad.rows(PERIODS, workspace="20EUR_02CO")
    assert {row["status"] for row in periods} == {"FROZEN", "REPORTED", "LOCKED", "OPEN"}
    kinds = [row["periodType"] for row in periods]
    assert kinds == ["NORMAL"] * 12 + ["CORRECTION", "YEARCLOSE", "NORMAL"]
    qad.http.auth = ("reader", "reader")
    answer = qad.call("GET", "api/qracore/entitymetadatas")
    assert answer.status_code == 403


def test_what_was_given_up_in_mid_year_is_not_posted_to_later(books):
    late = [
        row
        for row in read(books, "postings")
        if row["year_period"] > "202607"
        and row["is_auto_reversal"] == "false"
        and row["daybook"] != "YE"
    ]
    gone = [row["gl_account"] for row in read(books, "accounts") if row["is_active"] == "false"]
    assert len(gone) == 1
    assert gone[0] not in {row["gl_account"] for row in late}
    assert gone[0] in {row["gl_account"] for row in read(books, "postings")}
    assert "00003" not in {row["cost_center"] for row in late}
    assert "00003" in {row["cost_center"] for row in read(books, "postings")}


def test_every_invoice_has_its_posting(books, serve):
    qad = serve(books)
    invoices = qad.rows(INVOICES, workspace="10USA_01CO", pageSize=5_000)
    filters = ("daybookCode,eq,SUPINV", "lineNumber,eq,1")
    lines = qad.rows(POSTINGS, *filters, workspace="10USA_01CO", pageSize=5_000)
    amounts = {(row["postingYear"], row["voucher"]): row["debitBC"] for row in lines}
    assert amounts == {
        (row["postingYear"], row["voucher"]): row["invoiceAmountBC"] for row in invoices
    }
    kinds = {row["invoiceType"] for row in invoices}
    assert kinds == {"INVOICE", "CREDITNOTE", "PREPAYMENT", "INVOICECORRECTION", "ADJUSTMENT"}
    allocations = {row["allocationStatus"] for row in invoices}
    assert allocations == {"ALLOCATION", "NOALLOCATION", "TRANSIENTALLOCATION"}
    credit_notes = [row for row in invoices if row["invoiceType"] == "CREDITNOTE"]
    assert all(row["invoiceAmountTC"].startswith("-") for row in credit_notes)


def test_memory_does_not_grow_with_the_postings(tmp_path):
    peaks = []
    for rows in (4_000, 16_000):
        tracemalloc.start()
        generate_postings(
            Size(rows=rows, entities=1, periods=1, accounts=12, cost_centers=1), tmp_path
        )
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


def test_the_command_says_what_it_wrote_and_model_and_mapping_fit(tmp_path, capsys):
    command = ["books", "--out", str(tmp_path), "--months", "2", "--entities", "1"]
    assert main([*command, "--postings", "400"]) == 0
    words = capsys.readouterr().out
    assert words.startswith("400 postings, ")
    assert words.endswith(f" invoices in {tmp_path}/books\n")
    assert load(tmp_path / "model.json").customer.name == "Generated"
    assert "gl_account,004200,A_004200" in (tmp_path / "mapping.csv").read_text("utf-8")
    assert main([*command, "--accounts", "11"]) == 2
    assert "need 12 accounts" in capsys.readouterr().err
