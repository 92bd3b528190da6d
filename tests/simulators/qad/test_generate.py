"""Made-up books: balanced, steady by seed, of the asked size, with model and mapping that fit."""

import csv
from collections import Counter
from decimal import Decimal

import pytest

from simulators.__main__ import main
from simulators.anaplan.loading import load
from simulators.qad.generate import generate
from simulators.qad.generated_lists import Size
from simulators.qad.ledger import Ledger
from tests.simulators.qad.conftest import BALANCES

SMALL = Size(rows=1_003, entities=3, periods=4, accounts=200, cost_centers=10, seed=7)


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_rows_are_as_many_as_asked_and_all_different(tmp_path):
    made = generate(SMALL, tmp_path)
    rows = read(made.books / "gl_balances.csv")
    assert len(rows) == made.rows == 1_003
    keys = {tuple(row.values())[:4] for row in rows}
    assert len(keys) == 1_003
    units = Counter((row["entity"], row["year_period"]) for row in rows)
    assert sorted(units.values()) == [83] * 5 + [84] * 7


def test_the_money_of_every_unit_is_balanced_and_known(tmp_path):
    made = generate(SMALL, tmp_path)
    statistical = {
        row["gl_account"]
        for row in read(made.books / "accounts.csv")
        if row["gl_type"] == "STATISTICAL"
    }
    assert len(statistical) == 2
    sums = {}
    quantities = Counter()
    for row in read(made.books / "gl_balances.csv"):
        unit = (row["entity"], int(row["year_period"]))
        if row["gl_account"] in statistical:
            quantities[unit] += int(row["debit"])
        else:
            found = sums.setdefault(unit, [Decimal(0), Decimal(0)])
            found[0] += Decimal(row["debit"])
            found[1] += Decimal(row["credit"])
    assert all(debit == credit > 0 for debit, credit in sums.values())
    assert {unit: tuple(int(side * 100) for side in pair) for unit, pair in sums.items()} == (
        made.cents
    )
    assert dict(quantities) == {unit: count for unit, count in made.quantities.items() if count}
    assert sum(quantities.values()) > 0


def test_the_same_seed_writes_the_same_files(tmp_path):
    folders = [tmp_path / name for name in ("one", "two", "three")]
    for folder, seed in zip(folders, (7, 7, 8), strict=True):
        generate(Size(rows=500, seed=seed), folder)
    texts = [(folder / "books" / "gl_balances.csv").read_bytes() for folder in folders]
    assert texts[0] == texts[1] != texts[2]
    for name in ("model.json", "mapping.csv", "list_accounts.csv"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()


def test_books_model_and_mapping_fit_together(tmp_path):
    made = generate(Size(rows=400, accounts=50, cost_centers=5, unmapped=3), tmp_path)
    ledger = Ledger(made.books)
    assert sum(group.rows for group in ledger.tables["GLBalances"].groups.values()) == 400
    model = load(made.model)
    assert model.customer.name == "Generated"
    members = {row["code"] for row in read(tmp_path / "list_accounts.csv")}
    mapping = read(made.mapping)
    mapped = {row["code"]: row["member"] for row in mapping if row["dimension"] == "gl_account"}
    codes = [row["gl_account"] for row in read(made.books / "accounts.csv")]
    assert len(codes) == 50
    assert [code for code in codes if code not in mapped] == [codes[0], codes[16], codes[33]]
    assert set(mapped.values()) < members


def test_the_books_can_be_served(tmp_path, serve):
    made = generate(Size(rows=600, entities=2, periods=3), tmp_path)
    qad = serve(made.books)
    rows = qad.rows(BALANCES, "yearPeriod,eq,202602", workspace="20EUR_02CO", pageSize=500)
    assert len(rows) == 100
    assert {row["currencyCode"] for row in rows} == {"EUR"}


def test_the_command_writes_a_folder_and_refuses_too_many_rows(tmp_path, capsys):
    out = str(tmp_path / "made")
    command = ["books", "--out", out, "--accounts", "20", "--cost-centers", "3"]
    command += ["--entities", "2", "--months", "6"]
    assert main([*command, "--balances", "60"]) == 0
    assert capsys.readouterr().out == f"60 balances in {out}/books\n"
    assert main([*command, "--balances", "721"]) == 2
    assert capsys.readouterr().err == "721 rows do not fit; these sizes allow 1 to 720.\n"


@pytest.mark.parametrize("rows", [1, 2, 12, 23])
def test_even_a_handful_of_rows_is_balanced(tmp_path, rows):
    made = generate(Size(rows=rows, accounts=4, cost_centers=2), tmp_path)
    assert made.rows == rows
    assert all(debit == credit for debit, credit in made.cents.values())
