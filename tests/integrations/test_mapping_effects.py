"""What a change of the mapping moves, said for each sync as its next run would do it."""

from decimal import Decimal

from audit.tenancy import tenant
from integrations.models import CodeAmount, Sync
from integrations.pipeline.rules import Rule
from integrations.selectors.mapping_effects import read_effect
from tests.integrations.scenes import RULES, make_house


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


def moved(effect):
    return {
        (each.sync, each.member): (str(each.before), str(each.after)) for each in effect.members
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
        ("GL balances", "CC_LOST"): ("12.3000000000", "0"),
        ("GL balances", "CC_200"): ("0", "12.3000000000"),
        ("Spend", ""): ("0.0500000000", "0"),
        ("Spend", "CC_200"): ("0", "0.0500000000"),
    }
    to_it = effect_of(house, Rule("cost_center", "200", "CC_LOST"))
    assert [(each.sync, each.before) for each in to_it.codes] == [("Spend", ())]
