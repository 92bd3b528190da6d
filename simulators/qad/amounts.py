"""Exact decimal text: amounts keep the digits that the books give them."""

import json
import re
from collections.abc import Sequence
from decimal import Context, Decimal, Inexact
from functools import cache
from typing import Any

# The grammar of a JSON number (RFC 8259 section 6): an amount stands in an answer as it is.
_GRAMMAR = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_NUMBER = re.compile(_GRAMMAR)
MARK = "\x1f"
_NUMBERS = re.compile(rf"(?:(?:{_GRAMMAR})?{MARK})*+")
_EXACT = Context(prec=400, traps=[Inexact])
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
ZEROS = frozenset({"0", "0.0", "0.00", "0.000", "0.0000"})


class Number(str):
    """The text of a JSON number; written into JSON without quotes, digit for digit."""

    __slots__ = ()


is_number = _NUMBER.fullmatch
"""Finds out whether a text can stand in JSON as a number; None when it cannot."""


def are_numbers(texts: Sequence[str]) -> bool:
    """Whether every text is empty or can stand in JSON as a number."""
    joined = MARK.join((*texts, ""))
    return joined.count(MARK) == len(texts) and _NUMBERS.fullmatch(joined) is not None


def add(first: str, second: str) -> str:
    """The exact sum of two amounts, with the longer of both fractions."""
    return format(_EXACT.add(Decimal(first), Decimal(second)), "f")


def total(known: Decimal, amount: str) -> Decimal:
    """The exact sum of an amount and what was added up before."""
    return _EXACT.add(known, Decimal(amount))


def net(debit: str, credit: str) -> str:
    """Debit less credit, exactly."""
    if credit in ZEROS:
        return debit
    if debit in ZEROS and credit[0] != "-":
        return "-" + credit
    return format(_EXACT.subtract(Decimal(debit), Decimal(credit)), "f")


@cache
def _member(name: str) -> str:
    return f"{json.dumps(name)}:"


def to_json(record: dict[str, Any]) -> str:
    """One record as JSON; a Number stands without quotes and with its own digits."""
    members = (
        f"{_member(name)}{value if isinstance(value, Number) else dump_text(value)}"
        for name, value in record.items()
    )
    return "{" + ",".join(members) + "}"


def dump_text(value: object) -> str:
    """A value other than an amount as JSON, letters beyond ASCII as they are."""
    return _ENCODER.encode(value)


def from_json(raw: bytes) -> dict[str, Any]:
    """One record of a stand-in's own making, its numbers as `Number`."""
    record: dict[str, Any] = json.loads(raw, parse_float=Number, parse_int=Number)
    return record


def list_from_json(rows: bytes) -> list[Any]:
    """Records or other values, a line each, their numbers as `Number`."""
    records: list[Any] = json.loads(
        b"[" + rows.replace(b"\n", b",") + b"]", parse_float=Number, parse_int=Number
    )
    return records
