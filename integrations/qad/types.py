"""What QAD's documents mean: workspaces, filters, pages and the names of canonical fields."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

FieldKind = Literal["text", "whole", "amount", "truth", "date"]

_KINDS: dict[FieldKind, str] = {
    "whole": "year_period posting_year posting_period year period voucher line_number",
    "amount": (
        "debit credit net debit_tc credit_tc net_tc debit_sc credit_sc net_sc opening closing "
        "amount amount_tc amount_sc tax_amount open_balance"
    ),
    "truth": "is_active is_balance_sheet is_debit is_approved is_open is_reported",
    "date": ("start_date end_date closing_date posting_date invoice_date due_date approved_at"),
}

# Every canonical field that is not plain text.
FIELD_KINDS: dict[str, FieldKind] = {
    name: kind for kind, names in _KINDS.items() for name in names.split()
}


# Amounts in transaction and in statutory currency.
OTHER_CURRENCIES = frozenset(
    name for name, kind in FIELD_KINDS.items() if kind == "amount" and name.endswith(("_tc", "_sc"))
)


def kind_of(name: str) -> FieldKind:
    """The kind of a canonical field; text unless the table says else."""
    return FIELD_KINDS.get(name, "text")


@dataclass(frozen=True, slots=True)
class Workspace:
    """One legal entity inside its domain; QAD answers a call for one of them."""

    domain: str
    entity: str
    description: str = field(default="", compare=False)
    base_currency: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition on a canonical field; conditions hold together."""

    field: str
    op: Literal["eq", "ne", "gt", "ge", "lt", "le"]
    value: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it came, unpacked. `items` are its typed rows, read once with it.

    `rows` counts them, `total` is what QAD says the whole list holds (None: not said),
    `elapsed` is in seconds.
    """

    number: int
    body: bytes = field(repr=False)
    rows: int
    total: int | None
    elapsed: float
    items: Sequence[Any] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Ping:
    """A small proof that the connection works: which document answered, and how fast."""

    document: str
    rows: int
    seconds: float


class Row(Protocol):
    """A typed row; its attributes are the canonical names that the profile maps."""


class EntityRow(Row, Protocol):
    """A legal entity."""

    domain: str
    entity: str
    description: str
    base_currency: str
    is_active: bool | None


class AccountRow(Row, Protocol):
    """A GL account. `gl_type` STATISTICAL means that its amounts are quantities, not money."""

    code: str
    description: str
    gl_type: str
    is_balance_sheet: bool | None
    is_debit: bool | None
    is_active: bool | None


class CostCenterRow(Row, Protocol):
    """A cost center."""

    code: str
    description: str
    is_active: bool | None


class PeriodRow(Row, Protocol):
    """A GL period; `year_period` is year * 100 + period, dates are YYYY-MM-DD."""

    entity: str
    year_period: int
    start_date: str
    end_date: str
    period_type: str
    status: str


class BalanceRow(Row, Protocol):
    """What one combination of codes moved in one period; amounts are QAD's own digits."""

    entity: str
    gl_account: str
    sub_account: str
    cost_center: str
    project: str
    year_period: int
    period_type: str
    layer: str
    currency: str
    base_currency: str
    debit: str
    credit: str
    net: str


def period_status(text: str) -> str:
    """OPEN, LOCKED, REPORTED or FROZEN from QAD's word, with or without its Period prefix."""
    return text.strip().upper().removeprefix("PERIOD")
