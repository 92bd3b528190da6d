"""Writes the AdventureWorks sample as a folder of QAD books."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from simulators.data.adventureworks.source import Sample
from simulators.data.modelparts import write_csv

DOMAINS = {"USD": "10USA", "CAD": "20CAN", "EUR": "30EUR", "AUD": "40AUS"}
SHARED_SET = "AWGL"
DAYS_OF_FIRST_PERIOD = 29


def write_books(sample: Sample, year_periods: Sequence[int], folder: Path) -> None:
    """Write entities, accounts, cost centers, periods, amounts, suppliers and users."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_entities(sample, folder)
    _write_accounts(sample, folder)
    _write_cost_centers(sample, folder)
    _write_periods(sample, year_periods, folder)
    _write_balances(sample, year_periods, folder)
    _write_postings(sample, year_periods, folder)
    _write_suppliers(sample, folder)
    _write_invoices(sample, year_periods, folder)
    write_csv(
        folder / "users.csv", ("user", "password", "client_id"), [("demo",) * 2 + ("ml-connector",)]
    )


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _write_entities(sample: Sample, folder: Path) -> None:
    write_csv(
        folder / "entities.csv",
        ("domain", "entity", "description", "base_currency", "statutory_currency"),
        (
            (DOMAINS[entity.currency], entity.code, entity.name, entity.currency, entity.currency)
            for entity in sample.entities
        ),
    )


def _write_accounts(sample: Sample, folder: Path) -> None:
    header = (
        "domain shared_set gl_account description gl_type is_balance_sheet is_debit "
        "analysis_type is_active"
    )
    write_csv(
        folder / "accounts.csv",
        header.split(),
        (
            (
                "",
                SHARED_SET,
                account.code,
                account.description,
                "STATISTICAL" if account.is_statistical else "STANDARD",
                _truth(account.is_balance_sheet),
                _truth(account.is_debit),
                "COSTCENTER",
                "true",
            )
            for account in sample.accounts.values()
        ),
    )


def _write_cost_centers(sample: Sample, folder: Path) -> None:
    write_csv(
        folder / "cost_centers.csv",
        ("domain", "shared_set", "cost_center", "description", "is_active"),
        (("", SHARED_SET, code, name, "true") for code, name in sample.cost_centers.items()),
    )


def _write_periods(sample: Sample, year_periods: Sequence[int], folder: Path) -> None:
    """Periods end on the sample's dates; the last two are open, earlier years are frozen."""
    rows = []
    end_before = date.fromisoformat(sample.dates[0]) - timedelta(days=DAYS_OF_FIRST_PERIOD)
    last_year = year_periods[-1] // 100
    for number, (text, year_period) in enumerate(zip(sample.dates, year_periods, strict=True)):
        status = "OPEN" if number >= len(year_periods) - 2 else "REPORTED"
        if year_period // 100 < last_year:
            status = "FROZEN"
        start = (end_before + timedelta(days=1)).isoformat()
        rows.append(("", str(year_period), start, text, "NORMAL", status))
        end_before = date.fromisoformat(text)
    header = ("entity", "year_period", "start_date", "end_date", "period_type", "status")
    write_csv(folder / "periods.csv", header, rows)


def _write_balances(sample: Sample, year_periods: Sequence[int], folder: Path) -> None:
    period_of = dict(zip(sample.dates, year_periods, strict=True))
    currency_of = {entity.code: entity.currency for entity in sample.entities}
    rows = []
    for amount in sample.actuals:
        debit, credit = sample.accounts[amount.account].sides(amount.natural)
        rows.append(
            (
                amount.entity,
                str(period_of[amount.date]),
                amount.account,
                "",
                amount.cost_center,
                "",
                "OFFICIAL",
                currency_of[amount.entity],
                _money(debit),
                _money(credit),
            )
        )
    rows.sort(key=lambda row: row[:8])
    header = (
        "entity year_period gl_account sub_account cost_center project layer currency debit credit"
    )
    write_csv(folder / "gl_balances.csv", header.split(), rows)


def _write_postings(sample: Sample, year_periods: Sequence[int], folder: Path) -> None:
    """Restate each balance in money as one posting: a voucher per entity and period."""
    number_of = {date_: number for number, date_ in enumerate(sample.dates, 1)}
    currency_of = {entity.code: entity.currency for entity in sample.entities}
    order = ("entity", "date", "account", "cost_center")
    lines: dict[tuple[str, int], int] = {}
    rows = []
    for amount in sorted(sample.actuals, key=lambda one: [getattr(one, name) for name in order]):
        account, number = sample.accounts[amount.account], number_of[amount.date]
        if account.is_statistical:
            continue
        line = lines[amount.entity, number] = lines.get((amount.entity, number), 0) + 1
        debit, credit = account.sides(amount.natural)
        rows.append(
            (
                amount.entity,
                str(year_periods[number - 1]),
                "JE",
                str(number),
                str(line),
                amount.date,
                amount.account,
                amount.cost_center,
                "OFFICIAL",
                currency_of[amount.entity],
                _money(debit),
                _money(credit),
            )
        )
    header = (
        "entity year_period daybook voucher line posting_date gl_account cost_center layer "
        "currency debit credit"
    )
    write_csv(folder / "postings.csv", header.split(), rows)


def _write_invoices(sample: Sample, year_periods: Sequence[int], folder: Path) -> None:
    """Let each purchase order stand for an invoice; the sample says neither entity nor period.

    Entities that keep books in dollars and periods take them in turn.
    """
    entities = [entity for entity in sample.entities if entity.currency == "USD"]
    rows = []
    for order in sample.orders:
        entity = entities[order.number % len(entities)]
        place = order.number // len(entities) % len(year_periods)
        rows.append(
            (
                entity.code,
                str(year_periods[place]),
                "SUPINV",
                str(order.number),
                order.supplier,
                sample.dates[place],
                sample.dates[place],
                order.total,
                entity.currency,
                f"PO-{order.number}",
            )
        )
    header = (
        "entity year_period daybook voucher supplier invoice_date posting_date amount currency "
        "reference"
    )
    write_csv(folder / "invoices.csv", header.split(), rows)


def _money(value: Decimal) -> str:
    return f"{value:.2f}"


def _write_suppliers(sample: Sample, folder: Path) -> None:
    write_csv(
        folder / "suppliers.csv",
        ("domain", "shared_set", "supplier", "name", "is_active"),
        (("", SHARED_SET, code, name, _truth(active)) for code, name, active in sample.suppliers),
    )
