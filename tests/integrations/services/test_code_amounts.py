"""Amounts by code: a unit has those of the last run that mapped it, and no others."""

from decimal import Decimal

import pytest

from audit.tenancy import tenant
from integrations.models import CodeAmount, RunUnit, Sync
from integrations.pipeline.code_amounts import CodeSum
from integrations.services.code_amounts import keep_code_sums
from tests.integrations.scenes import add_units, make_house, make_run


def total(code, amount, currency="USD"):
    return CodeSum("cost_center", code, currency, 2, Decimal(amount))


ENTITIES = [{"domain": "10", "entity": "US01"}]


def keep(house, sums, period=202610, **changes):
    """Let a new run find sums in US01 and a period; return all that is kept, with its ids.

    The sync is changed while the run works.
    """
    run = make_run(house)
    add_units(run)
    with tenant(house.organization.pk):
        Sync.objects.filter(pk=house.sync.pk).update(**{"entities": ENTITIES, **changes})
        unit = RunUnit.objects.get(run=run, entity="US01", year_period=period)
        keep_code_sums(run, unit, sums)
        rows = CodeAmount.objects.filter(organization=house.organization)
        fields = ("year_period", "code", "currency", "amount", "pk")
        return {row[:3]: row[3:] for row in rows.values_list(*fields)}


def test_a_unit_has_the_amounts_of_the_last_run_that_mapped_it(engines):
    house = make_house()
    keep(house, [total("100", "10.05"), total("200", "-3"), total("200", "7", "EUR")])
    before = keep(house, [total("100", "4.10")], period=202611)
    assert keep(house, [total("100", "4.1")], period=202611) == before
    after = keep(house, [total("100", "10.06"), total("300", "0.01")])
    assert {place: amount for place, (amount, _) in after.items()} == {
        (202610, "100", "USD"): Decimal("10.06"),
        (202610, "300", "USD"): Decimal("0.01"),
        (202611, "100", "USD"): Decimal("4.10"),
    }
    assert after[202611, "100", "USD"] == before[202611, "100", "USD"]


def test_a_run_keeps_nothing_of_what_its_sync_has_left_out_while_it_worked(engines):
    house = make_house()
    other = [{"domain": "20", "entity": "US01"}]
    assert keep(house, [total("100", "1")], entities=other) == {}
    assert keep(house, [total("100", "1")], data_set="cost_center_spend") == {}
    same = {"data_set": house.sync.data_set}
    assert keep(house, [total("100", "1")], **same, source_id=house.sync.target_id) == {}
    assert keep(house, [total("100", "1")], source_id=house.sync.source_id) != {}


@pytest.mark.parametrize(
    "odd",
    [
        total("9" * 81, "1"), total("A\0B", "1"), total("300", "1", "DOLLARS US."),
        total("300", "9999999999999999999999999999.99999999999"),
    ],
)  # fmt: skip
def test_what_the_table_cannot_hold_is_left_out_and_no_load_fails_for_it(engines, odd):
    house = make_house()
    longest = total("8" * 80, "-9999999999999999999999999998.0000000001")
    kept = keep(house, [total("100", "10.05"), odd, longest])
    assert {place[1]: amount for place, (amount, _) in kept.items()} == {
        "100": Decimal("10.05"), longest.code: longest.amount,
    }  # fmt: skip
