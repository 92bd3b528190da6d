"""The lists of made-up books with postings: accounts, cost centers, calendar, money and more."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simulators.data.modelparts import count_periods, write_csv
from simulators.qad.generated_lists import (
    ACCOUNT_COLUMNS,
    CURRENCIES,
    DOMAINS,
    SHARED_SET,
    Size,
    account_code,
    center_code,
    currency_of,
    entity_code,
    used_currencies,
)

NORMAL, CORRECTION, YEAR_CLOSE = "NORMAL", "CORRECTION", "YEARCLOSE"
LAST_MONTH = 12
RETAINED, PREPAID, UNMATCHED = 0, 1, 2
"""Places of balance sheet accounts that have a purpose."""
FEWEST_ACCOUNTS = 12
TWO_MEANINGS = "004200"
MEANINGS = ("Training", "Scrap", "Licences")
ANALYSES = ("COSTCENTER", "BOTH", "PROJECT", "NONE", "SAF")
SUB_ACCOUNTS = (("", ""), ("01", "North"), ("02", "South"))
SUPPLIERS = ("S0001", "S0002", "S0003", "S0004", "S0005", "S0006", "S0007")
DOLLAR_CENTS = {"USD": 100, "EUR": 108, "CAD": 73, "PLN": 25}
STATUTORY = {"EUR": "PLN"}
CURRENCY_NAMES = (*CURRENCIES, ("PLN", "Zloty"))


@dataclass(frozen=True, slots=True)
class Money:
    """The currencies of an entity; rates are in hundredths."""

    base: str
    statutory: str
    others: tuple[str, str]

    def rate(self, currency: str) -> int:
        """What a unit of a currency is in the base currency."""
        return _rate(currency, self.base)

    @property
    def statutory_rate(self) -> int:
        """What a unit of the base currency is in the statutory one."""
        return _rate(self.base, self.statutory)


def _rate(one: str, other: str) -> int:
    return (100 * DOLLAR_CENTS[one] + DOLLAR_CENTS[other] // 2) // DOLLAR_CENTS[other]


def money_of(entity: int) -> Money:
    """The currencies of the n-th entity, from 0."""
    base = currency_of(entity)
    first, second = (code for code, _ in CURRENCIES if code != base)
    return Money(base, STATUTORY.get(base, base), (first, second))


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A period of the calendar; `is_early` tells the first half of the months from the rest."""

    number: int
    kind: str
    status: str
    days: tuple[str, ...]
    late: str
    is_early: bool
    has_next: bool

    @property
    def year(self) -> int:
        """The year of the calendar."""
        return self.number // 100

    @property
    def start(self) -> str:
        """The first day."""
        return self.days[0]


def calendar_of(size: Size) -> list[PeriodRow]:
    """Months, and after each December a correction period and the closing of the year."""
    found = []
    months = count_periods(size.first_period, size.periods)
    for place, number in enumerate(months):
        year, month = divmod(number, 100)
        last = calendar.monthrange(year, month)[1]
        days = tuple(f"{year}-{month:02d}-{day:02d}" for day in range(1, last + 1))
        after = count_periods(number, 2)[1]
        late = f"{after // 100}-{after % 100:02d}-20T06:30:00.000Z"
        is_early, has_next = 2 * place < len(months), place + 1 < len(months)
        status = _status(place, len(months))
        found.append(PeriodRow(number, NORMAL, status, days, late, is_early, has_next))
        if month == LAST_MONTH:
            end = (days[-1],)
            found += [
                PeriodRow(number + 1, CORRECTION, status, end, late, is_early, has_next=False),
                PeriodRow(number + 2, YEAR_CLOSE, status, end, late, is_early, has_next=False),
            ]
    return found


def _status(place: int, months: int) -> str:
    """The first third is frozen, the last month open, the one before locked, others reported."""
    from_end = months - 1 - place
    if from_end < 2:
        return ("OPEN", "LOCKED")[from_end]
    return "FROZEN" if 3 * place < months else "REPORTED"


def project_code(place: int) -> str:
    """The code of the n-th project, from 0."""
    return f"P{place + 1:03d}"


def balance_accounts(size: Size) -> list[str]:
    """Codes of the accounts of the balance sheet."""
    return [account_code(place) for place in range(size.accounts // 3)]


def profit_accounts(size: Size) -> list[tuple[str, str]]:
    """Code and analysis of the accounts of the profit and loss; the last one is inactive."""
    places = range(size.accounts // 3, size.money_accounts)
    found = [(account_code(place), ANALYSES[place % len(ANALYSES)]) for place in places]
    return [(TWO_MEANINGS, "COSTCENTER"), *found]


def write_lists(size: Size, periods: Sequence[PeriodRow], books: Path) -> None:
    """Write every file of the books but those with amounts."""
    _write_accounts(size, books)
    _write_cost_centers(size, books)
    entities = [(place, money_of(place)) for place in range(size.entities)]
    write_csv(
        books / "entities.csv",
        ("domain", "entity", "description", "base_currency", "statutory_currency"),
        (
            (DOMAINS[m.base], entity_code(place), f"Company {place + 1}", m.base, m.statutory)
            for place, m in entities
        ),
    )
    write_csv(
        books / "periods.csv",
        ("entity", "year_period", "start_date", "end_date", "period_type", "status"),
        (
            (code, str(item.number), item.start, item.days[-1], item.kind, item.status)
            for item in periods
            for code in ([""] if item.kind == NORMAL else map(entity_code, range(size.entities)))
        ),
    )
    write_csv(books / "currencies.csv", ("currency", "description"), CURRENCY_NAMES)
    _write_analysis(books)


def _write_accounts(size: Size, books: Path) -> None:
    analyses = dict(profit_accounts(size))
    last = account_code(size.money_accounts - 1)

    def row(place: int) -> tuple[str, ...]:
        code, is_money = account_code(place), place < size.money_accounts
        is_balance = place < size.accounts // 3
        return (
            *("", SHARED_SET, code, f"Account {place + 1}"),
            "STANDARD" if is_money else "STATISTICAL",
            *("true" if is_balance else "false", "true"),
            analyses.get(code, "NONE"),
            "false" if code == last else "true",
        )

    domains = [DOMAINS[code] for code in used_currencies(size.entities)]
    two = [
        (domain, f"{domain}GL", TWO_MEANINGS, meaning, "STANDARD", "false", "true", "COSTCENTER")
        for domain, meaning in zip(domains, MEANINGS, strict=False)
    ]
    write_csv(
        books / "accounts.csv",
        (*ACCOUNT_COLUMNS, "analysis_type", "is_active"),
        [*map(row, range(size.accounts)), *((*item, "true") for item in two)],
    )


def _write_cost_centers(size: Size, books: Path) -> None:
    """The second was renamed and the third deactivated in the middle of the time."""
    middle = count_periods(size.first_period, (size.periods + 1) // 2 + 1)[-1]
    changed = f"{middle // 100}-{middle % 100:02d}-01T06:00:00.000Z"
    begun = f"{size.first_period // 100 - 1}-12-01T08:00:00.000Z"

    def row(place: int) -> tuple[str, ...]:
        name = f"Cost center {place + 1}" + (", once Workshop" if place == 1 else "")
        is_active = "false" if place == 2 else "true"
        moment = changed if place in (1, 2) else begun
        return ("", SHARED_SET, center_code(place), name, is_active, moment)

    header = ("domain", "shared_set", "cost_center", "description", "is_active", "last_modified")
    write_csv(books / "cost_centers.csv", header, map(row, range(size.cost_centers)))


def _write_analysis(books: Path) -> None:
    """Sub-accounts, projects, suppliers and users; the last of each list is not active."""
    write_csv(
        books / "sub_accounts.csv",
        ("domain", "shared_set", "sub_account", "description", "is_active"),
        [
            *(("", SHARED_SET, code, name, "true") for code, name in SUB_ACCOUNTS if code),
            ("", SHARED_SET, "09", "East, closed", "false"),
        ],
    )
    write_csv(
        books / "projects.csv",
        ("domain", "shared_set", "project", "description", "status_code", "is_active"),
        [
            *(
                ("", SHARED_SET, project_code(n), f"Project {n + 1}", "OPEN", "true")
                for n in range(5)
            ),
            ("", SHARED_SET, project_code(5), "Project 6", "CLOSED", "false"),
        ],
    )
    write_csv(
        books / "suppliers.csv",
        ("domain", "shared_set", "supplier", "name", "is_active"),
        (("", SHARED_SET, code, f"Supplier {code}", "true") for code in SUPPLIERS),
    )
    write_csv(
        books / "users.csv",
        ("user", "password", "forbidden"),
        [("demo", "demo", ""), ("reader", "reader", "metadata")],
    )
