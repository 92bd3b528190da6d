"""Parts of a model file: an Actuals module with its file, import and export, as plain JSON."""

import csv
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

DIMENSIONS = ("Entities", "Accounts", "Cost Centers", "Time", "Currencies")
MEASURES = ("Debit", "Credit", "Net", "Quantity")
MODULE_NAME = "ACT01 Actuals"
FILE_NAME = "actuals.csv"
IMPORT_NAME = "Actuals from QAD"
EXPORT_NAME = "Actuals read back"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
IMPORT_COLUMNS = (
    ("Entity", "Entities", "entity", "code"),
    ("Account", "Accounts", "gl_account", "code"),
    ("Cost Center", "Cost Centers", "cost_center", "code"),
    ("Month", "Time", "period", "name"),
    ("Currency", "Currencies", "currency", "code"),
)
SHOWN_BY_NAME = ("Entities", "Cost Centers", "Time")


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write one CSV file with a header row, UTF-8 and line feeds."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def identifier(text: str) -> str:
    """A steady id of 32 lower-case hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def number(prefix: int, place: int) -> str:
    """An object id of 12 digits; the prefix tells its kind."""
    return f"{prefix}{place:09d}"


def period_name(year_period: int) -> str:
    """Anaplan's name of a year-period of twelve a year: 201012 is "Dec 10"."""
    year, period = divmod(year_period, 100)
    return f"{MONTHS[period - 1]} {year % 100:02d}"


def count_periods(first: int, wanted: int) -> list[int]:
    """Consecutive year-periods of twelve a year: 201012, 201101, 201102 and so on."""
    found = [first]
    while len(found) < wanted:
        year, period = divmod(found[-1], 100)
        is_last = period == len(MONTHS)
        found.append((year + 1) * 100 + 1 if is_last else found[-1] + 1)
    return found


def list_file(name: str) -> str:
    """The file beside the model that holds a list's members."""
    return f"list_{name.lower().replace(' ', '_')}.csv"


def build_module(name: str, line_items: Sequence[str], place: int) -> dict[str, Any]:
    """A module by entity, account, cost center, time and currency."""
    return {
        "id": number(102, place),
        "name": name,
        "dimensions": list(DIMENSIONS),
        "lineItems": [
            {
                "id": number(206, place * 100 + item),
                "name": text,
                "format": "NUMBER",
                "calculated": False,
            }
            for item, text in enumerate(line_items, start=1)
        ],
    }


def build_import(place: int) -> dict[str, Any]:
    """The import of actuals: members by code, months by name; its headers are not QAD's words."""
    columns: list[dict[str, str]] = [
        {"header": header, "dimension": dimension, "match": match}
        for header, dimension, _, match in IMPORT_COLUMNS
    ]
    columns += [{"header": text, "lineItem": text} for text in MEASURES]
    return {
        "id": number(112, place),
        "name": IMPORT_NAME,
        "fileId": number(113, place),
        "module": MODULE_NAME,
        "columns": columns,
        "onUnknown": "reject",
        "separator": ",",
        "encoding": "UTF-8",
    }


def build_export(name: str, module: str, line_items: Sequence[str], place: int) -> dict[str, Any]:
    """An export that shows entities and cost centers by name, accounts and currencies by code."""
    columns: list[dict[str, str]] = [
        {
            "header": dimension,
            "dimension": dimension,
            "show": "name" if dimension in SHOWN_BY_NAME else "code",
        }
        for dimension in DIMENSIONS
    ]
    columns += [{"header": text, "lineItem": text} for text in line_items]
    return {
        "id": number(116, place),
        "name": name,
        "module": module,
        "layout": "TABULAR_MULTI_COLUMN",
        "columns": columns,
        "omitEmptyRows": True,
        "encoding": "UTF-8",
    }


def build_cube(
    name: str, dimensions: Sequence[str], source: str, place: int
) -> dict[str, dict[str, Any]]:
    """A module with one line item, and its file, import from QAD and export for reading back."""
    item = "Amount"
    columns = [
        {"header": text, "dimension": text, "match": "name" if text == "Time" else "code"}
        for text in dimensions
    ]
    shown = [
        {"header": text, "dimension": text, "show": "name" if text == "Time" else "code"}
        for text in dimensions
    ]
    amount = {"header": item, "lineItem": item}
    line = {"id": number(206, place * 100 + 1), "name": item, "format": "NUMBER"}
    return {
        "modules": {
            "id": number(102, place),
            "name": name,
            "dimensions": list(dimensions),
            "lineItems": [line | {"calculated": False}],
        },
        "files": {"id": number(113, place), "name": f"{source.lower().replace(' ', '_')}.csv"},
        "imports": {
            "id": number(112, place),
            "name": f"{source} from QAD",
            "fileId": number(113, place),
            "module": name,
            "columns": [*columns, amount],
            "onUnknown": "reject",
            "separator": ",",
            "encoding": "UTF-8",
        },
        "exports": {
            "id": number(116, place),
            "name": f"{source} read back",
            "module": name,
            "layout": "TABULAR_MULTI_COLUMN",
            "columns": [*shown, amount],
            "omitEmptyRows": True,
            "encoding": "UTF-8",
        },
    }


CUBES = (
    ("SPD01 Spend", DIMENSIONS, "Spend", 5),
    ("INV01 Invoices", ("Entities", "Suppliers", "Time", "Currencies"), "Invoices", 6),
)
FURTHER = (
    ("cost_center_list import", "Cost Centers from file"),
    ("cost_center_list export", "Cost Centers"),
    ("cost_center_list code", "CC_{code}"),
    ("gl_account_list import", "Accounts from file"),
    ("gl_account_list export", "Accounts"),
    ("gl_account_list code", "A_{code}"),
    ("gl_account_list name", "{code} {name}"),
    ("supplier_list import", "Suppliers from file"),
    ("supplier_list export", "Suppliers"),
    ("supplier_list code", "V_{code}"),
    ("cost_center_spend import", "Spend from QAD"),
    ("cost_center_spend export", "Spend read back"),
    ("supplier_invoices import", "Invoices from QAD"),
    ("supplier_invoices export", "Invoices read back"),
)
"""Rows `action` of the mapping file for what `add_further` adds."""


def add_further(model: dict[str, Any], place: int) -> None:
    """Add modules for spend and invoices, imports of lists, and suppliers that begin empty."""
    model["lists"].append({"id": number(101, place + 9), "name": "Suppliers", "items": []})
    for offset, name in enumerate(("Suppliers", "Accounts", "Cost Centers"), 7):
        members = build_list_import(name, place + offset)
        file_name = f"{name.lower().replace(' ', '_')}.csv"
        model["files"].append({"id": members["fileId"], "name": file_name})
        model["imports"].append(members)
    for name, dimensions, source, offset in CUBES:
        for kind, part in build_cube(name, dimensions, source, place + offset).items():
            model[kind].append(part)


def build_model(
    name: str, identity: str, year_periods: Sequence[int], place: int
) -> dict[str, Any]:
    """A model with four lists in CSV files beside it and the Actuals module with its actions.

    `place` is added to the numbers of all its objects, so that copies have ids of their own.
    """
    lists = [dimension for dimension in DIMENSIONS if dimension != "Time"]
    return {
        "id": identity.upper(),
        "name": name,
        "activeState": "UNLOCKED",
        "lists": [
            {"id": number(101, place + item), "name": text, "items_csv": list_file(text)}
            for item, text in enumerate(lists, start=1)
        ],
        "time": [period_name(item) for item in year_periods],
        "versions": ["Actual", "Budget"],
        "modules": [build_module(MODULE_NAME, MEASURES, place + 1)],
        "files": [{"id": number(113, place + 1), "name": FILE_NAME}],
        "imports": [build_import(place + 1)],
        "exports": [build_export(EXPORT_NAME, MODULE_NAME, MEASURES, place + 1)],
        "processes": [],
        "actions": [],
    }


def build_list_import(list_name: str, place: int) -> dict[str, Any]:
    """An import that creates and renames the members of a list."""
    return {
        "id": number(112, place),
        "name": f"{list_name} from file",
        "fileId": number(113, place),
        "list": list_name,
        "columns": [
            {"header": "Code", "property": "code"},
            {"header": "Name", "property": "name"},
        ],
    }


def mapping_rows(
    codes: dict[str, Iterable[tuple[str, str]]], year_periods: Sequence[int]
) -> list[tuple[str, str, str]]:
    """The mapping file's rows: (code, member) pairs per dimension, the actions, the columns."""
    rows = [
        (dimension, code, member) for dimension, pairs in codes.items() for code, member in pairs
    ]
    rows += [("period", str(item), period_name(item)) for item in year_periods]
    rows += [("action", "import", IMPORT_NAME), ("action", "export", EXPORT_NAME)]
    rows += [("column", header, field) for header, _, field, _ in IMPORT_COLUMNS]
    return rows + [("column", text, text.lower()) for text in MEASURES]
