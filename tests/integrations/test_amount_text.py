"""Amounts on pages: every digit, and 0.00 for exactly zero alone."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.templatetags.amounts import (
    amount,
    format_amount,
    format_measure,
    period_name,
    period_range,
    unit_name,
)

AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0.00"),
        ("-0.000", "0.00"),
        ("12400", "12,400.00"),
        ("12400.5", "12,400.50"),
        ("-1234567.891", "-1,234,567.891"),
        ("0.004", "0.004"),
        ("-0.0040", "-0.004"),
        ("1E+3", "1,000.00"),
        ("12345678901234567890123456789012.34", "12,345,678,901,234,567,890,123,456,789,012.34"),
        ("10.100000", "10.10"),
    ],
)
def test_money_is_grouped_and_never_rounded(value, text):
    assert format_amount(Decimal(value)) == text
    assert format_amount(value) == text


@given(AMOUNTS)
def test_the_shown_digits_are_the_amount(value):
    shown = format_amount(value)
    assert Decimal(shown.replace(",", "")) == value
    assert (shown == "0.00") == (value == 0)
    assert len(shown.partition(".")[2]) >= 2


def test_quantities_show_only_the_decimals_they_have():
    assert [format_measure(v, "quantity") for v in ("12", "12.00", "0", "1.5")] == [
        "12", "12", "0", "1.5",
    ]  # fmt: skip


def test_what_was_not_read_back_is_no_zero():
    assert "not read back" in amount(None)
    assert "0" not in amount(None)


def test_periods_are_years_and_numbers():
    assert period_name(202613) == "2026/13"
    assert period_name("Oct 26") == "Oct 26"
    assert unit_name("US01/202611") == "US01, 2026/11"
    assert period_range([]) == "All periods"
    assert period_range([202611]) == "2026/11"
    assert period_range([202611, 202609, 202610]) == "2026/09 to 2026/11 (3)"
