"""Plans on their way back: every layout of an export, and codes that are never guessed."""

from decimal import Decimal

import pytest

from integrations.pipeline.exports import ExportReader
from integrations.pipeline.members import MemberDirectory
from integrations.pipeline.plans import (
    Extent,
    PlanKey,
    PlanSums,
    Refusal,
    ReverseTable,
    bind_columns,
    build_layout,
    find_shrink,
)
from integrations.pipeline.rules import Rule
from integrations.transport.errors import IntegrationError
from tests.integrations.pipeline.test_exports import Definition, refusal

HEADERS = ("Entities", "Accounts", "Cost Centers", "Time", "Currencies", "Amount")
ROW = ("E_1", "A_6100", "CC_1", "Nov 26", "USD", "12000.00")
RULES = (
    Rule("entity", "US01", "E_1"),
    Rule("entity", "DE01", "E_2"),
    Rule("gl_account", "6100", "A_6100"),
    Rule("gl_account", "6200", "A_62"),
    Rule("gl_account", "6210", "A_62"),
    Rule("cost_center", "100", "CC_1"),
    Rule("cost_center", "", "No cost center"),
    Rule("period", "202611", "Nov 26"),
    Rule("period", "FY", "Year"),
    Rule("currency", "USD", "USD"),
)
MEMBERS = dict(
    zip(("entity", "gl_account", "cost_center", "period", "currency"), ROW[:5], strict=True)
)


def read(headers, lines, *, layout="TABULAR_MULTI_COLUMN", codec="utf-8", mark="", **options):
    """The cells of an export whose bytes are cut every 7."""
    given = options.pop("bindings", {})
    definition = Definition(tuple(headers), **options)
    form = build_layout(headers, layout, given)
    reader = ExportReader(
        definition, form, MemberDirectory({}, {}), bindings=bind_columns(headers, given)
    )
    text = "".join(definition.separator.join(line) + "\r\n" for line in (headers, *lines))
    raw = (mark + text).encode(codec)
    pieces = [raw[at : at + 7] for at in range(0, len(raw), 7)]
    cells = [
        (dict(zip(form.dimensions, form.members(key), strict=True)), amount)
        for _, keys, columns in reader.read(pieces)
        for key, amount in zip(keys, columns[0], strict=True)
    ]
    return cells, reader


def table(stated=None, rules=RULES):
    form = build_layout(HEADERS, "", {})
    return ReverseTable(
        rules, form, stated or {}, entities={"US01": "10USA"}, currencies={"US01": "USD"}
    )


def test_a_row_of_many_columns_is_a_cell_with_its_amounts_own_text():
    assert read(HEADERS, [ROW])[0] == [(MEMBERS, "12000.00")]


def test_utf_16_with_tabs_and_a_mark_reads_the_same():
    form = {"encoding": "UTF-16LE", "separator": "\t"}
    row = ("Eé_1, Inc", *ROW[1:])
    cells, _ = read(HEADERS, [row], codec="utf-16-le", mark="\ufeff", **form)
    assert cells == [({**MEMBERS, "entity": "Eé_1, Inc"}, "12000.00")]


def test_dimensions_on_pages_are_columns_like_others_and_versions_are_kept_apart():
    headers = ("Versions", "Currencies", *HEADERS[:4], "Amount", "Headcount")
    row = ("Budget", "USD", *ROW[:4], "12000.00", "3")
    types = (*["ENTITY"] * 6, "NUMBER", "NUMBER")
    cells, _ = read(headers, [row], data_types=types)
    assert cells == [({**MEMBERS, "version": "Budget"}, "12000.00")]


def test_of_line_items_in_one_column_only_the_bound_one_is_read():
    headers = (*HEADERS[:5], "Line items", "Value")
    lines = [(*ROW[:5], "Headcount", "3"), (*ROW[:5], "Amount", "12000.00")]
    one = {"layout": "TABULAR_SINGLE_COLUMN", "data_types": (*["ENTITY"] * 5, "NONE", "MIXED")}
    cells, reader = read(headers, lines, bindings={"Line items": "=Amount"}, **one)
    assert (cells, reader.skipped) == ([(MEMBERS, "12000.00")], 1)
    error = refusal(lambda: read(headers, lines, **one))
    assert (error.code, error.facts) == ("export_header_unbound", {"header": "Line items"})


@pytest.mark.parametrize("layout", ["GRID_ALL_PAGES", "GRID_CURRENT_PAGE", "AUDIT_LOG"])
def test_a_layout_whose_rows_do_not_name_their_members_is_refused(layout):
    assert refusal(lambda: build_layout(HEADERS, layout, {})).code == "plan_layout_unsupported"


def test_a_plan_without_an_amount_is_refused():
    assert refusal(lambda: build_layout(HEADERS[:5], "", {})).code == "layout_incomplete"


def test_members_become_qads_own_codes():
    assert table().key(MEMBERS) == PlanKey("US01", "6100", "100", 202611, "USD")
    none = {**MEMBERS, "cost_center": "No cost center"}
    assert table().key(none) == PlanKey("US01", "6100", "", 202611, "USD")
    bare = {d: MEMBERS[d] for d in ("entity", "gl_account", "period")}
    assert table().key(bare) == PlanKey("US01", "6100", "", 202611, "USD")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"gl_account": "A_TOTAL"}, "plan_member_unmapped"),
        ({"period": "Year"}, "plan_member_unmapped"),
        ({"gl_account": "A_62"}, "plan_member_shared"),
        ({"entity": "E_2"}, "plan_entity_outside"),
    ],
)
def test_a_cell_without_one_code_is_held_with_the_member_that_is_why(change, code):
    ((dimension, member),) = change.items()
    assert table().key({**MEMBERS, **change}) == Refusal(code, dimension, member)


def test_a_stated_code_takes_a_shared_member_and_only_a_code_of_that_member_does():
    shared = {**MEMBERS, "gl_account": "A_62"}
    stated = table({"gl_account": {"A_62": "6210"}}).key(shared)
    assert stated == PlanKey("US01", "6210", "100", 202611, "USD")
    for wrong in ("6100", ""):
        found = table({"gl_account": {"A_62": wrong}}).key(shared)
        assert found == Refusal("plan_member_shared", "gl_account", "A_62")


def test_rules_count_backwards_only_where_they_win_in_the_domain_and_the_period():
    dated = (
        *RULES,
        Rule("gl_account", "6300", "A_63", valid_to=202610),
        Rule("gl_account", "6310", "A_63", valid_from=202611),
        Rule("gl_account", "6400", "A_64", domain="20EUR"),
        Rule("gl_account", "65", "A_65", kind="prefix"),
        Rule("cost_center", "700", "CC_A", weight=Decimal("0.6")),
        Rule("cost_center", "700", "CC_B", weight=Decimal("0.4")),
    )

    def codes(**change):
        return table({"gl_account": {"A_65": "6510"}}, dated).key({**MEMBERS, **change})

    assert codes(gl_account="A_63").gl_account == "6310"
    assert codes(gl_account="A_64") == Refusal("plan_member_unmapped", "gl_account", "A_64")
    assert codes(gl_account="A_65").gl_account == "6510"
    unstated = table(rules=dated).key({**MEMBERS, "gl_account": "A_65"})
    assert unstated == Refusal("plan_member_shared", "gl_account", "A_65")
    assert [codes(cost_center=part).cost_center for part in ("CC_A", "CC_B")] == ["700", "700"]


def test_sums_are_exact_and_name_the_first_period_that_differs():
    sums = PlanSums()
    for amount in ("0.1", "0.2", "-1000000000000000.30"):
        sums.add("Nov 26", "USD", amount)
    assert sums.as_rows() == [["Nov 26", "USD", "-1000000000000000.00"]]
    assert sums.differing([["Nov 26", "USD", "-1000000000000000"]]) == ""
    assert sums.differing([["Nov 26", "USD", "-1000000000000000.01"]]) == "Nov 26 USD"
    assert sums.differing([*sums.as_rows(), ["Dec 26", "", "1"]]) == "Dec 26"


@pytest.mark.parametrize(
    ("rows", "lost"), [(80, {}), (79, {"rows": [100, 79]}), (40, {"rows": [100, 40]})]
)
def test_a_plan_has_shrunk_from_more_than_the_stated_share_on(rows, lost):
    before = Extent(100, frozenset({"US01"}), frozenset({202610}))
    now = Extent(rows, frozenset({"US01"}), frozenset({202610, 202611}))
    assert find_shrink(before, now, 20) == lost


def test_a_lost_entity_or_period_is_a_shrink_whatever_the_rows():
    before = Extent(100, frozenset({"US01", "DE01"}), frozenset({202610, 202611}))
    now = Extent(500, frozenset({"US01"}), frozenset({202611}))
    assert find_shrink(before, now, 20) == {"entities": ["DE01"], "periods": [202610]}


def test_a_header_for_the_amount_that_two_columns_could_be_has_to_be_bound():
    headers = (*HEADERS, "Value")
    with pytest.raises(IntegrationError, match="layout_incomplete"):
        build_layout(headers, "", {})
    assert build_layout(headers, "", {"Value": "amount"}).measures == ("amount",)
