"""Amounts: exact, whatever their form."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given

from integrations.pipeline.amounts import (
    add,
    canonical,
    canonical_all,
    is_zero,
    plain,
    plain_all,
    same,
    same_values,
    subtract,
)
from tests.integrations.pipeline.samples import amounts, quick

BIG = "1234567890123456789012345678.90"


@pytest.fixture(autouse=True)
def _wide_context():
    """Lets the tests' own arithmetic be exact."""
    with localcontext() as context:
        context.prec = 300
        yield


@pytest.mark.parametrize(
    ("token", "text"),
    [
        ("1234.10", "1234.10"),
        ("-0.00", "-0.00"),
        ("1e3", "1000"),
        ("1.5E-7", "0.00000015"),
        ("-12.50e1", "-125.0"),
        ("0e5", "0"),
        (BIG, BIG),
    ],
)
def test_a_json_number_becomes_plain_text_of_the_same_value(token, text):
    assert plain(token) == text


@pytest.mark.parametrize(
    "token",
    ["", "1,5", " 1", "1 ", "+1", ".5", "5.", "1e", "NaN", "Infinity", "1.2.3", "--1", "1\n"],
)
def test_what_is_no_number_is_refused(token):
    with pytest.raises(ValueError, match="not a number"):
        plain(token)


@pytest.mark.parametrize("token", ["1e101", "1e-101", "1" * 101, "0." + "1" * 101, "1e999"])
def test_more_digits_than_any_ledger_has_are_refused(token):
    with pytest.raises(ValueError, match=r"too many digits|not a number"):
        plain(token)


def test_a_batch_without_exponents_comes_back_as_it_is():
    tokens = ["1.50", "-2", "0.00"]
    assert plain_all(tokens) is tokens
    assert plain_all(["1.50", "2e1"]) == ["1.50", "20"]
    assert plain_all([]) == []


def test_a_batch_with_one_bad_amount_is_refused():
    with pytest.raises(ValueError, match="not a number"):
        plain_all(["1.50", "1\n2", "3"])


def test_sums_and_differences_keep_every_digit():
    assert add(BIG, "0.01") == "1234567890123456789012345678.91"
    assert add("0.1", "0.2") == "0.3"
    assert add("1.10", "-1.1") == "0.00"
    assert subtract("1", "0.000000000000000000000000001") == "0.999999999999999999999999999"


def test_the_callers_precision_does_not_matter():
    with localcontext() as context:
        context.prec = 3
        assert add("123456.78", "0.01") == "123456.79"


@pytest.mark.parametrize("text", ["0", "-0", "0.00", "-0.000", "00.0"])
def test_zero_in_all_its_forms(text):
    assert is_zero(text)
    assert canonical(text) == "0"
    assert same(text, "0")


@pytest.mark.parametrize("text", ["0.01", "-1", "100", "0.10", "10"])
def test_a_cent_is_not_zero(text):
    assert not is_zero(text)
    assert not same(text, "0")


def test_one_number_written_in_two_ways_is_the_same():
    assert same("1.10", "1.1")
    assert same("-5", "-5.000")
    assert same("007.5", "7.50")
    assert not same("100", "10")
    assert not same("1.10", "-1.10")
    assert same_values(("1.0", "0"), ("1", "0.00"))
    assert not same_values(("1.0", "0"), ("1", "0.01"))


@quick
@given(amounts())
def test_plain_text_has_the_value_of_its_token(text):
    number = Decimal(text)
    assert Decimal(plain(text)) == number
    scientific = f"{number:e}"
    if "e" in scientific and abs(int(scientific.split("e")[1])) < 90:
        assert Decimal(plain(scientific)) == number


@quick
@given(amounts(), amounts())
def test_equal_numbers_have_one_canonical_text(left, right):
    assert Decimal(canonical(left)) == Decimal(left)
    assert (canonical(left) == canonical(right)) == (Decimal(left) == Decimal(right))
    assert same(left, right) == (Decimal(left) == Decimal(right))
    assert canonical_all([left, right]) == [canonical(left), canonical(right)]
