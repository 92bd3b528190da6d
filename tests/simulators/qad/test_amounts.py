"""Exact amounts: their grammar, their sums, their way through JSON."""

from decimal import Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.qad.amounts import Number, add, are_numbers, from_json, is_number, net, to_json

EXACT = Context(prec=200)
AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=4).map(lambda d: f"{d:f}")


@pytest.mark.parametrize("text", ["0", "-0", "1.50", "-12.3", "1e5", "1.5E+3", "9" * 40, "0.001"])
def test_a_json_number_is_an_amount(text):
    assert is_number(text)
    assert are_numbers(["", text, "1"])


@pytest.mark.parametrize("text", ["01", "1.", ".5", "+1", "1,5", " 1", "1 ", "NaN", "٣", "1e", "-"])
def test_anything_else_is_not(text):
    assert not is_number(text)
    assert not are_numbers(["1", text])


@given(AMOUNTS, AMOUNTS)
def test_sums_and_differences_are_exact(first, second):
    assert Decimal(add(first, second)) == EXACT.add(Decimal(first), Decimal(second))
    assert Decimal(net(first, second)) == EXACT.subtract(Decimal(first), Decimal(second))
    assert is_number(net(first, second))


@given(AMOUNTS)
def test_an_amount_passes_through_json_digit_by_digit(text):
    raw = to_json({"amount": Number(text), "name": "ä\"'", "flag": True, "none": None})
    assert raw == f'{{"amount":{text},"name":"ä\\"\'","flag":true,"none":null}}'
    assert from_json(raw.encode())["amount"] == text
