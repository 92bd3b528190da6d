"""GL postings: read from postings.csv, and summed to balances where the books have only these."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simulators.qad.amounts import Number, add, is_number, to_json
from simulators.qad.balances import LINES_AT_ONCE
from simulators.qad.books import Books
from simulators.qad.csvfiles import BooksError, Columns, iter_rows, truth
from simulators.qad.shapes import POSTINGS
from simulators.qad.spool import Spool
from simulators.qad.tables import Table
from simulators.qad.units import MIDNIGHT, Unit, UnitReader, layer_type_of

REQUIRED = (
    "entity",
    "year_period",
    "daybook",
    "voucher",
    "line",
    "posting_date",
    "gl_account",
    "debit",
    "credit",
)
OPTIONAL = {
    "sub_account": "",
    "cost_center": "",
    "project": "",
    "layer": "OFFICIAL",
    "currency": "",
    "description": "",
    "layer_type": "",
    "debit_tc": "",
    "credit_tc": "",
    "debit_sc": "",
    "credit_sc": "",
    "system_date": "",
    "last_modified": "",
    "is_reversing": "false",
    "is_replacement": "false",
    "originator_reference": "",
    "is_auto_reversal": "false",
    "source_reference": "",
}
COLUMNS = (*REQUIRED, *OPTIONAL)
SUM_COLUMNS = (
    "entity",
    "year_period",
    "gl_account",
    "sub_account",
    "cost_center",
    "project",
    "layer",
    "layer_type",
    "currency",
    "debit",
    "credit",
    "debit_tc",
    "credit_tc",
)


class Sums:
    """Debit and credit per balance, summed while postings are read."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, ...], list[str]] = {}

    def add(self, row: dict[str, str], record: dict[str, Any]) -> None:
        """Add one posting line."""
        key = (
            *(row[name] for name in SUM_COLUMNS[:-5]),
            record["currencyCode"],
        )
        amounts = [record[name] for name in ("debitBC", "creditBC", "debitTC", "creditTC")]
        known = self._found.get(key)
        if known is None:
            self._found[key] = [str(amount) for amount in amounts]
        else:
            known[:] = [add(first, second) for first, second in zip(known, amounts, strict=True)]

    def columns(self) -> Iterator[Columns]:
        """The balances with the columns of gl_balances.csv, sorted by their key."""
        found = sorted(self._found.items())
        for start in range(0, len(found), LINES_AT_ONCE):
            rows = [(*key, *amounts) for key, amounts in found[start : start + LINES_AT_ONCE]]
            values = dict(zip(SUM_COLUMNS, zip(*rows, strict=True), strict=True))
            yield Columns(0, {**values, "net_sc": ("",) * len(rows)})


def read_postings(books: Books, spool: Spool, sums: Sums | None = None) -> Table:
    """The table of posting lines; each line is also added to `sums`.

    Raises BooksError for an unknown entity or period and for an amount that is no plain number.
    """
    path = books.folder / "postings.csv"
    table = Table(POSTINGS, spool)
    reader = UnitReader(books, table, path)
    for line, values in iter_rows(path, REQUIRED, OPTIONAL):
        row = dict(zip(COLUMNS, values, strict=True))
        unit = reader.unit(line, row["entity"], row["year_period"])
        record = _record(unit, row, path, line)
        unit.pending.append(to_json(record))
        reader.writer.added()
        if sums is not None:
            sums.add(row, record)
    reader.finish()
    table.put_in_order()
    return table


def _record(unit: Unit, row: dict[str, str], path: Path, line: int) -> dict[str, Any]:
    """One posting line by its wire names."""
    for name in ("voucher", "line"):
        if not row[name].isdigit():
            raise BooksError(f"{path} line {line}: the {name} '{row[name]}' is no whole number.")
    date = row["posting_date"]
    moment = row["last_modified"] or row["system_date"] or date
    record: dict[str, Any] = {
        "daybookCode": row["daybook"],
        "voucher": int(row["voucher"]),
        "lineNumber": int(row["line"]),
        "postingDate": date + MIDNIGHT,
        "systemDate": _moment(row["system_date"] or date),
        "lastModified": _moment(moment),
        "layerType": row["layer_type"] or layer_type_of(row["layer"]),
        "glAccountCode": row["gl_account"],
        "subAccountCode": row["sub_account"],
        "costCenterCode": row["cost_center"],
        "projectCode": row["project"],
        "currencyCode": row["currency"] or unit.entity.base_currency,
        "description": row["description"],
        "isReversing": truth(path, line, row["is_reversing"]),
        "isReplacement": truth(path, line, row["is_replacement"]),
        "originatorReference": row["originator_reference"],
        "isAutoReversal": truth(path, line, row["is_auto_reversal"]),
        "sourceReference": row["source_reference"],
    }
    record.update(_amounts(row, path, line))
    facts = unit.facts()
    return {name: record.get(name, facts.get(name)) for name in POSTINGS.fields}


def _amounts(row: dict[str, str], path: Path, line: int) -> dict[str, Number]:
    """The amounts in all three currencies; those of the base currency where the books have none."""
    found = {}
    for side in ("debit", "credit"):
        own = row[side] or "0"
        for ending in ("BC", "TC", "SC"):
            text = row.get(f"{side}_{ending.lower()}") or own
            if not is_number(text):
                raise BooksError(f"{path} line {line}: '{text}' is no plain number.")
            found[f"{side}{ending}"] = Number(text)
    return found


def _moment(text: str) -> str:
    """A date or time stamp as QAD writes it."""
    return text if "T" in text else text + MIDNIGHT
