"""What the rows of a unit come to on each code, as they are mapped."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from integrations.pipeline.amounts import EXACT
from integrations.pipeline.pieces import to_code
from integrations.pipeline.rules import ROW_DIMENSIONS
from integrations.pipeline.units import to_units

_Pair = str | tuple[str, str]
"""A code, with its currency where rows have several."""


class CodeSum(NamedTuple):
    """A code, how many rows in a currency have it, and their exact net."""

    dimension: str
    code: str
    currency: str
    rows: int
    amount: Decimal


class CodeSums:
    """Adds up the net of rows by each code they have, in the dimensions of a layout.

    The net is the measure of that name, or debit less credit, or the only amount there is; a
    layout of quantities alone has none, and its rows are counted.
    """

    def __init__(self, dimensions: Sequence[str], measures: Sequence[str], currency: str) -> None:
        self._dimensions = [name for name in dimensions if name in ROW_DIMENSIONS]
        self._plus, self._minus = _choose(measures)
        self._currency = currency
        self._rows: dict[str, Counter[_Pair]] = {name: Counter() for name in self._dimensions}
        self._units: dict[tuple[str, int], dict[_Pair, int]] = {}

    def add(
        self,
        codes: Mapping[str, Sequence[str]],
        columns: Sequence[Sequence[str]],
        is_money: Sequence[bool] | None = None,
    ) -> None:
        """Add a page: the codes by dimension and the amounts by measure, row by row.

        Rows that are not money are counted, and what they hold is added to no sum; None says
        that all are.
        """
        currencies = codes.get("currency")
        if is_money is not None:
            columns = [_zero_all_but(is_money, column) for column in columns]
        given = [
            (sign, to_units(columns[at]))
            for at, sign in ((self._plus, 1), (self._minus, -1))
            if at is not None
        ]
        for dimension in self._dimensions:
            pairs = _pair(codes[dimension], currencies)
            self._rows[dimension].update(pairs)
            for sign, units in given:
                sums = self._units.setdefault((dimension, units.decimals), defaultdict(int))
                for pair, number in zip(pairs, units.numbers, strict=True):
                    sums[pair] += sign * number

    def __iter__(self) -> Iterator[CodeSum]:
        """Yield the codes in the order in which they were met."""
        rows: dict[tuple[str, str, str], int] = defaultdict(int)
        for dimension, counts in self._rows.items():
            for pair, count in counts.items():
                rows[self._place(dimension, pair)] += count
        sums: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        for (dimension, decimals), units in self._units.items():
            for pair, number in units.items():
                place = self._place(dimension, pair)
                amount = Decimal(number).scaleb(-decimals, EXACT)
                sums[place] = EXACT.add(sums[place], amount)
        for place, count in rows.items():
            yield CodeSum(*place, count, sums.get(place, Decimal(0)))

    def _place(self, dimension: str, pair: _Pair) -> tuple[str, str, str]:
        code, currency = pair if isinstance(pair, tuple) else (pair, self._currency)
        return dimension, to_code(code), to_code(currency)


def _pair(codes: Sequence[str], currencies: Sequence[str] | None) -> Sequence[_Pair]:
    return codes if currencies is None else list(zip(codes, currencies, strict=True))


def _zero_all_but(is_money: Sequence[bool], amounts: Sequence[str]) -> Sequence[str]:
    return [text if money else "0" for money, text in zip(is_money, amounts, strict=True)]


def _choose(measures: Sequence[str]) -> tuple[int | None, int | None]:
    """Return the places of the measure that counts, and of the one that is taken off it."""
    if "net" in measures:
        return measures.index("net"), None
    if "debit" in measures and "credit" in measures:
        return measures.index("debit"), measures.index("credit")
    money = [place for place, name in enumerate(measures) if name != "quantity"]
    return (money[0] if money else None), None
