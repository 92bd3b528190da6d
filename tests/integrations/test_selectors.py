"""What pages read: exact, in order, and of one organization only."""

from decimal import Decimal

import pytest
from django.http import Http404

from audit.tenancy import tenant
from integrations.selectors.drafts import read_standing
from integrations.selectors.exceptions import (
    list_groups,
    list_records,
    open_record_ids,
    sum_exceptions,
)
from integrations.selectors.figures import MEASURES
from integrations.selectors.grids import Grid, get_grid
from integrations.selectors.mappings import RuleFilter, list_rules
from integrations.selectors.progress import get_progress
from integrations.selectors.runs import (
    RunFilter,
    get_run,
    known_periods,
    list_runs,
    state_choices,
)
from integrations.selectors.tieouts import (
    Total,
    list_accounts,
    list_differences,
    list_totals,
    sum_places,
)
from integrations.selectors.unmapped import read_desk
from tests.integrations.scenes import (
    add_books,
    add_difference,
    add_exception,
    add_line,
    add_units,
    held_run,
    make_house,
    make_run,
    swapped_run,
)


@pytest.fixture
def house(engines):
    return make_house()


@pytest.fixture
def inside(house):
    with tenant(house.organization.pk):
        yield house


def grid_of(run) -> Grid:
    return get_grid(run, sum_places(run), sum_exceptions(run))


def totals_of(run) -> list[Total]:
    return list_totals(sum_places(run))


def ids(page):
    return [run.pk for run in page.runs]


def test_runs_are_paged_by_key_both_ways(house):
    made = [make_run(house).pk for _ in range(7)][::-1]
    with tenant(house.organization.pk):
        first = list_runs(house.organization, RunFilter(), size=3)
        second = list_runs(house.organization, RunFilter(), before=first.older, size=3)
        third = list_runs(house.organization, RunFilter(), before=second.older, size=3)
        back = list_runs(house.organization, RunFilter(), after=third.newer, size=3)
        top = list_runs(house.organization, RunFilter(), after=back.newer, size=3)
    assert [ids(page) for page in (first, second, third)] == [made[:3], made[3:6], made[6:]]
    assert (first.newer, third.older) == (None, None)
    assert (ids(back), ids(top), top.newer) == (made[3:6], made[:3], None)


def test_runs_are_narrowed_by_state_and_sync(house):
    done, failed = make_run(house), make_run(house, "failed")
    waiting = make_run(house, "waiting")
    with tenant(house.organization.pk):
        by_state = list_runs(house.organization, RunFilter("failed"))
        active = list_runs(house.organization, RunFilter("active"))
        by_sync = list_runs(house.organization, RunFilter(sync_id=house.sync.pk))
    assert (ids(by_state), ids(active)) == ([failed.pk], [waiting.pk])
    assert ids(by_sync) == [waiting.pk, failed.pk, done.pk]
    assert active.has_active
    assert not by_state.has_active
    assert ("active", "Under way") in state_choices()


def test_a_run_of_another_organization_is_not_there(house):
    other = make_house()
    run = make_run(other)
    with tenant(house.organization.pk), pytest.raises(Http404):
        get_run(house.organization, run.pk)


def test_periods_that_runs_have_met_come_newest_first(house):
    add_units(make_run(house))
    with tenant(house.organization.pk):
        assert known_periods(house.organization) == [202611, 202610]


def test_totals_keep_currencies_sides_and_quantities_apart(house):
    run = make_run(house)
    add_books(run)
    with tenant(house.organization.pk):
        totals = totals_of(run)
    said = [
        (t.currency, t.measure, t.figures.source, t.figures.target, t.figures.state) for t in totals
    ]
    assert said == [
        (currency, measure, Decimal(value), Decimal(value), "equal")
        for currency in ("EUR", "USD")
        for measure, value in (("debit", "3000.50"), ("credit", "5001.00"), ("net", "-2000.50"))
    ] + [("", "quantity", Decimal(48), Decimal(48), "equal")]


def test_sums_and_differences_lose_no_digit(house):
    run = make_run(house)
    long = "12345678901234567890123456789012.34"
    add_line(run, "E/P/A_1/USD", "net", long, target="0.000000000000000000001")
    add_line(run, "E/P/A_2/USD", "net", "0.005")
    with tenant(house.organization.pk):
        net = totals_of(run)[0].figures
    assert str(net.source) == "12345678901234567890123456789012.345"
    assert str(net.difference) == "12345678901234567890123456789012.339999999999999999999"
    assert net.state == "differs"


def test_what_was_not_read_back_is_unread_and_not_zero(house):
    run = make_run(house, "unverified")
    add_line(run, "E/P/A_1/USD", "net", "5.00", target=None)
    add_line(run, "E/P/A_2/USD", "net", "0")
    with tenant(house.organization.pk):
        net = totals_of(run)[0].figures
        (unit,) = grid_of(run).units
    assert (net.target, net.difference, net.state) == (None, None, "unread")
    assert unit.state == "unread"


def test_the_grid_follows_the_calendar_and_shows_what_is_missing(house):
    run = held_run(house)
    with tenant(house.organization.pk):
        grid = grid_of(run)
    assert grid.periods == ["Oct 26", "Nov 26"]
    assert [entity for entity, _ in grid.rows] == ["E_US01", "E_DE01"]
    unit = grid.unit("E_US01", "Nov 26")
    assert (unit.state, unit.records, unit.lines, unit.cells) == ("explained", 3, 2, 0)
    assert unit.gaps == (("USD", Decimal("12400.00")),)
    assert grid.unit("E_DE01", "Nov 26").state == "equal"
    assert grid.unit("E_DE01", "Dec 26") is None


def test_two_swapped_cells_make_their_unit_red_though_its_sums_agree(house):
    run = swapped_run(house)
    with tenant(house.organization.pk):
        grid, progress, cells = grid_of(run), get_progress(run), list_differences(run)
    unit = grid.unit("E_DE01", "Oct 26")
    assert (unit.state, unit.cells, unit.lines, unit.gaps) == ("differs", 2, 0, ())
    assert [u.state for u in grid.units if u != unit] == ["equal"] * 3
    assert (progress.differences, progress.unexplained) == (2, 2)
    assert cells[0].members == ["E_DE01", "A_1000", "CC_100", "Oct 26", "EUR"]


def test_accounts_come_by_name_without_lines_that_are_zero(house):
    run = held_run(house)
    with tenant(house.organization.pk):
        page = list_accounts(run, entity="E_US01", period="Nov 26")
        few = list_accounts(run, entity="E_US01", period="Nov 26", only_differing=True)
    assert [a.account for a in page.accounts] == ["6000", "A_1000", "A_4000", "A_9000"]
    assert [[f.measure for f in a.lines] for a in page.accounts] == [
        ["debit", "net"],
        ["debit", "net"],
        ["credit", "net"],
        ["quantity"],
    ]
    (account,) = few.accounts
    assert (account.account, account.is_mapped) == ("6000", False)
    assert [(f.figures.state, f.figures.records) for f in account.lines] == [("explained", 3)] * 2
    assert [(p.total, p.differing) for p in (page, few)] == [(4, 1), (4, 1)]


def test_accounts_are_paged_by_key(house, monkeypatch):
    monkeypatch.setattr("integrations.selectors.tieouts.ACCOUNTS_A_PAGE", 2)
    run = held_run(house)
    with tenant(house.organization.pk):
        first = list_accounts(run, entity="E_US01", period="Nov 26")
        second = list_accounts(run, entity="E_US01", period="Nov 26", after=first.after)
    assert [a.account for a in first.accounts + second.accounts] == [
        "6000", "A_1000", "A_4000", "A_9000",
    ]  # fmt: skip
    assert (first.after, second.after) == ("A_1000", "")


def test_exceptions_are_grouped_by_reason_with_exact_sums(house):
    run = held_run(house)
    add_exception(
        run, "DE01|1", part="DE01/202611", verdict="rejected", code="anaplan_row_rejected",
        dimension="", member_code="", message="not found in list",
        values={"debit": "0.01", "net": "0.01"}, state="released",
    )  # fmt: skip
    with tenant(house.organization.pk):
        held, rejected = list_groups(run, sum_exceptions(run))
        missing = get_progress(run).missing
        records = list_records(run, verdict="held", code="unmapped_gl_account")
        still = open_record_ids(run, verdict="rejected", code="anaplan_row_rejected")
    assert (held.records, held.still_open, held.verdict_word) == (3, 3, "Held")
    assert held.amounts == {("USD", "debit"): Decimal(12400), ("USD", "net"): Decimal(12400)}
    assert (held.message, held.unmapped) == ("gl account 6000", (("gl_account", "6000"),))
    assert (rejected.records, rejected.still_open) == (1, 0)
    assert rejected.amounts == {("EUR", "debit"): Decimal("0.01"), ("EUR", "net"): Decimal("0.01")}
    assert [(m.verdict, m.records, m.still_open) for m in missing] == [
        ("held", 3, 3),
        ("rejected", 1, 0),
    ]
    assert (len(records.lines), records.after, still) == (3, None, [])


def test_records_are_paged_by_key(house, monkeypatch):
    monkeypatch.setattr("integrations.selectors.exceptions.RECORDS_SHOWN", 2)
    run = held_run(house)
    with tenant(house.organization.pk):
        first = list_records(run, verdict="held", code="unmapped_gl_account")
        second = list_records(
            run, verdict="held", code="unmapped_gl_account", after=first.after or 0
        )
    keys = [record.source_key.split("|")[3] for record, _ in first.lines + second.lines]
    assert (keys, second.after) == (["100", "200", "300"], None)


def test_rules_are_narrowed_and_paged_by_key(inside, monkeypatch):
    monkeypatch.setattr("integrations.selectors.mappings.RULES_A_PAGE", 4)
    first = list_rules(inside.version, RuleFilter())
    second = list_rules(inside.version, RuleFilter(), after=first.after)
    codes = [(rule.dimension, rule.code) for rule in first.rules + second.rules]
    assert codes == sorted(codes)
    assert (len(codes), first.total, second.after) == (6, 6, None)
    one = list_rules(inside.version, RuleFilter("gl_account", "A_4"))
    assert [rule.code for rule in one.rules] == ["4000"]
    assert list_rules(inside.version, RuleFilter(text="%")).total == 0


def test_codes_without_a_member_come_by_weight_and_only_while_open(house):
    run = held_run(house)
    add_exception(run, "x", dimension="cost_center", code="unmapped_cost_center", member_code="9")
    add_exception(run, "y", member_code="7000", state="released")
    with tenant(house.organization.pk):
        desk = read_desk(house.organization, read_standing(house.organization))
    codes = [(code.dimension, code.code, code.records) for code in desk.unmapped]
    assert codes == [("gl_account", "6000", 3), ("cost_center", "9", 1)]


def test_the_measures_of_progress_are_those_of_the_data_sets():
    from integrations.pipeline.streams import DATA_SETS

    measures = [name for data_set in DATA_SETS.values() for name in data_set.measures]
    assert tuple(dict.fromkeys(measures)) == MEASURES


def test_an_explained_cell_makes_no_unit_red(house):
    run = make_run(house, "partial")
    add_books(run)
    add_difference(run, "E_DE01,A_1000,CC_100,Oct 26,EUR", is_explained=True)
    with tenant(house.organization.pk):
        assert {unit.state for unit in grid_of(run).units} == {"equal"}
