"""Many amounts at once: every one exact, every sum exact."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.pipeline.units import Totals, to_units
from tests.integrations.pipeline.samples import amounts, naive_sum, quick

BIG = "1234567890123456789012345678.90"


def numbers(texts):
    """The amounts as their units give them, exactly."""
    units = to_units(texts)
    return [Decimal(f"{number}e-{units.decimals}") for number in units.numbers]


def total(texts):
    """The sum of amounts."""
    totals = Totals(1)
    totals.add_columns([texts])
    return Decimal(totals.values()[0])


@quick
@given(st.lists(amounts(), max_size=30))
def test_units_are_the_amounts_and_their_total_is_the_sum(texts):
    assert numbers(texts) == list(map(Decimal, texts))
    assert total(texts) == naive_sum(texts)


@quick
@given(st.integers(0, 5).flatmap(lambda places: st.lists(amounts(places, 9), max_size=60)))
def test_amounts_of_one_scale_are_no_exception(texts):
    assert numbers(texts) == list(map(Decimal, texts))
    assert total([*texts, *["0.00"] * 30]) == naive_sum(texts)
    assert total(["0", *texts]) == naive_sum(texts)


@quick
@given(st.lists(st.integers(-120, 120).map(lambda cents: f"{Decimal(cents) / 100:.2f}")))
def test_cents_keep_their_zeros_apart(texts):
    assert numbers(texts) == list(map(Decimal, texts))


@pytest.mark.parametrize(
    "texts",
    [
        ["0.05"] * 9,
        ["-0.05", "0.00", "10.00", "-0.99", "0.50"] * 3,
        ["1.5", "1.50"] * 6,
        ["1", "2", "0", "10", "-7"] * 3,
        ["007.50", "1.00"] * 8,
        ["0000000.50", "1.00"] * 8,
        ["-0.00", "1.00"],
        ["-0", "1"],
        [BIG, "0.01"] * 8,
        ["0.00"] * 8,
        ["5", "0.25"] * 8,
        ["0", "12.50", "0"],
        ["1.5E+3", "1.50"],
        ["10", "1E5", "12345678901234567890e2"],
    ],
)
def test_awkward_amounts(texts):
    assert numbers(texts) == list(map(Decimal, texts))
    assert total(texts) == naive_sum(texts)


def test_totals_run_per_measure():
    totals = Totals(2)
    totals.add_columns([["1.10", "2.20"], ["-1", "0"]])
    totals.add_columns([["0.70"], ["5"]])
    assert totals.values() == ("4.00", "4")
    other = Totals(2)
    other.add(totals)
    assert other.values() == ("4.00", "4")


@pytest.mark.parametrize(
    ("texts", "text"),
    [(["0.05", "-0.10"], "-0.05"), (["1.50", "-1.5"], "0.00"), (["12"], "12"), ([BIG], BIG)],
)
def test_a_total_is_plain_text_with_the_decimals_of_its_longest_amount(texts, text):
    totals = Totals(1)
    totals.add_columns([texts])
    assert totals.values() == (text,)
