"""Cutting amounts by weight: exact in sum, rounded toward zero, at the amount's own scale."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.pipeline.splits import cut, cut_all
from tests.integrations.pipeline.samples import amounts, naive_sum, quick

SIXTY = (Decimal("0.6"), Decimal("0.4"))
THIRDS = (Decimal("0.3333"), Decimal("0.3333"), Decimal("0.3334"))


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        ("100.00", SIXTY, ["60.00", "40.00"]),
        ("0.01", SIXTY, ["0.00", "0.01"]),
        ("-0.01", SIXTY, ["0.00", "-0.01"]),
        ("1500.25", SIXTY, ["900.15", "600.10"]),
        ("-1500.27", SIXTY, ["-900.16", "-600.11"]),
        ("0.00", SIXTY, ["0.00", "0.00"]),
        ("-0.00", SIXTY, ["0.00", "0.00"]),
        ("1", SIXTY, ["0", "1"]),
        ("7", THIRDS, ["2", "2", "3"]),
        ("0.125", SIXTY, ["0.075", "0.050"]),
        ("-10.001", THIRDS, ["-3.333", "-3.333", "-3.335"]),
        ("5.5", (Decimal(1),), ["5.5"]),
    ],
)
def test_each_part_keeps_the_scale_and_the_last_takes_the_rest(amount, weights, parts):
    assert cut(amount, weights) == parts


def test_each_measure_is_cut_for_itself():
    assert cut_all(("10.01", "0.00", "3"), SIXTY) == [("6.00", "0.00", "1"), ("4.01", "0.00", "2")]


WEIGHTS = st.lists(st.integers(1, 1000), min_size=1, max_size=5).map(
    lambda shares: [
        *(weights := [Decimal(n * 1000 // sum(shares)) / 1000 for n in shares[:-1]]),
        1 - sum(weights),
    ]
)


@quick
@given(amounts(), WEIGHTS)
def test_the_parts_are_the_whole_to_the_last_digit(amount, weights):
    parts = cut(amount, weights)
    assert naive_sum(parts) == Decimal(amount)
    assert cut(amount, weights) == parts
    assert {len(part.partition(".")[2]) for part in parts} == {len(amount.partition(".")[2])}
    unit = Decimal(1).scaleb(-len(amount.partition(".")[2]))
    for part, weight in zip(parts[:-1], weights, strict=False):
        due = naive_sum([str(Decimal(amount))]) * weight if len(amount) < 20 else None
        if due is not None:
            assert abs(Decimal(part)) <= abs(due) < abs(Decimal(part)) + unit
