"""A small manufacturer: books, model and mapping whose every figure a test may know."""

import csv
import json
import uuid
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

WORKSPACE = "8a81b0136e7c42f1016e8c5d3f2a4b6c"
MODEL = "75A40874E6B64FA3AE0743278996850F"
IMPORT, EXPORT, FILE = "112000000001", "116000000001", "113000000001"
MODULE = "ACT01 Actuals"
PERIODS = {202610: "Oct 26", 202611: "Nov 26"}
ENTITIES = {"US01": ("10USA", "USD"), "DE01": ("20EUR", "EUR")}
ACCOUNTS = {"1000": "Cash", "4000": "Sales", "6000": "Wages", "9000": "Headcount"}
COST_CENTERS = {"100": "Assembly", "200": "Sales Office"}
HEADERS = {
    "Company": "Entities",
    "Account": "Accounts",
    "Cost Center": "Cost Centers",
    "Month": "Time",
    "Currency": "Currencies",
}
MEASURES = ("Debit", "Credit", "Net", "Quantity")

PLAN_MODULE, PLAN_EXPORT = "PLN01 Plan", "Plan for QAD"
PLAN_ACTIONS = (("action", "plan", PLAN_EXPORT), ("action", "plan_name", "FY27 BUDGET"))
# entity, account, cost center, month, currency, amount
PLAN_ROWS = (
    ("E_US01", "A_4000", "CC_200", "Oct 26", "USD", "-2600.00"),
    ("E_US01", "A_6000", "CC_100", "Oct 26", "USD", "800.00"),
    ("E_US01", "A_4000", "CC_200", "Nov 26", "USD", "-2700.00"),
    ("E_US01", "A_6000", "CC_100", "Nov 26", "USD", "850.05"),
    ("E_US01", "A_6000", "CC_200", "Nov 26", "USD", "200.15"),
    ("E_DE01", "A_4000", "CC_200", "Nov 26", "EUR", "-2500.50"),
    ("E_DE01", "A_6000", "CC_100", "Nov 26", "EUR", "790.05"),
    ("E_DE01", "A_1000", "CC_100", "Oct 26", "EUR", "12.345"),
)

# account, cost center, debit, credit: balanced but for the statistics
ROWS = (
    ("1000", "100", "1500.25", "0.00"),
    ("4000", "200", "0.00", "2500.50"),
    ("6000", "100", "800.10", "0.00"),
    ("6000", "200", "200.15", "0.00"),
    ("9000", "100", "12", "0"),
)


@dataclass(frozen=True)
class World:
    """The files of one small world, and the Anaplan customer that nobody else has.

    All connections of a customer share one budget of calls.
    """

    books: Path
    model: Path
    mapping: Path
    customer: str = ""


def write_world(
    folder: Path, *, rows: Any = None, import_options: Any = None, plan: Any = None
) -> World:
    """Write books, model and mapping; `rows` maps (entity, period) to its balance rows.

    With `plan`, rows like those of `PLAN_ROWS`, the model has a plan and exports it.
    """
    customer, books = uuid.uuid4().hex, folder / "books"
    books.mkdir(parents=True)
    _write_books(books, rows or {(e, p): ROWS for e in ENTITIES for p in PERIODS})
    model = _model(customer, import_options or {})
    if plan is not None:
        _add_plan(model["workspaces"][0]["models"][0], folder, plan)
    (folder / "model.json").write_text(json.dumps(model))
    _write(
        folder / "mapping.csv",
        ["dimension", "code", "member"],
        [
            *[("entity", code, f"E_{code}") for code in ENTITIES],
            *[("gl_account", code, f"A_{code}") for code in ACCOUNTS],
            *[("cost_center", code, f"CC_{code}") for code in COST_CENTERS],
            *[("period", str(code), name) for code, name in PERIODS.items()],
            *[("currency", code, code) for code in ("USD", "EUR")],
            ("action", "import", "Actuals from QAD"),
            ("action", "export", "Actuals read back"),
            ("column", "Company", "entity"),
            ("column", "Month", "period"),
            *(PLAN_ACTIONS if plan is not None else ()),
        ],
    )
    return World(books, folder / "model.json", folder / "mapping.csv", customer)


def expected_cells() -> dict[str, dict[str, Decimal]]:
    """What the Actuals module must hold in the end: every row on its cell, to the last digit."""
    cells = {}
    for entity in ENTITIES:
        for month in PERIODS.values():
            for account, center, debit, credit in ROWS:
                values = dict.fromkeys(MEASURES, Decimal(0))
                if account == "9000":
                    values["Quantity"] = Decimal(debit)
                else:
                    values["Debit"], values["Credit"] = Decimal(debit), Decimal(credit)
                    values["Net"] = values["Debit"] - values["Credit"]
                cells[f"E_{entity} A_{account} CC_{center} {month}"] = values
    return cells


def exact(cells: dict[str, dict[str, str]]) -> dict[str, dict[str, Decimal]]:
    """What a stand-in holds, as numbers; a line item that it leaves empty is nothing."""
    return {
        place: {name: Decimal(values.get(name) or "0") for name in MEASURES}
        for place, values in cells.items()
    }


def _write_books(books: Path, rows: Any) -> None:
    _write(
        books / "entities.csv",
        ["domain", "entity", "description", "base_currency", "statutory_currency"],
        [(domain, code, code, currency, currency) for code, (domain, currency) in ENTITIES.items()],
    )
    domains = [domain for domain, _ in ENTITIES.values()]
    _write(
        books / "accounts.csv",
        ["domain", "shared_set", "gl_account", "description", "gl_type", "is_balance_sheet",
         "is_debit", "analysis_type", "is_active"],
        [
            (domain, "GL", code, name, "STATISTICAL" if code == "9000" else "STANDARD",
             str(code == "1000").lower(), str(code != "4000").lower(), "COSTCENTER", "true")
            for domain in domains
            for code, name in ACCOUNTS.items()
        ],
    )  # fmt: skip
    _write(
        books / "cost_centers.csv",
        ["domain", "shared_set", "cost_center", "description", "is_active"],
        [(d, "CC", code, name, "true") for d in domains for code, name in COST_CENTERS.items()],
    )
    _write(
        books / "periods.csv",
        ["entity", "year_period", "start_date", "end_date", "period_type", "status"],
        [
            (entity, period, f"2026-{period % 100}-01", f"2026-{period % 100}-30", "NORMAL", "OPEN")
            for entity in ENTITIES
            for period in PERIODS
        ],
    )
    _write(
        books / "gl_balances.csv",
        ["entity", "year_period", "gl_account", "sub_account", "cost_center", "project", "layer",
         "currency", "debit", "credit"],
        [
            (entity, period, account, "", center, "", "OFFICIAL", ENTITIES[entity][1], *amounts)
            for (entity, period), lines in rows.items()
            for account, center, *amounts in lines
        ],
    )  # fmt: skip


def _model(customer: str, import_options: dict[str, Any]) -> dict[str, Any]:
    model = {
        "id": MODEL,
        "name": "FP&A",
        "activeState": "UNLOCKED",
        "lists": _lists(),
        "time": list(PERIODS.values()),
        "versions": ["Actual"],
        "modules": [_module()],
        "files": [{"id": FILE, "name": "actuals.csv"}],
        "imports": [_import(import_options)],
        "exports": [_export()],
        "processes": [],
        "actions": [],
    }
    robot = {"id": "a" * 32, "email": "robot@small.example", "password": "robot-secret"}
    return {
        "customer": {"id": customer, "name": "Small"},
        "users": [{**robot, "firstName": "R", "lastName": "O"}],
        "workspaces": [{"id": WORKSPACE, "name": "Finance", "models": [model]}],
    }


def _add_plan(model: dict[str, Any], folder: Path, rows: Any) -> None:
    """Give the model a plan, an account without a code in QAD, and the export of the plan."""
    _write(folder / "plan.csv", [*HEADERS.values(), "Amount"], rows)
    model["lists"][1]["items"].append({"name": "Plan only", "code": "A_9900"})
    item = {"id": "206000000201", "name": "Amount", "format": "NUMBER", "calculated": False}
    module = {**_module(), "id": "102000000002", "name": PLAN_MODULE, "lineItems": [item]}
    model["modules"].append({**module, "cells_csv": "plan.csv"})
    export = _export()
    columns = [column for column in export["columns"] if "dimension" in column]
    columns.append({"header": "Amount", "lineItem": "Amount"})
    plan = {"id": "116000000002", "name": PLAN_EXPORT, "module": PLAN_MODULE, "columns": columns}
    model["exports"].append({**export, **plan})


def _lists() -> list[dict[str, Any]]:
    lists = {
        "Entities": [("E_" + code, f"Entity {code}") for code in ENTITIES],
        "Accounts": [("A_" + code, name) for code, name in ACCOUNTS.items()],
        "Cost Centers": [("CC_" + code, name) for code, name in COST_CENTERS.items()],
        "Currencies": [("USD", "USD"), ("EUR", "EUR")],
    }
    return [
        {
            "id": f"10100000000{number}",
            "name": name,
            "items": [{"name": item, "code": code} for code, item in items],
        }
        for number, (name, items) in enumerate(lists.items(), 1)
    ]


def _module() -> dict[str, Any]:
    return {
        "id": "102000000001",
        "name": MODULE,
        "dimensions": ["Entities", "Accounts", "Cost Centers", "Currencies", "Time"],
        "lineItems": [
            {"id": f"20600000000{n}", "name": name, "format": "NUMBER", "calculated": False}
            for n, name in enumerate(MEASURES, 1)
        ],
    }


def _import(options: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": IMPORT,
        "name": "Actuals from QAD",
        "fileId": FILE,
        "module": MODULE,
        "columns": [
            *[
                {"header": h, "dimension": d, "match": "any" if d == "Time" else "code"}
                for h, d in HEADERS.items()
            ],
            *[{"header": measure, "lineItem": measure} for measure in MEASURES],
        ],
        "onUnknown": "reject",
        "separator": ",",
        "encoding": "UTF-8",
        **options,
    }


def _export() -> dict[str, Any]:
    by_name = ("Accounts", "Time")
    return {
        "id": EXPORT,
        "name": "Actuals read back",
        "module": MODULE,
        "layout": "TABULAR_MULTI_COLUMN",
        "columns": [
            *[
                {"header": h, "dimension": d, "show": "name" if d in by_name else "code"}
                for h, d in HEADERS.items()
            ],
            *[{"header": measure, "lineItem": measure} for measure in MEASURES],
        ],
        "omitEmptyRows": True,
        "encoding": "UTF-8",
    }


def _write(path: Path, header: list[str], rows: Any) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
