"""Each source row falls on one cell, or is held with its reason; none is lost."""

from collections import defaultdict
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.catalogue import CATALOGUE
from integrations.pipeline.cells import CellStore
from integrations.pipeline.frames import cells_of
from integrations.pipeline.mapping import UnitFacts, UnitMapper
from integrations.pipeline.rules import Rule
from integrations.pipeline.streams import GL_BALANCES
from integrations.transport.errors import IntegrationError
from tests.integrations.pipeline.samples import (
    BALANCES,
    HEADERS,
    RULES,
    WITH_QUANTITY,
    Row,
    amounts,
    in_force,
    layout,
    naive_sum,
    quick,
    row,
)


class Mapped:
    """What became of one unit's rows."""

    def __init__(
        self, pages, form=None, rules=RULES, statistical=(), unit=("100", 202611), suspense=()
    ):
        form = form or layout()
        facts = UnitFacts(unit[0], str(unit[1]), statistical=frozenset(statistical))
        self.mapper = UnitMapper(in_force(rules, form, suspense), form, BALANCES, facts)
        self.placed = [self.mapper.map_rows(page) for page in pages]
        self.held = [held for placed in self.placed for held in placed.held]
        with CellStore() as store:
            for placed in self.placed:
                store.add_batch(placed.keys, placed.columns)
            self.cells = list(cells_of(store.frames()))


def test_rows_fall_on_cells():
    mapped = Mapped([[row("1.50"), row("-2.00", gl_account="6200")], []])
    assert mapped.cells == [
        ("E_1,A_6100,CC_1,Nov 26,USD", ("1.50", "0.00", "1.50", "0"), 1),
        ("E_1,A_6200,CC_1,Nov 26,USD", ("0.00", "2.00", "-2.00", "0"), 1),
    ]
    assert mapped.held == []
    assert (mapped.mapper.rows, mapped.mapper.held_rows) == (2, 0)
    assert mapped.mapper.totals() == ("1.50", "2.00", "-0.50", "0")


def test_several_rows_on_one_cell_keep_both_sides_and_their_number():
    rows = [
        row("10.00", sub_account="1"),
        row("-10.00", sub_account="2"),
        row("0.01", project="p", currency="EUR"),
    ]
    assert Mapped([rows[:1], rows[1:]]).cells == [
        ("E_1,A_6100,CC_1,Nov 26,USD", ("10.01", "10.00", "0.01", "0"), 3)
    ]


def test_two_codes_of_one_member_share_a_cell():
    rules = [*RULES, ("gl_account", "6199", "A_6100")]
    cells = Mapped([[row("1"), row("2", gl_account="6199")]], rules=rules).cells
    assert cells == [("E_1,A_6100,CC_1,Nov 26,USD", ("3", "0.00", "3", "0"), 2)]


def test_an_unmapped_row_is_held_with_all_that_it_lacks():
    lost = row("5.00", gl_account="7777", cost_center="9", sub_account="3")
    mapped = Mapped([[row("1.50"), lost, row("2.50")]])
    (held,) = mapped.held
    assert held.reason_code == "unmapped_gl_account"
    assert (held.dimension, held.code) == ("gl_account", "7777")
    assert held.missing == (("gl_account", "7777"), ("cost_center", "9"))
    assert held.values == ("5.00", "0.00", "5.00", "0")
    assert held.row_key == "100|7777|3|9||202611|OFFICIAL|USD"
    assert held.codes == ("100", "7777", "9", "202611", "USD", "3", "")
    assert mapped.cells == [("E_1,A_6100,CC_1,Nov 26,USD", ("4.00", "0.00", "4.00", "0"), 2)]
    assert mapped.mapper.held_rows == 1
    assert mapped.mapper.totals() == ("4.00", "0.00", "4.00", "0")
    assert mapped.mapper.held_totals() == ("5.00", "0.00", "5.00", "0")


@pytest.mark.parametrize(
    ("unit", "reason", "code"),
    [(("300", 202611), "unmapped_entity", "300"), (("100", 202612), "unmapped_period", "202612")],
)
def test_a_unit_without_a_member_is_held_as_a_whole(unit, reason, code):
    mapped = Mapped([[row("1"), row("2")]], unit=unit)
    assert mapped.cells == []
    assert [(held.reason_code, held.code) for held in mapped.held] == [(reason, code)] * 2


def test_a_blank_cost_center_needs_a_rule_too():
    assert Mapped([[row(cost_center="")]]).cells[0][0] == "E_1,A_6100,CC_NONE,Nov 26,USD"
    rules = [rule for rule in RULES if rule.code]
    (held,) = Mapped([[row(cost_center="")]], rules=rules).held
    assert (held.reason_code, held.code) == ("unmapped_cost_center", "")


def test_a_missing_code_is_held_as_blank():
    (held,) = Mapped([[row(base_currency=None)]]).held
    assert (held.reason_code, held.code) == ("unmapped_currency", "")


def test_every_reason_is_in_the_catalogue():
    for dimension in GL_BALANCES.dimensions:
        assert f"unmapped_{dimension}" in CATALOGUE
    assert "statistical_not_imported" in CATALOGUE


def test_a_statistical_account_gives_a_quantity_and_no_money():
    rows = [row("12.5", gl_account="9000"), row("-2.5", gl_account="9000"), row("7.00")]
    mapped = Mapped([rows], statistical=["9000"])
    assert mapped.cells == [
        ("E_1,A_6100,CC_1,Nov 26,USD", ("7.00", "0.00", "7.00", "0"), 1),
        ("E_1,A_9000,CC_1,Nov 26,USD", ("0", "0", "0", "10.0"), 2),
    ]
    assert mapped.mapper.totals() == ("7.00", "0.00", "7.00", "10.0")


def test_a_quantity_is_never_sent_as_money():
    mapped = Mapped(
        [[row("12.5", gl_account="9000"), row("1")]], form=layout(HEADERS), statistical=["9000"]
    )
    (held,) = mapped.held
    assert held.reason_code == "statistical_not_imported"
    assert (held.dimension, held.code, held.missing) == ("gl_account", "9000", ())
    assert held.values == ("12.5", "0.00", "12.5")
    assert [key for key, _, _ in mapped.cells] == ["E_1,A_6100,CC_1,Nov 26,USD"]


@pytest.mark.parametrize("headers", [HEADERS, WITH_QUANTITY, ("Entity", "Account", "Time", "Net")])
def test_a_quantity_is_counted_and_adds_no_money_to_a_code_in_any_layout(headers):
    rows = [row("12.5", gl_account="9000"), row("1.10"), row("-0.05"), row("2", gl_account="9000")]
    mapped = Mapped([rows[:1], rows[1:]], layout(headers), statistical=["9000"])
    sums = {found[:4]: found.amount for found in mapped.mapper.code_sums}
    centers = {("cost_center", "4100", "USD", 4): Decimal("1.05")} if len(headers) > 4 else {}
    assert sums == {
        ("gl_account", "9000", "USD", 2): Decimal(0),
        ("gl_account", "6100", "USD", 2): Decimal("1.05"),
        **centers,
    }


def test_only_bound_measures_are_read():
    form = layout(("Time", "Amount", "Account", "Entity"))
    assert Mapped([[row("1.50", debit=None, credit=None)]], form).cells == [
        ("Nov 26,A_6100,E_1", ("1.50",), 1)
    ]


def test_currencies_are_never_added_up():
    form = layout(("Entity", "Account", "Time", "Net"))
    rows = [row("1"), row("2", base_currency="EUR")]
    with pytest.raises(IntegrationError) as caught:
        Mapped([rows[:1], rows[1:]], form)
    assert caught.value.code == "currency_mixed"
    assert "EUR, USD" in caught.value.message
    assert len(Mapped([rows]).cells) == 2


def test_amounts_may_come_as_bytes_of_json():
    fields = ("gl_account", "cost_center", "base_currency", "debit", "credit", "net")
    kind = msgspec.defstruct(
        "R", [(name, str if name[-1] not in "t" or "account" in name or name == "cost_center"
               else msgspec.Raw) for name in fields]
    )  # fmt: skip
    body = (
        b'[{"gl_account":"6100","cost_center":"4100","base_currency":"USD",'
        b'"debit":1.50e2,"credit":0,"net":150.00}]'
    )
    rows = msgspec.json.decode(body, type=list[kind])
    assert Mapped([rows]).cells[0][1] == ("150", "0", "150.00", "0")


@pytest.mark.parametrize("net", ["1,50", "", "12.5 ", "NaN", None])
def test_an_amount_that_is_no_number_stops_the_unit(net):
    with pytest.raises(IntegrationError) as caught:
        Mapped([[row(), Row(net=net)]])
    assert caught.value.code == "qad_amount_is_text"


def test_a_quoted_member_stands_in_the_key_as_in_the_file():
    rules = [*RULES, ("gl_account", "1", 'Rent, "old"')]
    assert Mapped([[row(gl_account="1")]], rules=rules).cells[0][0] == (
        'E_1,"Rent, ""old""",CC_1,Nov 26,USD'
    )


ROWS = st.lists(
    st.builds(
        lambda net, account, center: row(net, gl_account=account, cost_center=center),
        amounts(),
        st.sampled_from(["6100", "6200", "9000", "7777"]),
        st.sampled_from(["4100", "4200", "", "x"]),
    ),
    max_size=40,
)


@quick
@given(ROWS, st.integers(1, 10))
def test_every_row_is_in_a_cell_or_held(rows, page):
    pages = [rows[start : start + page] for start in range(0, len(rows), page)]
    mapped = Mapped(pages, statistical=["9000"])
    assert sum(cell[2] for cell in mapped.cells) + len(mapped.held) == len(rows)
    assert mapped.mapper.rows == len(rows)
    sums = defaultdict(Decimal)
    for item in rows:
        if item.gl_account != "7777" and item.cost_center != "x":
            sums[item.gl_account] = naive_sum([str(sums[item.gl_account]), item.net])
    found = {
        code: naive_sum(
            cell[1][3 if code == "9000" else 2] for cell in mapped.cells if f"A_{code}" in cell[0]
        )
        for code in ("6100", "6200", "9000")
    }
    assert found == {code: sums[code] for code in found}
    for index in range(4):
        assert Decimal(mapped.mapper.totals()[index]) == naive_sum(
            cell[1][index] for cell in mapped.cells
        )
        assert Decimal(mapped.mapper.held_totals()[index]) == naive_sum(
            held.values[index] for held in mapped.held
        )


def split(dimension, code, *members):
    """Rules that cut a code."""
    return [
        Rule(dimension, code, name, weight=Decimal(weight)) for name, weight in members
    ]  # fmt: skip


SPLIT_CENTER = [*RULES, *split("cost_center", "4300", ("CC_A", "0.6"), ("CC_B", "0.4"))]


def test_a_split_row_falls_on_a_cell_for_each_member_and_counts_once():
    rows = [row("1.00"), row("-10.01", cost_center="4300"), row("2.00", gl_account="6200")]
    mapped = Mapped([rows], rules=SPLIT_CENTER)
    (placed,) = mapped.placed
    assert list(zip(placed.places, placed.keys, *placed.columns, strict=True)) == [
        (0, "E_1,A_6100,CC_1,Nov 26,USD", "1.00", "0.00", "1.00", "0"),
        (1, "E_1,A_6100,CC_A,Nov 26,USD", "0.00", "6.00", "-6.00", "0"),
        (1, "E_1,A_6100,CC_B,Nov 26,USD", "0.00", "4.01", "-4.01", "0"),
        (2, "E_1,A_6200,CC_1,Nov 26,USD", "2.00", "0.00", "2.00", "0"),
    ]
    assert placed.split == [("E_1,A_6100,CC_A,Nov 26,USD", "E_1,A_6100,CC_B,Nov 26,USD")]
    assert mapped.mapper.rows == 3
    assert mapped.mapper.totals() == ("3.00", "10.01", "-7.01", "0")


def test_two_split_codes_are_cut_one_after_the_other_beside_held_rows():
    rules = [*SPLIT_CENTER, *split("gl_account", "6300", ("A_X", "0.5"), ("A_Y", "0.5"))]
    rows = [row("9", gl_account="1"), row("0.07", gl_account="6300", cost_center="4300")]
    (placed,) = Mapped([rows], rules=rules).placed
    assert list(zip(placed.places, placed.keys, placed.columns[2], strict=True)) == [
        (1, "E_1,A_X,CC_A,Nov 26,USD", "0.01"),
        (1, "E_1,A_X,CC_B,Nov 26,USD", "0.02"),
        (1, "E_1,A_Y,CC_A,Nov 26,USD", "0.02"),
        (1, "E_1,A_Y,CC_B,Nov 26,USD", "0.02"),
    ]
    assert [held.code for held in placed.held] == ["1"]


def test_a_split_row_that_lacks_another_code_is_held_whole():
    (held,) = Mapped([[row("5.00", gl_account="1", cost_center="4300")]], rules=SPLIT_CENTER).held
    assert (held.missing, held.values[2]) == ((("gl_account", "1"),), "5.00")


def test_suspense_takes_the_codes_of_its_dimension_and_says_which():
    rows = [
        row("1.00"), row("5.00", gl_account="7"), row("-2.50", gl_account="7"),
        row("3.00", cost_center="9"), row("4.00", gl_account="7", cost_center="4300"),
    ]  # fmt: skip
    mapped = Mapped([rows], rules=SPLIT_CENTER, suspense={"gl_account": "A_S"})
    assert [(key, values[2], count) for key, values, count in mapped.cells] == [
        ("E_1,A_6100,CC_1,Nov 26,USD", "1.00", 1),
        ("E_1,A_S,CC_1,Nov 26,USD", "2.50", 2),
        ("E_1,A_S,CC_A,Nov 26,USD", "2.40", 1),
        ("E_1,A_S,CC_B,Nov 26,USD", "1.60", 1),
    ]
    assert list(mapped.mapper.suspense) == [
        ("gl_account", "7", "USD", 3, ("9.00", "2.50", "6.50", "0")),
    ]
    assert list(mapped.mapper.lacking) == [
        ("cost_center", "9", "USD", 1, ("3.00", "0.00", "3.00", "0"))
    ]
