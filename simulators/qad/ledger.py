"""The whole of the books while the stand-in runs: every document, the calendar, late journals."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulators.qad.amounts import from_json, to_json
from simulators.qad.balance_changes import build_group, raise_balance
from simulators.qad.balances import read_balances
from simulators.qad.books import PERIOD_STATUSES, Books, Period, read_books
from simulators.qad.csvfiles import BooksError
from simulators.qad.journals import JournalRefused, parse_journal, posting_records
from simulators.qad.postings import Sums, read_postings
from simulators.qad.reference import period_table, read_invoices, reference_tables
from simulators.qad.shapes import BALANCES, INVOICES, PERIODS, POSTINGS
from simulators.qad.spool import Group, Spool
from simulators.qad.tables import Table
from simulators.qad.units import unit_facts

FIRST_VOUCHER = 900_000_001


class Ledger:
    """Books that are served and can be posted to; nothing is written back to the folder."""

    def __init__(self, folder: Path) -> None:
        self.books: Books = read_books(folder)
        self._spool = Spool()
        self._next_voucher = FIRST_VOUCHER
        self.tables: dict[str, Table] = reference_tables(self.books, self._spool)
        self.tables[INVOICES.name] = read_invoices(self.books, self._spool)
        self._read_amounts(folder)

    def _read_amounts(self, folder: Path) -> None:
        has_balances = (folder / "gl_balances.csv").exists()
        has_postings = (folder / "postings.csv").exists()
        if not has_balances and not has_postings:
            raise BooksError(f"{folder} has neither gl_balances.csv nor postings.csv.")
        sums = None if has_balances else Sums()
        postings = Table(POSTINGS, self._spool)
        if has_postings:
            postings = read_postings(self.books, self._spool, sums)
        rows = None if sums is None else sums.columns()
        self.tables[POSTINGS.name] = postings
        self.tables[BALANCES.name] = read_balances(self.books, self._spool, rows)

    def close(self) -> None:
        """Give the temporary file back."""
        self._spool.close()

    def balances(self, entity: str, year_period: int) -> list[dict[str, Any]]:
        """The balances of one entity and period by their wire names."""
        group = self.tables[BALANCES.name].groups.get((entity, year_period))
        return [] if group is None else [from_json(raw) for raw in group.iter_rows()]

    def balance_rows(self, entity: str, year_period: int) -> int:
        """How many balances an entity and period has."""
        group = self.tables[BALANCES.name].groups.get((entity, year_period))
        return 0 if group is None else group.rows

    def post(self, raw: object) -> dict[str, Any]:
        """Post a journal described in JSON to postings and balances; returns its voucher.

        Raises JournalRefused and changes nothing when something is wrong with it.
        """
        journal = parse_journal(raw, self.books)
        voucher, self._next_voucher = self._next_voucher, self._next_voucher + 1
        if not journal.period.is_open:
            self.set_status(journal.entity.code, journal.period.year_period, "OPEN")
        records = posting_records(journal, voucher)
        key = (journal.entity.code, journal.period.year_period)
        facts = unit_facts(journal.entity, journal.period)
        self._append_postings(key, facts, records)
        known = self.balances(*key)
        for record, line in zip(records, journal.lines, strict=True):
            raise_balance(known, facts | record | {"layerCode": line.layer})
        self._replace_balances(key, known)
        return {
            "entity": journal.entity.code,
            "year_period": journal.period.year_period,
            "daybook": journal.daybook,
            "voucher": voucher,
            "lines": len(records),
        }

    def remove_balances(self, entity: str, year_period: int, wanted: Mapping[str, str]) -> int:
        """Take balances out whose fields (wire names) have the wanted texts; returns how many."""
        known = self.balances(entity, year_period)
        kept = [
            record
            for record in known
            if any(str(record.get(name)) != text for name, text in wanted.items())
        ]
        if len(kept) < len(known):
            self._replace_balances((entity, year_period), kept)
        return len(known) - len(kept)

    def set_status(self, entity: str, year_period: int, status: str) -> Period:
        """Close or reopen a period; JournalRefused for an unknown period or status."""
        period = self.books.periods.get((entity, year_period))
        if period is None:
            raise JournalRefused(f"Entity {entity} has no period {year_period}.")
        if status not in PERIOD_STATUSES:
            raise JournalRefused(f"A status is one of {', '.join(PERIOD_STATUSES)}.")
        period.status = status
        self.tables[PERIODS.name] = period_table(self.books, self._spool)
        return period

    def _append_postings(
        self, key: tuple[str, int], facts: Mapping[str, Any], records: list[dict[str, Any]]
    ) -> None:
        table = self.tables[POSTINGS.name]
        group = table.groups.get(key)
        if group is None:
            fields = table.shape.fields
            uniform = {name: value for name, value in facts.items() if name in fields}
            group = Group(self._spool, uniform)
        group.append([to_json(record) for record in records])
        table.replace(key, group)

    def _replace_balances(self, key: tuple[str, int], records: list[dict[str, Any]]) -> None:
        period = self.books.periods[key]
        facts = unit_facts(self.books.entities[key[0]], period)
        self.tables[BALANCES.name].replace(key, build_group(self._spool, facts, records))
