"""Journals of made-up books: ordinary ones and every kind of correction, steady by seed."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from simulators.qad.generated_lists import Size, center_code
from simulators.qad.generated_reference import (
    NORMAL,
    PREPAID,
    SUB_ACCOUNTS,
    SUPPLIERS,
    UNMATCHED,
    Money,
    PeriodRow,
    balance_accounts,
    money_of,
    profit_accounts,
    project_code,
)

LARGEST_CENTS = 9_999_999
TENTHS = 10_000
"""Amounts are whole numbers of ten-thousandths: QAD keeps four decimals."""
INVOICE_KINDS = (
    ("INVOICE", "ALLOCATION", "AP-GLALLOC"),
    ("INVOICE", "NOALLOCATION", "AP-NOALLOC"),
    ("CREDITNOTE", "ALLOCATION", "AP-GLALLOC"),
    ("INVOICE", "TRANSIENTALLOCATION", "AP-RMALLOC"),
    ("PREPAYMENT", "ALLOCATION", "AP-GLALLOC"),
    ("INVOICECORRECTION", "ALLOCATION", "AP-GLALLOC"),
    ("INVOICE", "NOALLOCATION", "AP-INITIAL"),
    ("ADJUSTMENT", "ALLOCATION", "AP-GLALLOC"),
)
NEGATIVE_KINDS = ("CREDITNOTE", "INVOICECORRECTION")
Side = tuple[str, str, str, str]
"""Account, sub-account, cost center, project."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One amount from the credit side to the debit side, in all three currencies."""

    daybook: str
    voucher: int
    date: str
    debit: Side
    credit: Side
    currency: str
    tc: int
    bc: int
    sc: int
    layer: str = "OFFICIAL"
    text: str = ""
    modified: str = ""
    flags: str = "false,false,false"
    original: str = ""
    invoice: tuple[str, str, str, str] | None = None
    """Supplier, type, allocation status and status code, where the entry is an invoice's."""


@dataclass(slots=True)
class Journals:
    """The journals of one entity, period by period."""

    size: Size
    entity: int
    waiting: list[Entry] = field(default_factory=list)
    _year: int = 0
    _vouchers: dict[str, int] = field(default_factory=dict)
    _accounts: Sequence[tuple[str, str]] = ()
    _balances: Sequence[str] = ()
    _money: Money = field(init=False)

    def __post_init__(self) -> None:
        self._accounts = profit_accounts(self.size)
        self._balances = balance_accounts(self.size)
        self._money = money_of(self.entity)

    def entries(self, period: PeriodRow, wanted: int) -> Iterator[Entry]:
        """So many entries of a period; auto-reversals of the period before come first."""
        if period.year != self._year:
            self._year, self._vouchers = period.year, {}
        source = random.Random(f"{self.size.seed}/{self.entity}/{period.number}")  # noqa: S311
        due = wanted if period.kind == NORMAL else 0
        begun, self.waiting = self.waiting[:due], self.waiting[due:]
        for entry in begun:
            yield replace(entry, voucher=self._next("JE"), date=period.start)
        left, place = wanted - len(begun), 0
        while left:
            made = self._journal(source.getrandbits(96), period, place, left)
            yield from made
            left, place = left - len(made), place + 1

    def _next(self, daybook: str) -> int:
        number = self._vouchers[daybook] = self._vouchers.get(daybook, 0) + 1
        return number

    def _journal(self, value: int, period: PeriodRow, place: int, left: int) -> list[Entry]:
        """The entries of one journal; its place in the period says of which kind it is."""
        entry = self._ordinary(value, period, place)
        kind = place % 40
        if kind % 10 == 2:
            return [self._invoice(entry, value)]
        if kind == 5:
            return [replace(entry, daybook="JM", voucher=self._next("JM"), layer="MANAGEMENT")]
        if kind == 8:
            return [replace(entry, daybook="JT", voucher=self._next("JT"), layer="TRANSIENT")]
        entry = replace(entry, voucher=self._next("JE"))
        if kind == 13:
            return [replace(entry, text="Transferred late", modified=period.late)]
        if kind == 18:
            signs = {name: -getattr(entry, name) for name in ("tc", "bc", "sc")}
            return [replace(entry, text="Correction", **signs)]
        if kind == 23 and left > 2:
            return self._reversed(entry, period.year)
        if kind == 28 and period.has_next:
            self.waiting.append(self._turned(entry, period.year, "false,false,true"))
            return [replace(entry, text="Accrual")]
        return [entry]

    def _ordinary(self, value: int, period: PeriodRow, place: int) -> Entry:
        """A cost, paid from an account of the balance sheet; every fifth in another currency."""
        value, account = divmod(value, len(self._accounts) - (not period.is_early))
        value, other = divmod(value, len(self._balances))
        value, center = divmod(value, self.size.cost_centers)
        value, cents = divmod(value, LARGEST_CENTS)
        value, day = divmod(value, len(period.days))
        code, analysis = self._accounts[account]
        if center == 2 and not period.is_early:
            center = 0
        center_text = center_code(center) if analysis in ("COSTCENTER", "BOTH") else ""
        project = project_code(value % 5) if analysis in ("PROJECT", "BOTH") else ""
        currency = self._money.others[place % 2] if place % 5 == 0 else self._money.base
        tc = (cents + 1) * (TENTHS // 100)
        bc = tc * self._money.rate(currency) // 100
        return Entry(
            daybook="JE",
            voucher=0,
            date=period.days[day],
            debit=(code, SUB_ACCOUNTS[value % len(SUB_ACCOUNTS)][0], center_text, project),
            credit=(self._balances[other], "", "", ""),
            currency=currency,
            tc=tc,
            bc=bc,
            sc=bc * self._money.statutory_rate // 100,
        )

    def _invoice(self, entry: Entry, value: int) -> Entry:
        """A supplier invoice: its cost, or where the cost is not known yet, what stands for it."""
        voucher = self._next("SUPINV")
        kind, allocation, status = INVOICE_KINDS[voucher % len(INVOICE_KINDS)]
        sign = -1 if kind in NEGATIVE_KINDS else 1
        debit = entry.debit
        if kind == "PREPAYMENT":
            debit = (self._balances[PREPAID], "", "", "")
        elif allocation == "NOALLOCATION":
            debit = (self._balances[UNMATCHED], "", "", "")
        return replace(
            entry,
            daybook="SUPINV",
            voucher=voucher,
            debit=debit,
            layer="TRANSIENT" if allocation == "TRANSIENTALLOCATION" else "OFFICIAL",
            tc=sign * entry.tc,
            bc=sign * entry.bc,
            sc=sign * entry.sc,
            text=kind.capitalize(),
            invoice=(SUPPLIERS[value % len(SUPPLIERS)], kind, allocation, status),
        )

    def _reversed(self, entry: Entry, year: int) -> list[Entry]:
        """A wrong entry, its reversal with the sides changed, and what replaces it."""
        turned = self._turned(entry, year, "true,false,false")
        turned = replace(turned, voucher=self._next("JE"))
        right = replace(
            turned,
            voucher=self._next("JE"),
            debit=entry.debit,
            credit=entry.credit,
            text="Replacement",
            flags="false,true,false",
            **{name: 2 * getattr(entry, name) for name in ("tc", "bc", "sc")},
        )
        return [replace(entry, text="Wrong"), turned, right]

    def _turned(self, entry: Entry, year: int, flags: str) -> Entry:
        """The entry that undoes another."""
        return replace(
            entry,
            debit=entry.credit,
            credit=entry.debit,
            text="Reversal",
            flags=flags,
            original=f"{year}/{entry.daybook}/{entry.voucher:09d}",
        )
