"""Writes the Anaplan side of the demonstration: model, lists, start values and mapping."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from simulators.data.adventureworks.books import write_csv
from simulators.data.adventureworks.source import Sample

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
CURRENCY_NAMES = {
    "USD": "US Dollar",
    "CAD": "Canadian Dollar",
    "EUR": "Euro",
    "AUD": "Australian Dollar",
}
IMPORT_NAME = "Actuals from QAD"
EXPORT_NAME = "Actuals read back"
PASSWORD = "adventure-2011"  # noqa: S105 - the demonstration's own sign-in, printed in its docs

ACTUALS_DIMENSIONS = ("Entities", "Accounts", "Cost Centers", "Time", "Currencies")
MEASURES = ("Debit", "Credit", "Net", "Quantity")


def write_model(sample: Sample, year_periods: Sequence[int], folder: Path) -> None:
    """Write model.json and the CSV files it names."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [period_name(number) for number in year_periods]
    for name, items in _lists(sample).items():
        write_csv(folder / _list_file(name), ("name", "code"), items)
    _write_plan(sample, dict(zip(sample.dates, names, strict=True)), folder / "plan.csv")
    document = _document(names)
    text = json.dumps(document, indent=2, ensure_ascii=False)
    (folder / "model.json").write_text(text + "\n", encoding="utf-8")


def write_mapping(sample: Sample, year_periods: Sequence[int], path: Path) -> None:
    """Write the mapping from QAD codes to the members that the import expects."""
    rows = [("entity", entity.code, f"E_{entity.code}") for entity in sample.entities]
    rows += [("gl_account", code, f"A_{code}") for code in sample.accounts]
    rows += [("cost_center", code, f"CC_{code}") for code in sample.cost_centers]
    rows += [("period", str(number), period_name(number)) for number in year_periods]
    rows += [("currency", code, code) for code in _currencies(sample)]
    rows += [("action", "import", IMPORT_NAME), ("action", "export", EXPORT_NAME)]
    rows += [
        ("column", header, field)
        for header, field in (
            ("Entity", "entity"),
            ("Account", "gl_account"),
            ("Cost Center", "cost_center"),
            ("Month", "period"),
            ("Currency", "currency"),
            ("Debit", "debit"),
            ("Credit", "credit"),
            ("Net", "net"),
            ("Quantity", "quantity"),
        )
    ]
    write_csv(path, ("dimension", "code", "member"), rows)


def period_name(year_period: int) -> str:
    """Anaplan's name of a year-period: 201012 is "Dec 10"."""
    year, period = divmod(year_period, 100)
    return f"{MONTHS[period - 1]} {year % 100:02d}"


def _currencies(sample: Sample) -> list[str]:
    return sorted({entity.currency for entity in sample.entities})


def _lists(sample: Sample) -> dict[str, list[tuple[str, str]]]:
    """Members (name, code) of each list; names are unique inside a list, as Anaplan demands."""
    seen = Counter(account.description for account in sample.accounts.values())
    accounts = [
        (
            account.description
            if seen[account.description] == 1
            else f"{account.description} ({account.kind})",
            f"A_{account.code}",
        )
        for account in sample.accounts.values()
    ]
    return {
        "Entities": [(entity.name, f"E_{entity.code}") for entity in sample.entities],
        "Accounts": accounts,
        "Cost Centers": [(name, f"CC_{code}") for code, name in sample.cost_centers.items()],
        "Currencies": [(CURRENCY_NAMES[code], code) for code in _currencies(sample)],
    }


def _list_file(name: str) -> str:
    return f"list_{name.lower().replace(' ', '_')}.csv"


def _write_plan(sample: Sample, name_of: Mapping[str, str], path: Path) -> None:
    """Write the budget as cells of the Plan module: debit less credit, as Net in the actuals."""
    currency_of = {entity.code: entity.currency for entity in sample.entities}
    rows = []
    for amount in sample.budget:
        debit, credit = sample.accounts[amount.account].sides(amount.natural)
        rows.append(
            (
                f"E_{amount.entity}",
                f"A_{amount.account}",
                f"CC_{amount.cost_center}",
                name_of[amount.date],
                currency_of[amount.entity],
                f"{debit - credit:.2f}",
            )
        )
    write_csv(path, (*ACTUALS_DIMENSIONS, "Amount"), rows)


def _document(names: Sequence[str]) -> dict[str, Any]:
    workspaces = [("FP&A Production", "FP&A", 0), ("FP&A Development", "FP&A DEV", 1_000)]
    return {
        "customer": {"id": _identifier("customer"), "name": "Adventure Works Cycles"},
        "users": [
            _user("integration@adventure-works.example", "Ines", "Integration"),
            _user("planner@adventure-works.example", "Pat", "Planner"),
        ],
        "workspaces": [
            {
                "id": _identifier(workspace),
                "name": workspace,
                "models": [_model(name, names, offset)],
            }
            for workspace, name, offset in workspaces
        ],
    }


def _model(name: str, names: Sequence[str], offset: int) -> dict[str, Any]:
    lists = ("Entities", "Accounts", "Cost Centers", "Currencies")
    return {
        "id": _identifier(name).upper(),
        "name": name,
        "activeState": "UNLOCKED",
        "lists": [
            {"id": _number(101, offset + place), "name": text, "items_csv": _list_file(text)}
            for place, text in enumerate(lists, start=1)
        ],
        "time": list(names),
        "versions": ["Actual", "Budget"],
        "modules": [
            _module("ACT01 Actuals", MEASURES, offset + 1),
            _module("PLN01 Plan", ("Amount",), offset + 2) | {"cells_csv": "plan.csv"},
        ],
        "files": [{"id": _number(113, offset + 1), "name": "actuals.csv"}],
        "imports": [_import(offset)],
        "exports": [
            _export(EXPORT_NAME, "ACT01 Actuals", MEASURES, offset + 1),
            _export("Plan", "PLN01 Plan", ("Amount",), offset + 2),
        ],
        "processes": [],
        "actions": [],
    }


def _module(name: str, line_items: Sequence[str], offset: int) -> dict[str, Any]:
    return {
        "id": _number(102, offset),
        "name": name,
        "dimensions": list(ACTUALS_DIMENSIONS),
        "lineItems": [
            {
                "id": _number(206, offset * 100 + place),
                "name": text,
                "format": "NUMBER",
                "calculated": False,
            }
            for place, text in enumerate(line_items, start=1)
        ],
    }


def _import(offset: int) -> dict[str, Any]:
    """The file import: members by code, months by name; its headers are not QAD's words."""
    columns: list[dict[str, str]] = [
        {"header": "Entity", "dimension": "Entities", "match": "code"},
        {"header": "Account", "dimension": "Accounts", "match": "code"},
        {"header": "Cost Center", "dimension": "Cost Centers", "match": "code"},
        {"header": "Month", "dimension": "Time", "match": "name"},
        {"header": "Currency", "dimension": "Currencies", "match": "code"},
    ]
    columns += [{"header": text, "lineItem": text} for text in MEASURES]
    return {
        "id": _number(112, offset + 1),
        "name": IMPORT_NAME,
        "fileId": _number(113, offset + 1),
        "module": "ACT01 Actuals",
        "columns": columns,
        "onUnknown": "reject",
        "separator": ",",
        "encoding": "UTF-8",
    }


def _export(name: str, module: str, line_items: Sequence[str], offset: int) -> dict[str, Any]:
    """An export that shows entities and cost centers by name and the rest by code."""
    columns: list[dict[str, str]] = [
        {"header": "Entities", "dimension": "Entities", "show": "name"},
        {"header": "Accounts", "dimension": "Accounts", "show": "code"},
        {"header": "Cost Centers", "dimension": "Cost Centers", "show": "name"},
        {"header": "Time", "dimension": "Time", "show": "name"},
        {"header": "Currencies", "dimension": "Currencies", "show": "code"},
    ]
    columns += [{"header": text, "lineItem": text} for text in line_items]
    return {
        "id": _number(116, offset),
        "name": name,
        "module": module,
        "layout": "TABULAR_MULTI_COLUMN",
        "columns": columns,
        "omitEmptyRows": True,
        "encoding": "UTF-8",
    }


def _user(email: str, first: str, last: str) -> dict[str, str]:
    return {
        "id": _identifier(email),
        "email": email,
        "password": PASSWORD,
        "firstName": first,
        "lastName": last,
    }


def _identifier(text: str) -> str:
    """A steady id of 32 hexadecimal digits."""
    return hashlib.sha256(f"adventureworks {text}".encode()).hexdigest()[:32]


def _number(prefix: int, place: int) -> str:
    return f"{prefix}{place:09d}"
