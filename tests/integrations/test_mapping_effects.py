"""What a change of the mapping moves, said for each sync as its next run would do it."""

from decimal import Decimal
from unittest.mock import Mock

from django.template.loader import render_to_string

from audit.tenancy import tenant
from integrations.models import CodeAmount, RunUnit, Sync
from integrations.pipeline.rules import Rule
from integrations.selectors.mapping_effects import read_effect
from integrations.selectors.stakes import read_amounts
from integrations.templatetags.amounts import format_amount
from tests.integrations.scenes import PLAN, RULES, add_units, make_house, make_run


def add_amount(house, code, amount, **fields):
    """Keep what a code comes to in October of US01, unless told otherwise."""
    values = {
        "sync": house.sync, "domain": "10", "entity": "US01", "year_period": 202610,
        "dimension": "cost_center", "currency": "USD", "rows": 2, **fields,
    }  # fmt: skip
    with tenant(house.organization.pk):
        CodeAmount.objects.create(
            organization=house.organization, code=code, amount=Decimal(amount), **values
        )


def effect_of(house, *rules, before=RULES):
    """What more rules would move."""
    with tenant(house.organization.pk):
        return read_effect(house.organization, before, [*before, *rules])


def moved(effect, currency="USD"):
    return {
        (each.sync, each.member): (format_amount(each.before), format_amount(each.after))
        for each in effect.members
        if each.currency == currency
    }


def test_what_has_no_member_is_on_the_suspense_member_of_each_sync_that_has_one(engines):
    house = make_house()
    with tenant(house.organization.pk):
        house.sync.unmapped_policy = "suspense"
        house.sync.suspense_members = {"cost_center": "CC_LOST"}
        house.sync.save()
        holding = Sync.objects.get(pk=house.sync.pk)
        holding.pk, holding.name, holding.unmapped_policy = None, "Spend", "hold"
        holding.save()
    add_amount(house, "200", "12.30")
    add_amount(house, "200", "0.05", sync=holding)
    effect = effect_of(house, Rule("cost_center", "200", "CC_200"))
    assert moved(effect) == {
        ("GL balances", "CC_LOST"): ("12.30", "0.00"),
        ("GL balances", "CC_200"): ("0.00", "12.30"),
        ("Spend", ""): ("0.05", "0.00"),
        ("Spend", "CC_200"): ("0.00", "0.05"),
    }
    to_it = effect_of(house, Rule("cost_center", "200", "CC_LOST"))
    assert [(each.sync, each.before) for each in to_it.codes] == [("Spend", ())]


def test_a_change_of_a_whole_unit_moves_its_rows_once_and_restates_what_is_closed(engines):
    house = make_house()
    run = make_run(house, plan=PLAN)
    add_units(run)
    with tenant(house.organization.pk):
        RunUnit.objects.filter(run=run, entity="DE01", year_period=202610).update(
            period_status="REPORTED"
        )
    for dimension, code, rows in (
        ("gl_account", "4000", 2), ("cost_center", "100", 2), ("cost_center", "", 1),
    ):  # fmt: skip
        add_amount(house, code, "-50.05", dimension=dimension, rows=rows)
    add_amount(house, "1", "7.00", year_period=202611, currency="EUR", dimension="supplier")
    add_amount(house, "1", "3.10", entity="DE01", currency="EUR", dimension="gl_account")
    entity = effect_of(house, Rule("entity", "US01", "E_1"), before=RULES[1:])
    assert moved(entity, "USD") == {
        ("GL balances", ""): ("-100.10", "0.00"),
        ("GL balances", "E_1"): ("0.00", "-100.10"),
    }
    assert (moved(entity, "EUR")["GL balances", "E_1"], entity.rows) == (("0.00", "7.00"), 5)
    assert ([code.code for code in entity.codes], entity.unknown) == (["US01"], [])
    assert entity.restated == []
    period = effect_of(house, Rule("period", "202610", "Oct"))
    assert (period.restated, period.rows) == ([202610], 5)
    assert {code.code: code.periods for code in period.codes} == {"202610": {202610}}
    rules = [Rule("currency", "2", "EURO", "prefix"), Rule("currency", "EUR", "EURO")]
    currency = effect_of(house, *rules, Rule("entity", "US99", "E_2"))
    assert moved(currency, "EUR")["GL balances", "EURO"] == ("0.00", "10.10")
    assert [key.code for key in currency.unknown] == ["2", "US99"]


def test_a_change_that_a_sync_does_not_feel_moves_nothing_of_it(engines):
    house = make_house()
    with tenant(house.organization.pk):
        house.sync.conventions = {"period_name": "{Mon} {yy}"}
        house.sync.save()
    bindings = {"Entity": "entity", "Account": "gl_account", "Month": "period", "Net": "net"}
    make_run(house, plan={"bindings": bindings})
    add_amount(house, "1", "7.00")
    named = effect_of(house, Rule("period", "202610", "Oct 26"), Rule("currency", "USD", "USD"))
    assert (named.codes, named.members, named.unknown) == ([], [], [])
    other = effect_of(house, Rule("period", "202610", "Oct"))
    assert moved(other) == {
        ("GL balances", "Oct 26"): ("7.00", "0.00"),
        ("GL balances", "Oct"): ("0.00", "7.00"),
    }


def test_amounts_are_read_only_of_codes_that_move_and_only_the_heaviest_are_listed(
    engines, monkeypatch
):
    house = make_house()
    codes = [f"4{number:03}" for number in range(103)]
    with tenant(house.organization.pk):
        CodeAmount.objects.bulk_create(
            CodeAmount(
                organization=house.organization, sync=house.sync, domain="10", entity="US01",
                year_period=202610, dimension="cost_center", code=code, currency="USD", rows=1,
                amount=Decimal(code[1:]) + Decimal("0.01"),
            )
            for code in (*codes, "100", "5000")
        )  # fmt: skip
    read = Mock(wraps=read_amounts)
    monkeypatch.setattr("integrations.selectors.mapping_effects.read_amounts", read)
    monkeypatch.setattr("integrations.selectors.moved_codes.CODES_AT_ONCE", 60)

    def codes_read():
        found = [code for call in read.call_args_list for code in call.args[2]]
        read.reset_mock()
        return found

    effect_of(house, Rule("cost_center", "5000", "CC_5"), Rule("cost_center", "77", "CC_7"))
    assert codes_read() == ["5000", "77"]
    before = [*RULES, Rule("cost_center", "4", "CC_4", "prefix", valid_to=202609)]
    dated = Rule("cost_center", "4000", "CC_4", "range", "4999", valid_from=202610)
    effect = effect_of(house, dated, before=before)
    assert codes_read() == codes
    assert (effect.code_count, effect.rows, len(effect.codes)) == (103, 103, 100)
    assert [code.code for code in effect.codes[:2] + effect.codes[-1:]] == ["4102", "4101", "4003"]
    assert moved(effect)["GL balances", "CC_4"] == ("0.00", "5,254.03")
    rest = [Rule("cost_center", f"{number}", "CC", "prefix") for number in range(40, 99)]
    assert effect_of(house, *rest).code_count == 104
    assert codes_read() == [*codes, "5000"]
    assert effect_of(house, Rule("cost_center", "", "CC", "default"), before=before).rows == 104


def test_the_page_never_says_that_nothing_moves_where_amounts_are_not_known(engines):
    house = make_house()
    page = effect_page(
        effect_of(house, Rule("entity", "X<9", "E"), Rule("currency", "U", "", "prefix"))
    )
    assert (
        "no run has kept amounts of it: Currency <code>U…</code>, Entity <code>X&lt;9</code>."
        in page
    )
    assert "No amount" not in page
    assert "No amount that a run has read" in effect_page(effect_of(house))


def effect_page(effect):
    page = render_to_string("integrations/mapping/effect.html", {"effect": effect})
    return " ".join(page.split())


def test_what_is_split_is_cut_in_cents(engines):
    house, half = make_house(), {"weight": Decimal("0.5")}
    add_amount(house, "200", "-250.15")
    add_amount(house, "201", "0.001")
    rules = [
        Rule("cost_center", code, f"CC_{part}", **half) for code in ("200", "201") for part in "AB"
    ]
    assert moved(effect_of(house, *rules)) == {
        ("GL balances", ""): ("-250.149", "0.00"),
        ("GL balances", "CC_A"): ("0.00", "-125.07"),
        ("GL balances", "CC_B"): ("0.00", "-125.079"),
    }
