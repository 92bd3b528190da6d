"""The lists of made-up books: their size, codes, reference files, model and mapping."""

import calendar
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simulators.data.modelparts import (
    DIMENSIONS,
    FURTHER,
    add_further,
    build_export,
    build_model,
    build_module,
    identifier,
    list_file,
    mapping_rows,
    period_name,
    write_csv,
)

NO_CENTER = "CC_NONE"
PLAN_MODULE = "PLN01 Plan"
PLAN_ACTIONS = (("plan", "Plan"), ("plan_name", "FY BUDGET"))

CURRENCIES = (("USD", "US Dollar"), ("EUR", "Euro"), ("CAD", "Canadian Dollar"))
BASES = ("USD", "EUR", "USD", "CAD")
"""The base currencies of entities in turn: three of them are in two domains."""
DOMAINS = {"USD": "10USA", "EUR": "20EUR", "CAD": "30CAN"}
SHARED_SET = "GEN01"
PASSWORD = "generated"  # noqa: S105 - the sign-in of a made-up model
EMAIL = "integration@generated.example"
STATISTICAL_SHARE = 100
ACCOUNT_COLUMNS = (
    "domain",
    "shared_set",
    "gl_account",
    "description",
    "gl_type",
    "is_balance_sheet",
    "is_debit",
)


@dataclass(frozen=True, slots=True)
class Size:
    """How much is made; `unmapped` accounts are left out of the mapping."""

    rows: int
    entities: int = 2
    periods: int = 6
    accounts: int = 2_000
    cost_centers: int = 500
    unmapped: int = 0
    seed: int = 1
    first_period: int = 202601

    def check(self) -> None:
        """Raise ValueError when so many different balances do not exist."""
        units = self.entities * self.periods
        most = units * self.accounts * self.cost_centers
        if min(self.rows, units, self.accounts, self.cost_centers) < 1 or self.rows > most:
            raise ValueError(f"{self.rows} rows do not fit; these sizes allow 1 to {most}.")

    @property
    def money_accounts(self) -> int:
        """Accounts before the statistical ones, which come last: one in a hundred."""
        return self.accounts - self.accounts // STATISTICAL_SHARE


def entity_code(place: int) -> str:
    """The code of the n-th entity, from 0."""
    return f"{place + 1:02d}CO"


def account_code(place: int) -> str:
    """The code of the n-th account, from 0."""
    return str(100_000 + place * 7)


def center_code(place: int) -> str:
    """The code of the n-th cost center, from 0."""
    return f"{place + 1:05d}"


def currency_of(place: int) -> str:
    """The base currency of the n-th entity, from 0."""
    return BASES[place % len(BASES)]


def used_currencies(entities: int) -> list[str]:
    """The base currencies of so many entities, each once."""
    return list(dict.fromkeys(currency_of(place) for place in range(entities)))


def write_reference(size: Size, year_periods: Sequence[int], books: Path) -> None:
    """Write entities, accounts, cost centers and periods."""
    write_csv(
        books / "entities.csv",
        ("domain", "entity", "description", "base_currency"),
        (
            (DOMAINS[currency_of(place)], entity_code(place), f"Company {place + 1}", currency)
            for place in range(size.entities)
            for currency in [currency_of(place)]
        ),
    )
    write_csv(
        books / "accounts.csv",
        ACCOUNT_COLUMNS,
        (
            (
                *("", SHARED_SET, account_code(place), f"Account {place + 1}"),
                "STANDARD" if place < size.money_accounts else "STATISTICAL",
                "true" if place < size.accounts // 3 else "false",
                "true" if place % 2 == 0 else "false",
            )
            for place in range(size.accounts)
        ),
    )
    write_csv(
        books / "cost_centers.csv",
        ("domain", "shared_set", "cost_center", "description"),
        (
            ("", SHARED_SET, center_code(place), f"Cost center {place + 1}")
            for place in range(size.cost_centers)
        ),
    )
    _write_periods(year_periods, books)


def _write_periods(year_periods: Sequence[int], books: Path) -> None:
    """Calendar months, all open, for every entity."""
    rows = []
    for item in year_periods:
        year, month = divmod(item, 100)
        last = calendar.monthrange(year, month)[1]
        days = (f"{year}-{month:02d}-01", f"{year}-{month:02d}-{last}")
        rows.append(("", str(item), *days, "NORMAL", "OPEN"))
    header = ("entity", "year_period", "start_date", "end_date", "period_type", "status")
    write_csv(books / "periods.csv", header, rows)


def write_model(
    size: Size,
    year_periods: Sequence[int],
    folder: Path,
    used: Sequence[str],
    more_accounts: Sequence[str] = (),
    suppliers: Sequence[str] = (),
) -> None:
    """Write model.json, its lists and mapping.csv; `used` are the codes of currencies.

    With suppliers the model also takes spend and invoices, and has a plan.
    """
    entities = [entity_code(place) for place in range(size.entities)]
    centers = [center_code(place) for place in range(size.cost_centers)]
    accounts = [*map(account_code, range(size.accounts)), *more_accounts]
    lists = {
        "Entities": [(f"Company {n}", f"E_{code}") for n, code in enumerate(entities, 1)],
        "Accounts": [(f"Account {n}", f"A_{code}") for n, code in enumerate(accounts, 1)],
        "Cost Centers": [
            *((f"Center {n}", f"CC_{code}") for n, code in enumerate(centers, 1)),
            *([("No center", NO_CENTER)] if suppliers else []),
        ],
        "Currencies": [(name, code) for code, name in CURRENCIES if code in used],
    }
    for name, items in lists.items():
        write_csv(folder / list_file(name), ("name", "code"), items)
    if suppliers:
        _write_plan(entities, accounts, centers, year_periods, folder / "plan.csv")
    document = _document(year_periods, is_whole=bool(suppliers))
    text = json.dumps(document, indent=1)
    (folder / "model.json").write_text(text + "\n", encoding="utf-8")
    left_out = {place * size.accounts // size.unmapped for place in range(size.unmapped)}
    mapped = [code for place, code in enumerate(accounts) if place not in left_out]
    rows = mapping_rows(
        {
            "entity": ((code, f"E_{code}") for code in entities),
            "gl_account": ((code, f"A_{code}") for code in mapped),
            "cost_center": [
                *((code, f"CC_{code}") for code in centers),
                *([("", NO_CENTER)] if suppliers else []),
            ],
            "supplier": ((code, f"V_{code}") for code in suppliers),
            "currency": ((code, code) for code in used),
        },
        year_periods,
    )
    if suppliers:
        rows += [("action", what, name) for what, name in (*FURTHER, *PLAN_ACTIONS)]
    write_csv(folder / "mapping.csv", ("dimension", "code", "member"), rows)


def _write_plan(
    entities: Sequence[str],
    accounts: Sequence[str],
    centers: Sequence[str],
    year_periods: Sequence[int],
    path: Path,
) -> None:
    """Write a plan for every third account, each on a cost center of its own, to the cent."""
    rows = (
        (
            f"E_{entity}",
            f"A_{account}",
            f"CC_{centers[place % len(centers)]}",
            period_name(period),
            currency_of(at),
            f"{(place + 1) * 37 + period % 100}.{(place * 7 + at) % 100:02d}",
        )
        for at, entity in enumerate(entities)
        for place, account in enumerate(accounts[::3])
        for period in year_periods
    )
    write_csv(path, (*DIMENSIONS, "Amount"), rows)


def _document(year_periods: Sequence[int], *, is_whole: bool) -> dict[str, object]:
    model = build_model("Generated", identifier("generated model"), year_periods, 0)
    if is_whole:
        add_further(model, 0)
        plan = build_module(PLAN_MODULE, ("Amount",), 2)
        model["modules"].append(plan | {"cells_csv": "plan.csv"})
        model["exports"].append(build_export("Plan", PLAN_MODULE, ("Amount",), 2))
    return {
        "customer": {"id": identifier("generated customer"), "name": "Generated"},
        "users": [
            {
                "id": identifier(EMAIL),
                "email": EMAIL,
                "password": PASSWORD,
                "firstName": "Gene",
                "lastName": "Rated",
            }
        ],
        "workspaces": [
            {"id": identifier("generated workspace"), "name": "Generated", "models": [model]}
        ],
    }
