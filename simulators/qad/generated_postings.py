"""Made-up books with postings: journals, the balances that follow from them, and invoices."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from simulators.qad.generated_journals import TENTHS, Entry, Journals, Side
from simulators.qad.generated_lists import (
    CURRENCIES,
    Size,
    account_code,
    entity_code,
    write_model,
)
from simulators.qad.generated_reference import (
    FEWEST_ACCOUNTS,
    NORMAL,
    RETAINED,
    SUPPLIERS,
    TWO_MEANINGS,
    YEAR_CLOSE,
    PeriodRow,
    balance_accounts,
    calendar_of,
    money_of,
    write_lists,
)

BATCH = 1_000
SHARES = {NORMAL: 20, YEAR_CLOSE: 0}
SMALL_SHARE = 1
POSTINGS_HEADER = (
    "entity,year_period,daybook,voucher,line,posting_date,gl_account,sub_account,cost_center,"
    "project,layer,currency,debit,credit,debit_tc,credit_tc,debit_sc,credit_sc,description,"
    "last_modified,is_reversing,is_replacement,is_auto_reversal,originator_reference\n"
)
BALANCES_HEADER = (
    "entity,year_period,gl_account,sub_account,cost_center,project,layer,currency,"
    "debit,credit,debit_tc,credit_tc,net_sc\n"
)
INVOICES_HEADER = (
    "entity,year_period,daybook,voucher,supplier,invoice_date,posting_date,amount,amount_tc,"
    "currency,reference,type,allocation_status,status_code,is_open,is_approved,cost_center,"
    "sub_account,project\n"
)
_ZERO = "0.0000"
BalanceKey = tuple[str, str, str, str, str, str]


@dataclass(slots=True)
class Written:
    """How many posting lines, balances and invoices were written, and into which folder."""

    books: Path
    postings: int = 0
    balances: int = 0
    invoices: int = 0


@dataclass(frozen=True, slots=True)
class _Files:
    postings: TextIO
    balances: TextIO
    invoices: TextIO


def generate_postings(size: Size, folder: Path) -> Written:
    """Write books, model and mapping; `size.rows` is the number of posting lines, made even.

    The lines that close a year come on top. Memory holds the balances of one entity and period.
    """
    if size.accounts < FEWEST_ACCOUNTS or min(size.rows // 2, size.entities, size.periods) < 1:
        raise ValueError(f"Books with postings need {FEWEST_ACCOUNTS} accounts and 2 lines.")
    periods = calendar_of(size)
    written = Written(folder / "books")
    written.books.mkdir(parents=True, exist_ok=True)
    write_lists(size, periods, written.books)
    months = [item.number for item in periods if item.kind == NORMAL]
    currencies = [code for code, _ in CURRENCIES]
    write_model(size, months, folder, currencies, [TWO_MEANINGS], SUPPLIERS)
    with (
        (written.books / "postings.csv").open("w", encoding="ascii", newline="") as postings,
        (written.books / "gl_balances.csv").open("w", encoding="ascii", newline="") as balances,
        (written.books / "invoices.csv").open("w", encoding="ascii", newline="") as invoices,
    ):
        files = _Files(postings, balances, invoices)
        postings.write(POSTINGS_HEADER)
        balances.write(BALANCES_HEADER)
        invoices.write(INVOICES_HEADER)
        shares = iter(_shares(size, periods))
        for entity in range(size.entities):
            _EntityBooks(size, entity, files, written).write(zip(periods, shares, strict=False))
    return written


def _shares(size: Size, periods: list[PeriodRow]) -> list[int]:
    """How many entries each unit has: months alike, a correction period a twentieth of one."""
    weights = [SHARES.get(item.kind, SMALL_SHARE) for item in periods] * size.entities
    entries, whole = size.rows // 2, sum(weights)
    found, done, weight = [], 0, 0
    for item in weights:
        weight += item
        found.append(entries * weight // whole - done)
        done += found[-1]
    return found


class _EntityBooks:
    """The books of one entity while they are written."""

    def __init__(self, size: Size, entity: int, files: _Files, written: Written) -> None:
        self._code = entity_code(entity)
        self._journals = Journals(size, entity)
        self._money = money_of(entity)
        self._balance_sheet = set(balance_accounts(size))
        self._files = files
        self._written = written
        self._sums: dict[BalanceKey, list[int]] = {}
        self._year: dict[str, list[int]] = {}

    def write(self, units: Iterator[tuple[PeriodRow, int]]) -> None:
        """Write every unit, the closing of a year from what the year has."""
        for period, wanted in units:
            if period.kind == YEAR_CLOSE:
                entries = iter(self._closing(period))
            else:
                entries = self._journals.entries(period, wanted)
            while batch := list(islice(entries, BATCH)):
                self._files.postings.write("".join(self._lines(period, batch)))
                self._files.invoices.write("".join(self._invoices(period, batch)))
            self._files.balances.write("".join(self._balances(period)))
            self._written.balances += len(self._sums)
            self._sums.clear()

    def _lines(self, period: PeriodRow, entries: list[Entry]) -> Iterator[str]:
        start = f"{self._code},{period.number},"
        for entry in entries:
            tc, bc, sc = _text(entry.tc), _text(entry.bc), _text(entry.sc)
            head = f"{start}{entry.daybook},{entry.voucher},"
            tail = f",{entry.text},{entry.modified},{entry.flags},{entry.original}\n"
            middle = f"{entry.layer},{entry.currency},"
            debit, credit = ",".join(entry.debit), ",".join(entry.credit)
            debits = f"{bc},{_ZERO},{tc},{_ZERO},{sc},{_ZERO}"
            credits_ = f"{_ZERO},{bc},{_ZERO},{tc},{_ZERO},{sc}"
            yield f"{head}1,{entry.date},{debit},{middle}{debits}{tail}"
            yield f"{head}2,{entry.date},{credit},{middle}{credits_}{tail}"
            self._sum(entry, entry.debit, is_debit=True)
            self._sum(entry, entry.credit, is_debit=False)
        self._written.postings += 2 * len(entries)

    def _sum(self, entry: Entry, side: Side, *, is_debit: bool) -> None:
        """Add one line to its balance and, in the official layer, to its account's year."""
        known = self._sums.setdefault((*side, entry.layer, entry.currency), [0] * 5)
        sign = 1 if is_debit else -1
        known[0 if is_debit else 1] += entry.bc
        known[2 if is_debit else 3] += entry.tc
        known[4] += sign * entry.sc
        if entry.layer == "OFFICIAL" and side[0] not in self._balance_sheet:
            year = self._year.setdefault(side[0], [0, 0])
            year[0] += sign * entry.bc
            year[1] += sign * entry.sc

    def _closing(self, period: PeriodRow) -> list[Entry]:
        """Every account of the profit and loss against the retained earnings."""
        retained = (account_code(RETAINED), "", "", "")
        year, self._year = sorted(self._year.items()), {}
        return [
            Entry(
                daybook="YE",
                voucher=number,
                date=period.start,
                debit=retained,
                credit=(account, "", "", ""),
                currency=self._money.base,
                tc=bc,
                bc=bc,
                sc=sc,
                text="Year-end closing",
            )
            for number, (account, (bc, sc)) in enumerate(year, start=1)
        ]

    def _balances(self, period: PeriodRow) -> Iterator[str]:
        start = f"{self._code},{period.number},"
        for key, amounts in sorted(self._sums.items(), key=_order):
            yield f"{start}{','.join(key)},{','.join(map(_text, amounts))}\n"

    def _invoices(self, period: PeriodRow, entries: list[Entry]) -> Iterator[str]:
        start = f"{self._code},{period.number},"
        for entry in entries:
            if entry.invoice is None:
                continue
            supplier, *kind = entry.invoice
            _, sub, center, project = entry.debit
            truths = ("true" if entry.voucher % 3 else "false", "true")
            words = (
                *(entry.daybook, str(entry.voucher), supplier, entry.date, entry.date),
                *(_text(entry.bc), _text(entry.tc), entry.currency, f"R{entry.voucher:06d}"),
                *(*kind, *truths, center, sub, project),
            )
            self._written.invoices += 1
            yield f"{start}{','.join(words)}\n"


def _order(item: tuple[BalanceKey, list[int]]) -> BalanceKey:
    return item[0]


def _text(amount: int) -> str:
    """An amount of ten-thousandths as text with four decimals."""
    whole, rest = divmod(abs(amount), TENTHS)
    return f"{'-' if amount < 0 else ''}{whole}.{rest:04d}"
