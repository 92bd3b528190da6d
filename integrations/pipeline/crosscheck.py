"""Cost-center spend against GL balances: one sum per account and cost center on either side."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from integrations.pipeline.amounts import EXACT, read_amounts, to_text
from integrations.pipeline.streams import DataSet, read_column, read_measure

Pair = tuple[str, str]
Sums = dict[Pair, Decimal]
ZERO = Decimal(0)


class Mismatch(NamedTuple):
    """An account and cost center whose postings are not what its balance moved."""

    account: str
    cost_center: str
    postings: str
    balances: str


def add_up(sums: Sums, rows: Sequence[Any], data_set: DataSet) -> None:
    """Add the net of rows to the sum of their account and cost center, exactly."""
    accounts, centers = (read_column(rows, name) for name in ("gl_account", "cost_center"))
    nets = read_amounts(read_measure(data_set, rows, "net"))
    for pair, text in zip(zip(accounts, centers, strict=True), nets, strict=True):
        sums[pair] = EXACT.add(sums.get(pair, ZERO), Decimal(text))


def find_mismatches(postings: Sums, balances: Sums, ignored: Iterable[str]) -> list[Mismatch]:
    """Return where the two differ, by account and cost center; `ignored` accounts are left out."""
    left_out = frozenset(ignored)
    return [
        Mismatch(*pair, *(to_text(sums.get(pair, ZERO)) for sums in (postings, balances)))
        for pair in sorted(postings.keys() | balances.keys())
        if pair[0] not in left_out and postings.get(pair, ZERO) != balances.get(pair, ZERO)
    ]
