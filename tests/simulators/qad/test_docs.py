"""The page about the stand-ins names everything that they offer."""

import re

import pytest

from simulators.faults import GENERIC_KINDS
from simulators.qad import balances, books, codelists, postings, reference
from simulators.qad.app import build_app
from simulators.qad.listing import OWN_FAULTS
from simulators.qad.settings import CHOICES, Settings
from simulators.qad.shapes import ALL_SHAPES
from tests.simulators.guesses import rows_below, unturnable
from tests.simulators.qad.conftest import DEMO, ROOT

QAD_PAGE = (ROOT / "docs" / "simulators-qad.md").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "simulators.md").read_text(encoding="utf-8") + QAD_PAGE
FILES = {
    "entities": books._ENTITY,
    "accounts": books._ACCOUNT,
    "cost_centers": books._COST_CENTER,
    "periods": books._PERIOD,
    "gl_balances": (balances.REQUIRED, balances.OPTIONAL),
    "sub_accounts": codelists.SUB_ACCOUNT_COLUMNS,
    "projects": codelists.PROJECT_COLUMNS,
    "currencies": codelists.CURRENCY_COLUMNS,
    "suppliers": books._SUPPLIER,
    "invoices": (reference.INVOICE_REQUIRED, reference.INVOICE_OPTIONAL),
    "users": books._LOGIN,
}


@pytest.mark.parametrize("name", FILES)
def test_every_column_of_a_file_is_described(name):
    required, optional = FILES[name]
    line = next(line for line in PAGE.splitlines() if line.startswith(f"| `{name}.csv`"))
    _, _, needed, others, _ = line.split("|")
    assert re.findall(r"`(\w+)`", needed) == list(required)
    assert set(re.findall(r"`(\w+)`", others)) - {"demo", "metadata"} == set(optional)


def test_every_column_of_postings_is_described():
    line = next(line for line in PAGE.splitlines() if line.startswith("| `postings.csv`"))
    shared = set(balances.OPTIONAL) - {"net_sc"}
    described = set(re.findall(r"`(\w+)`", line)) | shared
    assert set(postings.COLUMNS) <= described


def test_every_setting_is_described_with_its_start_value():
    for name, value in Settings().describe().items():
        line = next(line for line in PAGE.splitlines() if f"`{name}`" in line.split(" | ")[0])
        shown = f"{value:g}" if isinstance(value, int | float) else str(value)
        shown = str(value).lower() if isinstance(value, bool) else shown
        assert shown in line
    for answer in (word for words in CHOICES.values() for word in words):
        assert f"`{answer}`" in QAD_PAGE


def test_every_switch_is_in_the_table_of_what_a_behaviour_rests_on():
    table = QAD_PAGE.split("## What each behaviour rests on")[1]
    assert [name for name in Settings().describe() if f"`{name}`" not in table] == []


def test_every_guess_names_the_switch_or_the_fault_that_turns_it():
    rows = rows_below(QAD_PAGE, "| Behaviour | Rests on |")
    assert sum("our guess" in standing for _, standing in rows) >= 30
    assert unturnable(rows, Settings().describe(), (*GENERIC_KINDS, *OWN_FAULTS)) == []


def test_every_fault_and_document_is_described():
    for kind in (*GENERIC_KINDS, *OWN_FAULTS):
        assert f"| `{kind}` |" in PAGE
    for shape in ALL_SHAPES:
        assert f"| {shape.name} | `{shape.path.removeprefix('api/bdoc/qad/')}` |" in PAGE


def test_every_look_in_is_described():
    routes = {
        route.resource.canonical
        for route in build_app(DEMO / "books").router.routes()
        if route.resource.canonical.startswith("/_sim/")
    }
    assert "/_sim/journals" in routes
    for path in routes - {"/_sim/journal"}:
        assert path in PAGE
