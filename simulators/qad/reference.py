"""The small documents: entities, accounts, cost centers, suppliers, periods and invoices."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from simulators.qad.amounts import Number, is_number, to_json
from simulators.qad.books import Books, Period
from simulators.qad.codelists import (
    LAST_MODIFIED,
    currency_records,
    project_records,
    sub_account_records,
)
from simulators.qad.csvfiles import BooksError, iter_rows, truth
from simulators.qad.shapes import (
    ACCOUNTS,
    COST_CENTERS,
    CURRENCIES,
    ENTITIES,
    INVOICES,
    PERIODS,
    PROJECTS,
    SUB_ACCOUNTS,
    SUPPLIERS,
)
from simulators.qad.spool import Group, Spool
from simulators.qad.tables import GroupKey, Shape, Table
from simulators.qad.units import MIDNIGHT, UnitReader


def reference_tables(books: Books, spool: Spool) -> dict[str, Table]:
    """All small documents by name."""
    made = (
        (ACCOUNTS, _accounts(books)),
        (COST_CENTERS, _cost_centers(books)),
        (SUPPLIERS, _suppliers(books)),
        (CURRENCIES, (("", record) for record in _currencies(books))),
        (SUB_ACCOUNTS, sub_account_records(books.sub_accounts)),
        (PROJECTS, project_records(books.projects)),
    )
    tables = {shape.name: build_table(shape, spool, rows) for shape, rows in made}
    tables[ENTITIES.name] = entity_table(books, spool)
    return tables | {PERIODS.name: period_table(books, spool)}


def build_table(shape: Shape, spool: Spool, rows: Iterable[tuple[str, dict[str, Any]]]) -> Table:
    """A table from (owner, record) pairs; the owner is a domain, an entity or "" for all."""
    pending: dict[GroupKey, list[str]] = {}
    for owner, record in rows:
        pending.setdefault((owner, 0), []).append(to_json(record))
    table = Table(shape, spool)
    for key, rendered in pending.items():
        group = Group(spool)
        group.append(rendered)
        table.groups[key] = group
    return table


def period_table(books: Books, spool: Spool) -> Table:
    """The document of periods as the calendar stands now."""
    rows = ((period.entity, _period(books, period)) for period in books.periods.values())
    return build_table(PERIODS, spool, rows)


def entity_table(books: Books, spool: Spool) -> Table:
    """The document of entities as they stand now."""
    return build_table(ENTITIES, spool, (("", record) for record in _entities(books)))


def cost_center_table(books: Books, spool: Spool) -> Table:
    """The document of cost centers as they stand now."""
    return build_table(COST_CENTERS, spool, _cost_centers(books))


def _entities(books: Books) -> Iterator[dict[str, Any]]:
    for entity in books.entities.values():
        yield {
            "domainCode": entity.domain,
            "entityCode": entity.code,
            "description": entity.description,
            "baseCurrencyCode": entity.base_currency,
            "statutoryCurrencyCode": entity.statutory_currency,
            "isActive": entity.is_active,
        }


def _currencies(books: Books) -> Iterator[dict[str, Any]]:
    """Those that the books describe, and base and statutory currencies of the entities."""
    entities = books.entities.values()
    used = (code for e in entities for code in e.currencies)
    return currency_records(books.currencies, used)


def _accounts(books: Books) -> Iterator[tuple[str, dict[str, Any]]]:
    for account in books.accounts:
        yield (
            account.domain,
            {
                "sharedSetCode": account.shared_set,
                "glAccountCode": account.code,
                "description": account.description,
                "glTypeCode": account.gl_type,
                "isBalanceSheet": account.is_balance_sheet,
                "isDebitAccount": account.is_debit,
                "category": "",
                "analysisType": account.analysis_type,
                "analysisLimitation": "NONE",
                "currencyCode": "",
                "budgetGroupCode": "",
                "isActive": account.is_active,
                "lastModified": LAST_MODIFIED,
            },
        )


def _cost_centers(books: Books) -> Iterator[tuple[str, dict[str, Any]]]:
    for center in books.cost_centers:
        yield (
            center.domain,
            {
                "sharedSetCode": center.shared_set,
                "costCenterCode": center.code,
                "description": center.description,
                "administrator": "",
                "budgetGroupCode": "",
                "coaMaskCode": "",
                "isActive": center.is_active,
                "isUsedInPosting": True,
                "lastModified": center.last_modified,
            },
        )


def _suppliers(books: Books) -> Iterator[tuple[str, dict[str, Any]]]:
    for supplier in books.suppliers:
        yield (
            supplier.domain,
            {
                "sharedSetCode": supplier.shared_set,
                "supplierCode": supplier.code,
                "name": supplier.name,
                "isActive": supplier.is_active,
                "lastModified": LAST_MODIFIED,
            },
        )


def _period(books: Books, period: Period) -> dict[str, Any]:
    year, number = divmod(period.year_period, 100)
    return {
        "domainCode": books.entities[period.entity].domain,
        "entityCode": period.entity,
        "glCalendarYear": year,
        "glPeriod": number,
        "yearPeriod": period.year_period,
        "startDate": period.start_date + MIDNIGHT,
        "endDate": period.end_date + MIDNIGHT,
        "periodType": period.period_type,
        "status": period.status,
        "isGLPostingAllowed": period.is_open,
        "isPurchasePostingAllowed": period.is_open,
        "closingDate": None if period.is_open else period.end_date + MIDNIGHT,
        "isReported": period.status in ("REPORTED", "FROZEN"),
    }


INVOICE_REQUIRED = (
    "entity",
    "year_period",
    "daybook",
    "voucher",
    "supplier",
    "invoice_date",
    "posting_date",
    "amount",
)
INVOICE_OPTIONAL = {
    "reference": "",
    "type": "INVOICE",
    "due_date": "",
    "currency": "",
    "amount_tc": "",
    "tax_tc": "0",
    "open_tc": "",
    "allocation_status": "ALLOCATION",
    "status_code": "AP-GLALLOC",
    "is_approved": "true",
    "is_open": "true",
    "cost_center": "",
    "sub_account": "",
    "project": "",
    "purchase_order": "",
}
INVOICE_COLUMNS = (*INVOICE_REQUIRED, *INVOICE_OPTIONAL)


def read_invoices(books: Books, spool: Spool) -> Table:
    """The table of supplier invoices; without invoices.csv it has no rows."""
    path = books.folder / "invoices.csv"
    table = Table(INVOICES, spool)
    if not path.exists():
        return table
    names = {supplier.code: supplier.name for supplier in books.suppliers}
    reader = UnitReader(books, table, path)
    for line, values in iter_rows(path, INVOICE_REQUIRED, INVOICE_OPTIONAL):
        row = dict(zip(INVOICE_COLUMNS, values, strict=True))
        unit = reader.unit(line, row["entity"], row["year_period"])
        record = _invoice(row, path, line) | {"supplierName": names.get(row["supplier"], "")}
        record["currencyCode"] = row["currency"] or unit.entity.base_currency
        facts = unit.facts()
        ordered = {name: record.get(name, facts.get(name)) for name in INVOICES.fields}
        unit.pending.append(to_json(ordered))
    reader.finish()
    table.put_in_order()
    return table


def _invoice(row: dict[str, str], path: Path, line: int) -> dict[str, Any]:
    own = row["amount"]
    amounts = {
        "invoiceAmountBC": own,
        "invoiceAmountTC": row["amount_tc"] or own,
        "taxAmountTC": row["tax_tc"] or "0",
        "openBalanceTC": row["open_tc"] or row["amount_tc"] or own,
    }
    for text in amounts.values():
        if not is_number(text):
            raise BooksError(f"{path} line {line}: '{text}' is no plain number.")
    return {
        "daybookCode": row["daybook"],
        "voucher": int(row["voucher"]),
        "invoiceReference": row["reference"],
        "invoiceType": row["type"],
        "supplierCode": row["supplier"],
        "invoiceDate": row["invoice_date"] + MIDNIGHT,
        "postingDate": row["posting_date"] + MIDNIGHT,
        "dueDate": (row["due_date"] or row["invoice_date"]) + MIDNIGHT,
        "allocationStatus": row["allocation_status"],
        "invoiceStatusCode": row["status_code"],
        "isApproved": truth(path, line, row["is_approved"]),
        "isOpen": truth(path, line, row["is_open"]),
        "costCenterCode": row["cost_center"],
        "subAccountCode": row["sub_account"],
        "projectCode": row["project"],
        "purchaseOrderNumber": row["purchase_order"],
        "lastModified": row["posting_date"] + MIDNIGHT,
        **{name: Number(text) for name, text in amounts.items()},
    }
