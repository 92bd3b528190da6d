"""Amounts as whole numbers of their last decimal: how many of them are added up at once."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from integrations.pipeline.amounts import Values, plain

_DIGITS_TO_ZERO = bytes.maketrans(b"123456789", b"000000000")
_TILDE_TO_ZERO = bytes.maketrans(b"~", b"0")
_DECODE_INTEGERS = msgspec.json.Decoder(list[int]).decode


class Units(NamedTuple):
    """`numbers` count units of the last of so many `decimals`."""

    numbers: list[int]
    decimals: int


def to_units(texts: Sequence[Any]) -> Units:
    """Return amounts, given as text or as the bytes of JSON numbers, exactly and in their order.

    Errors as of `plain`.
    """
    if not texts:
        return Units([], 0)
    if texts[0] == texts[-1] and texts.count(texts[0]) == len(texts):
        numbers, decimals = _of_any_shape(texts[:1])
        return Units(numbers * len(texts), decimals)
    return _of_one_shape(texts) or _of_any_shape(texts)


class Totals:
    """Running exact sums, one per measure, each with as many decimals as its longest amount."""

    __slots__ = ("_decimals", "_sums")

    def __init__(self, measures: int) -> None:
        self._sums = [0] * measures
        self._decimals = [0] * measures

    def add_columns(self, columns: Iterable[Sequence[Any]]) -> None:
        """Add a batch of amounts, given per measure as `to_units` takes them."""
        for index, column in enumerate(columns):
            numbers, decimals = to_units(column)
            self.add_units(index, sum(numbers), decimals)

    def add_units(self, index: int, number: int, decimals: int) -> None:
        """Add a number of units to the sum of one measure."""
        more = decimals - self._decimals[index]
        if more > 0:
            self._sums[index] *= 10**more
            self._decimals[index] = decimals
        self._sums[index] += number if more >= 0 else number * 10**-more

    def add(self, other: "Totals") -> None:
        """Add the sums of another."""
        for index, sums in enumerate(zip(other._sums, other._decimals, strict=True)):
            self.add_units(index, *sums)

    def values(self) -> Values:
        """Return the sums as plain text."""
        return tuple(map(write_units, self._sums, self._decimals))


def write_units(number: int, decimals: int) -> str:
    """Return a number of units of the last of so many decimals as plain text."""
    if not decimals:
        return str(number)
    digits = str(abs(number)).rjust(decimals + 1, "0")
    return f"{'-' * (number < 0)}{digits[:-decimals]}.{digits[-decimals:]}"


def _of_one_shape(texts: Sequence[Any]) -> Units | None:
    """Read amounts that all have as many decimals, in one go as a list of JSON; else None.

    Each stands between a comma and a semicolon, so that it is seen whole. JSON allows no zero
    before other digits: zeros are set aside, and "0.05" loses one digit after the other.
    """
    point, fraction = _text_of(texts[0]).partition(".")[1:]
    joined = (
        f",{';,'.join(texts)};".encode("ascii", "replace")
        if isinstance(texts[0], str)
        else b"".join((b",", b";,".join(texts), b";"))
    )
    ending = f"{point}{'0' * len(fraction)};".encode()
    shapes = joined.translate(_DIGITS_TO_ZERO)
    if (
        shapes.count(ending) != len(texts)
        or (not point and b"." in shapes)
        or shapes.translate(None, b"0.,;-")
    ):
        return None
    digits = joined.replace(b",0" + ending, b",~;")
    if b",0" in digits or b",-0" in digits:
        digits = digits.translate(None, b".")
        for _ in fraction:
            digits = digits.replace(b",0", b",").replace(b",-0", b",-")
    try:
        numbers = _DECODE_INTEGERS(b"[" + digits[1:].translate(_TILDE_TO_ZERO, b".;") + b"]")
    except msgspec.DecodeError:
        return None
    return Units(numbers, len(fraction))


def _of_any_shape(texts: Sequence[Any]) -> Units:
    parts = [plain(_text_of(text)).partition(".") for text in texts]
    decimals = max(len(fraction) for _, _, fraction in parts)
    numbers = [int(whole + fraction.ljust(decimals, "0")) for whole, _, fraction in parts]
    return Units(numbers, decimals)


def _text_of(amount: Any) -> str:
    return amount if isinstance(amount, str) else bytes(amount).decode()
