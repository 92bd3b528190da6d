"""Reads the AdventureWorks finance sample: accounts, entities, cost centers, amounts, suppliers."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

BALANCE_SHEET_TYPES = ("Assets", "Liabilities")
DEBIT_TYPES = ("Assets", "Expenditures", "Statistical", "Balances", "Flow")
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Account:
    """One account that can be posted to; `kind` is the sample's account type."""

    code: str
    description: str
    kind: str
    is_statistical: bool

    @property
    def is_balance_sheet(self) -> bool:
        """Assets and liabilities; all others are profit and loss or statistics."""
        return self.kind in BALANCE_SHEET_TYPES

    @property
    def is_debit(self) -> bool:
        """Whether a positive natural amount stands on the debit side."""
        return self.kind in DEBIT_TYPES

    def sides(self, natural: Decimal) -> tuple[Decimal, Decimal]:
        """Debit and credit of a natural amount; a negative one stands on the other side."""
        on_debit = self.is_debit == (natural >= 0)
        return (abs(natural), Decimal(0)) if on_debit else (Decimal(0), abs(natural))


@dataclass(frozen=True, slots=True)
class Entity:
    """One legal entity that has amounts."""

    code: str
    name: str
    currency: str


@dataclass(frozen=True, slots=True)
class Amount:
    """One natural amount of a posting date, entity, account and cost center."""

    date: str
    entity: str
    account: str
    cost_center: str
    natural: Decimal


@dataclass(frozen=True, slots=True)
class Order:
    """One purchase order: its number, supplier and total."""

    number: int
    supplier: str
    total: str


@dataclass(frozen=True, slots=True)
class Sample:
    """The whole sample; `dates` are the period ends in order."""

    accounts: dict[str, Account]
    entities: tuple[Entity, ...]
    cost_centers: dict[str, str]
    dates: tuple[str, ...]
    actuals: tuple[Amount, ...]
    budget: tuple[Amount, ...]
    suppliers: tuple[tuple[str, str, bool], ...]
    orders: tuple[Order, ...] = ()


def read_sample(folder: Path) -> Sample:
    """Read the sample's CSV files; amounts have at most two decimals, else ValueError."""
    actuals = _amounts(folder / "gl_actuals.csv")
    budget = _amounts(folder / "gl_budget.csv")
    used = {amount.entity for amount in actuals}
    return Sample(
        accounts=_accounts(folder / "gl_accounts.csv", actuals + budget),
        entities=tuple(
            Entity(row["entity_key"], row["name"], row["currency"])
            for row in _rows(folder / "entities.csv")
            if row["entity_key"] in used
        ),
        cost_centers={
            row["cost_center_key"]: row["description"] for row in _rows(folder / "cost_centers.csv")
        },
        dates=tuple(sorted({amount.date for amount in actuals})),
        actuals=actuals,
        budget=budget,
        suppliers=tuple(
            (row["supplier_key"], row["name"], row["active"] == "1")
            for row in _rows(folder / "suppliers.csv")
        ),
        orders=_orders(folder / "purchase_orders.csv"),
    )


def _orders(path: Path) -> tuple[Order, ...]:
    """Purchase orders; a sample without them has none."""
    rows = _rows(path) if path.exists() else ()
    return tuple(
        Order(int(row["purchase_order_key"]), row["supplier_key"], row["total_due"]) for row in rows
    )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def _amounts(path: Path) -> tuple[Amount, ...]:
    return tuple(
        Amount(
            date=row["posting_date"],
            entity=row["entity_key"],
            account=row["account_code"],
            cost_center=row["cost_center_key"],
            natural=_cents(row["amount"]),
        )
        for row in _rows(path)
    )


def _cents(text: str) -> Decimal:
    value = Decimal(text)
    written = value.quantize(CENT)
    if written != value:
        raise ValueError(f"The amount {text} has more than two decimals.")
    return written


def _accounts(path: Path, amounts: Sequence[Amount]) -> dict[str, Account]:
    """Accounts without children or with amounts, by code; totals of the tree are left out."""
    rows = list(_rows(path))
    parents = {row["parent_account_code"] for row in rows}
    used = {amount.account for amount in amounts}
    kept = [
        row for row in rows if row["account_code"] not in parents or row["account_code"] in used
    ]
    return {
        row["account_code"]: Account(
            code=row["account_code"],
            description=row["description"],
            kind=row["account_type"],
            is_statistical=row["value_type"] == "Units",
        )
        for row in sorted(kept, key=lambda row: row["account_code"])
    }
