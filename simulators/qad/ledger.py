"""The whole of the books while the stand-in runs: every document, the calendar, late journals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from simulators.qad.amounts import from_json, to_json
from simulators.qad.balance_changes import build_group, raise_balance, without_zeros
from simulators.qad.balances import read_balances
from simulators.qad.books import PERIOD_STATUSES, Books, CostCenter, Period, read_books
from simulators.qad.carrying import carry
from simulators.qad.csvfiles import BooksError
from simulators.qad.journals import JournalRefused, parse_journal, posting_records
from simulators.qad.plans import PlanReferences
from simulators.qad.postings import Sums, read_postings
from simulators.qad.reference import (
    cost_center_table,
    entity_table,
    period_table,
    read_invoices,
    reference_tables,
)
from simulators.qad.resting import with_resting
from simulators.qad.shapes import (
    BALANCES,
    COST_CENTERS,
    ENTITIES,
    INVOICES,
    PERIODS,
    PLANS,
    POSTINGS,
)
from simulators.qad.spool import Group, Spool
from simulators.qad.tables import Table
from simulators.qad.units import unit_facts

FIRST_VOUCHER = 900_000_001

LedgerKey = tuple[str, int]
BookedLine = tuple[dict[str, Any], str]


class Ledger:
    """Books that are served and can be posted to; nothing is written back to the folder."""

    def __init__(self, folder: Path) -> None:
        self.books: Books = read_books(folder)
        self._spool = Spool()
        self._next_voucher = FIRST_VOUCHER
        self._other_balances: dict[tuple[bool, bool], Table] = {}
        self.tables: dict[str, Table] = reference_tables(self.books, self._spool)
        self.tables[INVOICES.name] = read_invoices(self.books, self._spool)
        self.plans = PlanReferences(self.books, self._spool)
        self._read_amounts(folder)

    def table(self, name: str, *, carried: bool = False, resting: bool = False) -> Table:
        """A document by its name, as it stands now.

        Balances also with what was carried over, and with rows for those that did not move.
        """
        if name == PLANS.name:
            return self.plans.table()
        found, form = self.tables[name], (carried, resting)
        if name != BALANCES.name or not any(form):
            return found
        if form not in self._other_balances:
            if resting:
                found = with_resting(found, self.books, self._spool)
            if carried:
                found = carry(found, self.books, self._spool)
            self._other_balances[form] = found
        return self._other_balances[form]

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

    def postings(self, entity: str, year_period: int) -> list[dict[str, Any]]:
        """The posting lines of one entity and period by their wire names."""
        group = self.tables[POSTINGS.name].groups.get((entity, year_period))
        return [] if group is None else [from_json(raw) for raw in group.iter_rows()]

    def post(self, raw: object) -> dict[str, Any]:
        """Post a journal described in JSON to postings and balances; returns its voucher.

        Raises JournalRefused and changes nothing when something is wrong with it.
        """
        journal = parse_journal(raw, self.books)
        self.open_for(journal.period, reopen=journal.reopen)
        voucher = self.next_voucher()
        records = posting_records(journal, voucher)
        key = (journal.entity.code, journal.period.year_period)
        layers = [line.layer for line in journal.lines]
        self.book(key, list(zip(records, layers, strict=True)))
        return {
            "entity": journal.entity.code,
            "year_period": journal.period.year_period,
            "daybook": journal.daybook,
            "voucher": voucher,
            "lines": len(records),
        }

    def open_for(self, period: Period, *, reopen: bool) -> None:
        """See that a period takes postings; JournalRefused when it is closed and may not open."""
        if period.is_open:
            return
        if not reopen:
            raise JournalRefused(
                f"Period {period.year_period} of entity {period.entity} is {period.status}; "
                "say reopen to open it again."
            )
        self.set_status(period.entity, period.year_period, "OPEN")

    def next_voucher(self) -> int:
        """A voucher number that no posting has yet."""
        voucher, self._next_voucher = self._next_voucher, self._next_voucher + 1
        return voucher

    def book(self, key: LedgerKey, lines: Sequence[BookedLine]) -> None:
        """Add posting lines, each with the code of its layer, to postings and balances."""
        facts = unit_facts(self.books.entities[key[0]], self.books.periods[key])
        self._append_postings(key, facts, [record for record, _ in lines])
        self.raise_balances(key, lines)

    def raise_balances(self, key: LedgerKey, lines: Sequence[BookedLine]) -> None:
        """Add posting lines to the balances of their unit; balances of nothing but 0 go away."""
        facts = unit_facts(self.books.entities[key[0]], self.books.periods[key])
        known = self.balances(*key)
        for record, layer in lines:
            raise_balance(known, facts | record | {"layerCode": layer or record["layerType"]})
        self._replace_balances(key, without_zeros(known, lines))

    def alter_postings(
        self,
        key: LedgerKey,
        is_meant: Callable[[Mapping[str, Any]], bool],
        changes: Mapping[str, Any],
    ) -> None:
        """Change fields of the posting lines of a unit that are meant."""
        table = self.tables[POSTINGS.name]
        group = Group(self._spool, table.groups[key].uniform)
        lines = self.postings(*key)
        group.append([to_json({**line, **changes} if is_meant(line) else line) for line in lines])
        table.replace(key, group)

    def change_entity(self, code: str, changes: Mapping[str, Any]) -> None:
        """Change an entity."""
        entities = self.books.entities
        entities[code] = replace(entities[code], **changes)
        self.tables[ENTITIES.name] = entity_table(self.books, self._spool)

    def change_cost_centers(
        self, is_meant: Callable[[CostCenter], bool], changes: Mapping[str, Any]
    ) -> int:
        """Change the cost centers that are meant; returns how many."""
        centers = self.books.cost_centers
        places = [place for place, item in enumerate(centers) if is_meant(item)]
        for place in places:
            centers[place] = replace(centers[place], **changes)
        self.tables[COST_CENTERS.name] = cost_center_table(self.books, self._spool)
        return len(places)

    def add_cost_centers(self, more: Sequence[CostCenter]) -> None:
        """Put further cost centers behind those that there are."""
        self.books.cost_centers.extend(more)
        self.tables[COST_CENTERS.name] = cost_center_table(self.books, self._spool)

    def remove_cost_centers(self, is_meant: Callable[[CostCenter], bool]) -> int:
        """Take the cost centers that are meant off their lists; returns how many."""
        kept = [item for item in self.books.cost_centers if not is_meant(item)]
        removed = len(self.books.cost_centers) - len(kept)
        self.books.cost_centers[:] = kept
        self.tables[COST_CENTERS.name] = cost_center_table(self.books, self._spool)
        return removed

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
        self._other_balances.clear()
        self.tables[BALANCES.name].replace(key, build_group(self._spool, facts, records))
