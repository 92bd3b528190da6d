"""One amount among several members: cut by weight, its sum exact to the last digit."""

from collections.abc import Sequence
from decimal import Decimal

from integrations.pipeline.amounts import Values
from integrations.pipeline.units import write_units


def cut(amount: str, weights: Sequence[Decimal]) -> list[str]:
    """Return the part of each weight, with as many decimals as the amount has.

    Each part but the last is rounded toward zero; the last takes what the others leave.
    """
    whole, _, fraction = amount.partition(".")
    number = int(whole + fraction)
    parts = [_portion(number, weight) for weight in weights[:-1]]
    parts.append(number - sum(parts))
    return [write_units(part, len(fraction)) for part in parts]


def cut_all(values: Values, weights: Sequence[Decimal]) -> list[Values]:
    """Cut each measure for itself; return the measures of each part."""
    return list(zip(*(cut(amount, weights) for amount in values), strict=True))


def _portion(number: int, weight: Decimal) -> int:
    above, below = weight.as_integer_ratio()
    portion = abs(number) * above // below
    return -portion if number < 0 else portion
