"""The small tables of a books folder: entities, accounts, cost centers, periods, users and more."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from simulators.qad.codelists import (
    LAST_MODIFIED,
    Code,
    read_currencies,
    read_projects,
    read_sub_accounts,
)
from simulators.qad.csvfiles import BooksError, iter_rows, truth, year_period

OPEN_STATUSES = ("OPEN",)
PERIOD_STATUSES = ("OPEN", "LOCKED", "REPORTED", "FROZEN")
LAYER_TYPES = ("OFFICIAL", "MANAGEMENT", "TRANSIENT")
LONGEST_CODE = 8

Row = tuple[str, ...]
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Entity:
    """A legal unit of a domain; balances and close statuses are kept per entity."""

    domain: str
    code: str
    description: str
    base_currency: str
    statutory_currency: str
    is_active: bool

    @property
    def currencies(self) -> tuple[str, str]:
        """The currencies in which its books are kept."""
        return self.base_currency, self.statutory_currency


@dataclass(frozen=True, slots=True)
class Account:
    """A GL account of a shared set; an empty domain means that every domain uses it."""

    domain: str
    shared_set: str
    code: str
    description: str
    gl_type: str
    is_balance_sheet: bool
    is_debit: bool
    analysis_type: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class CostCenter:
    """A cost center of a shared set; an empty domain means that every domain uses it."""

    domain: str
    shared_set: str
    code: str
    description: str
    is_active: bool
    last_modified: str


@dataclass(slots=True)
class Period:
    """A GL period of one entity with its close status, which can change."""

    entity: str
    year_period: int
    start_date: str
    end_date: str
    period_type: str
    status: str

    @property
    def is_open(self) -> bool:
        """Whether journals may be posted into it."""
        return self.status in OPEN_STATUSES


@dataclass(frozen=True, slots=True)
class Supplier:
    """A supplier of a shared set."""

    domain: str
    shared_set: str
    code: str
    name: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Login:
    """Who may sign in, and with which OAuth2 client id.

    `workspaces` are those the user may use, all when there are none; the first is the default.
    `forbidden` names documents, or "metadata", that are answered with 403.
    """

    user: str
    password: str
    client_id: str
    workspaces: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()


@dataclass(slots=True)
class Books:
    """Everything of a books folder but the amounts; `layers` tells the type of each by its code.

    Balances may name layers that are not called like their type.
    """

    folder: Path
    entities: dict[str, Entity]
    accounts: list[Account]
    cost_centers: list[CostCenter]
    periods: dict[tuple[str, int], Period]
    suppliers: list[Supplier] = field(default_factory=list)
    logins: list[Login] = field(default_factory=list)
    sub_accounts: list[Code] = field(default_factory=list)
    projects: list[Code] = field(default_factory=list)
    currencies: list[Code] = field(default_factory=list)
    layers: dict[str, str] = field(default_factory=lambda: {kind: kind for kind in LAYER_TYPES})

    def periods_of(self, entity: str) -> list[Period]:
        """The periods of an entity in order."""
        return [period for period in self.periods.values() if period.entity == entity]


def read_books(folder: Path) -> Books:
    """Read the small tables of a folder; BooksError names what is wrong with them."""
    if not folder.is_dir():
        raise BooksError(f"{folder} is no folder; the books are a folder of CSV files.")
    entities = {entity.code: entity for entity in _read(folder, "entities.csv", _ENTITY, _entity)}
    if not entities:
        raise BooksError(f"{folder / 'entities.csv'} has no rows.")
    books = Books(
        folder=folder,
        entities=entities,
        accounts=list(_read(folder, "accounts.csv", _ACCOUNT, _account)),
        cost_centers=list(_read(folder, "cost_centers.csv", _COST_CENTER, _cost_center)),
        periods=_read_periods(folder, entities),
        sub_accounts=read_sub_accounts(folder),
        projects=read_projects(folder),
        currencies=read_currencies(folder),
    )
    if (folder / "suppliers.csv").exists():
        books.suppliers = list(_read(folder, "suppliers.csv", _SUPPLIER, _supplier))
    books.logins = [Login("demo", "demo", "ml-connector")]
    if (folder / "users.csv").exists():
        books.logins = list(_read(folder, "users.csv", _LOGIN, _login))
    return books


Columns = tuple[tuple[str, ...], dict[str, str]]
_ENTITY: Columns = (
    ("domain", "entity", "description", "base_currency"),
    {"statutory_currency": "", "is_active": "true"},
)
_ACCOUNT: Columns = (
    ("domain", "gl_account", "description"),
    {
        "shared_set": "",
        "gl_type": "STANDARD",
        "is_balance_sheet": "false",
        "is_debit": "true",
        "analysis_type": "NONE",
        "is_active": "true",
    },
)
_COST_CENTER: Columns = (
    ("domain", "cost_center", "description"),
    {"shared_set": "", "is_active": "true", "last_modified": LAST_MODIFIED},
)
_PERIOD: Columns = (
    ("entity", "year_period", "start_date", "end_date"),
    {"period_type": "NORMAL", "status": "OPEN"},
)
_SUPPLIER: Columns = (("domain", "supplier", "name"), {"shared_set": "", "is_active": "true"})
_LOGIN: Columns = (
    ("user", "password"),
    {"client_id": "ml-connector", "workspaces": "", "forbidden": ""},
)


def _read(
    folder: Path, name: str, columns: Columns, build: Callable[[Path, int, Any], Found]
) -> Iterator[Found]:
    path = folder / name
    for line, row in iter_rows(path, *columns):
        yield build(path, line, row)


def _entity(path: Path, line: int, row: Row) -> Entity:
    domain, code, description, base, statutory, active = row
    for text in (domain, code):
        if not 0 < len(text) <= LONGEST_CODE:
            raise BooksError(f"{path} line {line}: '{text}' is no code of 1 to 8 characters.")
    return Entity(domain, code, description, base, statutory or base, truth(path, line, active))


def _account(path: Path, line: int, row: Row) -> Account:
    domain, code, description, shared_set, gl_type, balance, debit, analysis, active = row
    return Account(
        domain=domain,
        shared_set=shared_set,
        code=code,
        description=description,
        gl_type=gl_type.upper(),
        is_balance_sheet=truth(path, line, balance),
        is_debit=truth(path, line, debit),
        analysis_type=analysis,
        is_active=truth(path, line, active),
    )


def _cost_center(path: Path, line: int, row: Row) -> CostCenter:
    domain, code, description, shared_set, active, changed = row
    return CostCenter(domain, shared_set, code, description, truth(path, line, active), changed)


def _supplier(path: Path, line: int, row: Row) -> Supplier:
    domain, code, name, shared_set, active = row
    return Supplier(domain, shared_set, code, name, truth(path, line, active))


def _login(_path: Path, _line: int, row: Row) -> Login:
    user, password, client_id, workspaces, forbidden = row
    return Login(user, password, client_id, tuple(workspaces.split()), tuple(forbidden.split()))


def _read_periods(folder: Path, entities: dict[str, Entity]) -> dict[tuple[str, int], Period]:
    """Periods by (entity, year-period), in order; an empty entity stands for all of them."""
    path = folder / "periods.csv"
    found: list[Period] = []
    for line, row in iter_rows(path, *_PERIOD):
        entity, text, start, end, kind, status = row
        number = year_period(path, line, text)
        if entity and entity not in entities:
            raise BooksError(f"{path} line {line}: entity '{entity}' is not in entities.csv.")
        if status.upper() not in PERIOD_STATUSES:
            raise BooksError(f"{path} line {line}: '{status}' is none of {PERIOD_STATUSES}.")
        for code in [entity] if entity else entities:
            found.append(Period(code, number, start, end, kind.upper(), status.upper()))
    found.sort(key=lambda period: period.year_period)
    return {
        (period.entity, period.year_period): period
        for code in entities
        for period in found
        if period.entity == code
    }
