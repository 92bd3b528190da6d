"""Made-up books of balances alone, any number of them, with model and mapping, steady by seed."""

import random
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from simulators.data.modelparts import count_periods
from simulators.qad.generated_lists import (
    Size,
    account_code,
    center_code,
    currency_of,
    entity_code,
    used_currencies,
    write_model,
    write_reference,
)

LARGEST_CENTS = 100_000_000
LARGEST_QUANTITY = 5_000
BATCH = 20_000
HEADER = "entity,year_period,gl_account,cost_center,layer,currency,debit,credit\n"


@dataclass(slots=True)
class Made:
    """What was written: rows, and debit and credit in cents per entity and period.

    Statistical quantities are counted apart in `quantities`, never in the cents.
    """

    folder: Path
    rows: int = 0
    cents: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
    quantities: dict[tuple[str, int], int] = field(default_factory=dict)

    @property
    def books(self) -> Path:
        """The books folder."""
        return self.folder / "books"

    @property
    def model(self) -> Path:
        """The model file."""
        return self.folder / "model.json"

    @property
    def mapping(self) -> Path:
        """The mapping file."""
        return self.folder / "mapping.csv"


def generate(size: Size, folder: Path) -> Made:
    """Write books, model and mapping into a folder; every unit's money is balanced."""
    size.check()
    made = Made(folder)
    made.books.mkdir(parents=True, exist_ok=True)
    year_periods = count_periods(size.first_period, size.periods)
    write_reference(size, year_periods, made.books)
    used = sorted(used_currencies(size.entities))
    write_model(size, year_periods, folder, used)
    units = [(entity, period) for entity in range(size.entities) for period in year_periods]
    with (made.books / "gl_balances.csv").open("w", encoding="ascii", newline="") as file:
        file.write(HEADER)
        for place, (entity, period) in enumerate(units):
            count = size.rows // len(units) + (place < size.rows % len(units))
            unit = _Unit(size, entity, period, count)
            file.writelines(unit.batches())
            key = (entity_code(entity), period)
            made.rows += count
            made.cents[key] = (unit.debit, unit.credit)
            made.quantities[key] = unit.quantity
    return made


class _Unit:
    """The balances of one entity and period, spread evenly over accounts and cost centers."""

    def __init__(self, size: Size, entity: int, period: int, count: int) -> None:
        self._source = random.Random(f"{size.seed}/{entity}/{period}")  # noqa: S311
        self._accounts = [account_code(place) for place in range(size.accounts)]
        self._centers = [center_code(place) for place in range(size.cost_centers)]
        self._combinations = size.accounts * size.cost_centers
        self._shift = random.Random(f"{size.seed}/{entity}").randrange(  # noqa: S311
            self._combinations
        )
        self._count = count
        self._money = self._count_money(size.money_accounts * size.cost_centers)
        self._begin = f"{entity_code(entity)},{period},"
        self._end = f",OFFICIAL,{currency_of(entity)},"
        self.debit = 0
        self.credit = 0
        self.quantity = 0

    def _count_money(self, first_quantity: int) -> int:
        """How many rows come before the first statistical one."""
        found = -((self._shift - first_quantity * self._count) // self._combinations)
        return min(max(found, 0), self._count)

    def batches(self) -> Iterator[str]:
        """The lines in the order of account and cost center, many at a time."""
        for start in range(0, self._count, BATCH):
            stop = min(start + BATCH, self._count)
            values = array("I", self._source.randbytes(4 * (stop - start)))
            yield "".join(map(self._line, range(start, stop), values))

    def _line(self, place: int, value: int) -> str:
        account, center = divmod(
            (place * self._combinations + self._shift) // self._count, len(self._centers)
        )
        return (
            f"{self._begin}{self._accounts[account]},{self._centers[center]}{self._end}"
            f"{self._amounts(place, value)}\n"
        )

    def _amounts(self, place: int, value: int) -> str:
        """Debit and credit; the last line of money has the amount that balances the unit."""
        if place >= self._money:
            self.quantity += value % LARGEST_QUANTITY
            return f"{value % LARGEST_QUANTITY},0"
        cents, is_debit = (value >> 1) % LARGEST_CENTS, bool(value & 1)
        if place == self._money - 1:
            cents, is_debit = abs(self.debit - self.credit), self.debit < self.credit
        if is_debit:
            self.debit += cents
            return f"{cents // 100}.{cents % 100:02d},0.00"
        self.credit += cents
        return f"0.00,{cents // 100}.{cents % 100:02d}"
