"""Amounts as plain decimal text: kept as they came, added and compared exactly."""

import re
from collections.abc import Sequence
from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    Clamped,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    Subnormal,
    Underflow,
)
from typing import Any

Values = tuple[str, ...]
"""Amounts of one cell as exact decimal text, in the order of the layout's measures."""

MAX_DIGITS = 100
"""Digits that an amount may have on either side of its point."""

EXACT = Context(
    prec=1_000,
    Emin=MIN_EMIN,
    Emax=MAX_EMAX,
    traps=[InvalidOperation, DivisionByZero, Overflow, Underflow, Subnormal, Clamped, Inexact],
)
"""Arithmetic that raises rather than rounds."""

_PLAIN = re.compile(rf"-?[0-9]{{1,{MAX_DIGITS}}}(?:\.[0-9]{{1,{MAX_DIGITS}}})?")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_PLAIN_LINES = re.compile(
    rf"(?:-?+[0-9]{{1,{MAX_DIGITS}}}+(?:\.[0-9]{{1,{MAX_DIGITS}}}+)?+\n)*+",
)


def plain(token: str) -> str:
    """Return a JSON number as decimal text without an exponent, of exactly the same value.

    Raises ValueError for anything else and for more than `MAX_DIGITS` digits on a side.
    """
    if _PLAIN.fullmatch(token):
        return token
    if not _NUMBER.fullmatch(token):
        raise ValueError(f"not a number: {token[:40]!r}")
    text = format(Decimal(token), "f")
    if not _PLAIN.fullmatch(text):
        raise ValueError(f"too many digits: {token[:40]!r}")
    return text


def plain_all(tokens: Sequence[str]) -> Sequence[str]:
    """Return `plain` of each token; the very same sequence where nothing has to change."""
    joined = "\n".join(tokens) + "\n" * bool(tokens)
    if _PLAIN_LINES.fullmatch(joined) and joined.count("\n") == len(tokens):
        return tokens
    return [plain(token) for token in tokens]


def to_text(number: Decimal) -> str:
    """Return a number as plain text."""
    return format(number, "f")


def read_amounts(column: Sequence[Any]) -> Sequence[str]:
    """Return amounts, given as text or as the bytes of valid JSON numbers, as plain text.

    Errors as of `plain`.
    """
    if not column or isinstance(column[0], str):
        return plain_all(column)
    joined = b"\n".join(column)
    tokens = joined.decode().split("\n")
    if b"e" in joined or b"E" in joined or len(max(tokens, key=len)) > MAX_DIGITS:
        return [plain(token) for token in tokens]
    return tokens


def add(left: str, right: str) -> str:
    """Return the exact sum of two amounts."""
    return to_text(EXACT.add(Decimal(left), Decimal(right)))


def subtract(left: str, right: str) -> str:
    """Return the exact difference of two amounts."""
    return to_text(EXACT.subtract(Decimal(left), Decimal(right)))


def negate(text: str) -> str:
    """Return an amount with the other sign, with the same digits; zero stays as it is."""
    if is_zero(text):
        return text
    return text[1:] if text[0] == "-" else f"-{text}"


def is_zero(text: str) -> bool:
    """Whether a plain amount is exactly zero."""
    return not text.strip("-0.")


def same(left: str, right: str) -> bool:
    """Whether two amounts are the same number, however they are written."""
    if left == right:
        return True
    one = left.rstrip("0").rstrip(".") if "." in left else left
    other = right.rstrip("0").rstrip(".") if "." in right else right
    if one == other:
        return True
    if _is_lean(one) and _is_lean(other):
        return False
    return canonical(left) == canonical(right)


def _is_lean(text: str) -> bool:
    """Whether the first digit is not a zero."""
    return text[0] > "0" or (text[0] == "-" and text[1] > "0")


def same_values(left: Values, right: Values) -> bool:
    """Whether two cells hold the same numbers."""
    for one, other in zip(left, right, strict=True):
        if one != other and not same(one, other):
            return False
    return True


def canonical(text: str) -> str:
    """Return the one shortest text of an amount: equal numbers have equal texts."""
    if text[-1] == "0" and "." in text:
        text = text.rstrip("0").rstrip(".")
    if text[0] > "0":
        return text
    sign, digits = ("-", text[1:]) if text[0] == "-" else ("", text)
    if digits[0] == "0":
        whole, point, fraction = digits.partition(".")
        digits = f"{whole.lstrip('0') or '0'}{point}{fraction}"
    return digits if digits == "0" else sign + digits


def canonical_all(texts: Sequence[str]) -> list[str]:
    """Return `canonical` of each amount."""
    return [
        text if text[-1] != "0" and _is_lean(text) else "0" if text == "0.00" else canonical(text)
        for text in texts
    ]
