"""The demonstration's books, model and mapping: the sample's figures, complete and consistent."""

import csv
import json
from collections import defaultdict
from decimal import Decimal

from simulators.data.adventureworks.convert import main
from simulators.qad.ledger import Ledger
from tests.simulators.qad.conftest import DEMO


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_totals_are_those_of_the_sample():
    ledger = Ledger(DEMO / "books")
    statistical = {item.code for item in ledger.books.accounts if item.gl_type == "STATISTICAL"}
    assert statistical == {"9510", "9520", "9540"}
    sums = defaultdict(lambda: [0, Decimal(0), Decimal(0)])
    for entity, period in ledger.books.periods:
        for row in ledger.balances(entity, period):
            is_money = row["glAccountCode"] not in statistical
            found = sums[row["baseCurrencyCode"] if is_money else "units"]
            found[0] += 1
            found[1] += Decimal(row["debitBC"])
            found[2] += Decimal(row["creditBC"])
    assert {
        name: (count, str(debit), str(credit)) for name, (count, debit, credit) in sums.items()
    } == {
        "USD": (4021, "58115729.00", "59870533.00"),
        "CAD": (804, "15786805.16", "16513781.63"),
        "units": (210, "1768060.00", "0.00"),
    }


def test_assets_equal_liabilities_in_every_entity_and_period():
    ledger = Ledger(DEMO / "books")
    sheet = {item.code for item in ledger.books.accounts if item.is_balance_sheet}
    for entity, period in ledger.books.periods:
        rows = [row for row in ledger.balances(entity, period) if row["glAccountCode"] in sheet]
        assert len(rows) > 20
        assert sum(Decimal(row["netBC"]) for row in rows) == 0


def test_periods_follow_each_other_without_a_gap():
    rows = read(DEMO / "books" / "periods.csv")
    assert [(row["year_period"], row["start_date"], row["end_date"]) for row in rows] == [
        ("201012", "2010-12-01", "2010-12-29"),
        ("201101", "2010-12-30", "2011-01-29"),
        ("201102", "2011-01-30", "2011-03-01"),
        ("201103", "2011-03-02", "2011-03-31"),
        ("201104", "2011-04-01", "2011-05-01"),
        ("201105", "2011-05-02", "2011-05-31"),
        ("201106", "2011-06-01", "2011-07-01"),
    ]


def test_every_code_of_the_books_is_mapped_to_a_member_of_the_model():
    model = json.loads((DEMO / "model.json").read_text(encoding="utf-8"))
    mapped = defaultdict(dict)
    for row in read(DEMO / "mapping.csv"):
        mapped[row["dimension"]][row["code"]] = row["member"]
    balances = read(DEMO / "books" / "gl_balances.csv")
    for dimension, column in (
        ("entity", "entity"),
        ("gl_account", "gl_account"),
        ("cost_center", "cost_center"),
        ("period", "year_period"),
        ("currency", "currency"),
    ):
        assert {row[column] for row in balances} <= set(mapped[dimension])
    for dimension, name in (
        ("entity", "entities"),
        ("gl_account", "accounts"),
        ("cost_center", "cost_centers"),
        ("currency", "currencies"),
    ):
        members = read(DEMO / f"list_{name}.csv")
        assert set(mapped[dimension].values()) <= {row["code"] for row in members}
        assert len({row["name"] for row in members}) == len(members)
    copies = [model for workspace in model["workspaces"] for model in workspace["models"]]
    assert [copy["name"] for copy in copies] == ["FP&A", "FP&A DEV"]
    for copy in copies:
        assert list(mapped["period"].values()) == copy["time"]
        columns = [column["header"] for column in copy["imports"][0]["columns"]]
        assert columns == list(mapped["column"])
        assert mapped["action"]["import"] == copy["imports"][0]["name"]
        assert mapped["action"]["export"] == copy["exports"][0]["name"]
    ids = [[item["id"] for item in copy["lists"] + copy["imports"]] for copy in copies]
    assert not set(ids[0]) & set(ids[1])


SAMPLE = {
    "entities": "entity_key,parent_key,percentage_of_ownership,name,currency\n"
    "1,,1,Group,USD\n3,1,1,Northeast,USD\n8,1,1,Canada,CAD\n",
    "cost_centers": "cost_center_key,parent_key,description\n1,,Corporate\n",
    "gl_accounts": "account_key,account_code,parent_account_code,description,account_type,operator,"
    "value_type\n1,1,,Sheet,,~,Currency\n2,1110,1,Cash,Assets,+,Currency\n"
    "3,2210,1,Notes,Liabilities,+,Currency\n4,8020,,Gain,Revenue,+,Currency\n"
    "5,9510,,Heads,Balances,~,Units\n6,4130,,Returns,Expenditures,-,Currency\n",
    "gl_actuals": "finance_key,posting_date,entity_key,cost_center_key,account_code,amount\n"
    "1,2011-05-01,3,1,1110,22080.0\n2,2011-05-01,3,1,2210,5.5\n3,2011-05-01,3,1,8020,-7.25\n"
    "4,2011-05-31,8,1,9510,12.0\n5,2011-05-31,8,1,4130,-3.0\n",
    "gl_budget": "finance_key,posting_date,entity_key,cost_center_key,account_code,amount\n"
    "1,2011-05-31,8,1,8020,9.0\n",
    "suppliers": "supplier_key,account_number,name,active\n7,X1,Steel,0\n",
}


def test_natural_signs_become_debit_and_credit(tmp_path):
    for name, text in SAMPLE.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    out = tmp_path / "out"
    assert main([str(tmp_path), "--out", str(out), "--first-period", "201112"]) == 0
    rows = read(out / "books" / "gl_balances.csv")
    names = ("entity", "year_period", "gl_account", "currency", "debit", "credit")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("3", "201112", "1110", "USD", "22080.00", "0.00"),
        ("3", "201112", "2210", "USD", "0.00", "5.50"),
        ("3", "201112", "8020", "USD", "7.25", "0.00"),
        ("8", "201201", "4130", "CAD", "0.00", "3.00"),
        ("8", "201201", "9510", "CAD", "12.00", "0.00"),
    ]
    assert [row["entity"] for row in read(out / "books" / "entities.csv")] == ["3", "8"]
    assert [tuple(row.values()) for row in read(out / "plan.csv")] == [
        ("E_8", "A_8020", "CC_1", "Jan 12", "CAD", "-9.00")
    ]
    assert [row["gl_account"] for row in read(out / "books" / "accounts.csv")] == [
        "1110",
        "2210",
        "4130",
        "8020",
        "9510",
    ]
