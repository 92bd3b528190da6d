"""Generated books of a manufacturer, and what follows from them by sums of our own."""

import csv
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from simulators.data.modelparts import period_name
from simulators.qad.generated_lists import Size
from simulators.qad.generated_postings import generate_postings
from tests.runs.small_world import World

IS_WHOLE = bool(os.environ.get("WHOLE_SCENARIOS"))
WHOLE = Size(rows=120_000, entities=3, periods=10, accounts=900, cost_centers=40, seed=11)
SHORT = Size(rows=1_200, entities=3, periods=2, accounts=60, cost_centers=6, seed=11)
SIZE = WHOLE if IS_WHOLE else SHORT
LEFT_OUT = ("ADJUSTMENT", "PREPAYMENT")
ZERO = Decimal(0)

Cells = dict[str, Decimal]
Row = dict[str, str]


@dataclass
class Books:
    """The files, and expected cells by "entity account center month"."""

    world: World
    folder: Path
    periods: list[int] = field(default_factory=list)

    def rows(self, name: str) -> Iterator[Row]:
        """Yield the rows of a file of the books."""
        with (self.world.books / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            yield from csv.DictReader(stream)

    def balances(self, *measures: str) -> dict[str, Cells]:
        """Return what each cell of the ledger must hold, per measure."""
        found: dict[str, Cells] = {measure: defaultdict(lambda: ZERO) for measure in measures}
        statistical = {r["gl_account"] for r in self.rows("accounts") if r["gl_type"] != "STANDARD"}
        for row in self.rows("gl_balances"):
            if row["layer"] == "OFFICIAL" and row["gl_account"] not in statistical:
                debit, credit = Decimal(row["debit"]), Decimal(row["credit"])
                values = {"debit": debit, "credit": credit, "net": debit - credit}
                for measure in measures:
                    found[measure][_ledger(row)] += values[measure]
        return found

    def spend(self) -> Cells:
        """Return the spend of each cost center and account of the profit and loss."""
        accounts = {row["gl_account"]: row for row in self.rows("accounts")}
        cells: Cells = defaultdict(lambda: ZERO)
        for row in self.rows("postings"):
            account = accounts[row["gl_account"]]
            is_spend = account["is_balance_sheet"] == "false" and account["gl_type"] == "STANDARD"
            if row["layer"] == "OFFICIAL" and is_spend:
                cells[_ledger(row)] += Decimal(row["debit"]) - Decimal(row["credit"])
        return cells

    def invoices(self) -> Cells:
        """Return the total of each supplier, without what is no invoice yet or any more."""
        cells: Cells = defaultdict(lambda: ZERO)
        for row in self.rows("invoices"):
            if row["type"] not in LEFT_OUT and row["status_code"] != "AP-INITIAL":
                key = f"E_{row['entity']} V_{row['supplier']} {_month(row)}"
                cells[key] += Decimal(row["amount"])
        return cells

    def plan(self) -> list[tuple[str, str, str, int, str, str]]:
        """Return what is planned in QAD's codes: entity, account, center, period, currency."""
        periods = {period_name(period): period for period in self.periods}
        with (self.folder / "plan.csv").open(encoding="utf-8", newline="") as stream:
            return [
                (
                    row["Entities"].removeprefix("E_"),
                    row["Accounts"].removeprefix("A_"),
                    row["Cost Centers"].removeprefix("CC_"),
                    periods[row["Time"]],
                    row["Currencies"],
                    row["Amount"],
                )
                for row in csv.DictReader(stream)
            ]

    @property
    def inactive(self) -> frozenset[str]:
        """The codes of accounts and cost centers that QAD takes no plan for."""
        return frozenset(
            row[name]
            for file, name in (("accounts", "gl_account"), ("cost_centers", "cost_center"))
            for row in self.rows(file)
            if row["is_active"] == "false"
        )


def _ledger(row: Row) -> str:
    center = row["cost_center"] or "NONE"
    return f"E_{row['entity']} A_{row['gl_account']} CC_{center} {_month(row)}"


def _month(row: Row) -> str:
    return period_name(int(row["year_period"]))


def make_books(folder: Path, change: Callable[[Path], None] = lambda _folder: None) -> Books:
    """Write the books; `change` may alter the files before anything reads them."""
    generate_postings(SIZE, folder)
    change(folder)
    world = World(folder / "books", folder / "model.json", folder / "mapping.csv")
    first = SIZE.first_period
    return Books(world, folder, [first + place for place in range(SIZE.periods)])


def nonzero(cells: Cells) -> Cells:
    """Leave out cells that hold nothing: Anaplan does not tell 0 from empty."""
    return {key: amount for key, amount in cells.items() if amount}
