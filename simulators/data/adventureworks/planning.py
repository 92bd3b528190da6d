"""Writes the Anaplan side of the demonstration: model, lists, start values and mapping."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from simulators.data.adventureworks.source import Sample
from simulators.data.modelparts import (
    DIMENSIONS,
    FURTHER,
    IMPORT_NAME,
    MODULE_NAME,
    add_further,
    build_export,
    build_model,
    build_module,
    identifier,
    list_file,
    mapping_rows,
    number,
    period_name,
    write_csv,
)

CURRENCY_NAMES = {
    "USD": "US Dollar",
    "CAD": "Canadian Dollar",
    "EUR": "Euro",
    "AUD": "Australian Dollar",
}
PLAN_MODULE = "PLN01 Plan"
PLAN_ITEMS = ("Amount",)
PLAN_EXPORT, PLAN_NAME = "Plan", "FY11 BUDGET"
CLEAR_NAME = "Clear actuals"
PASSWORD = "adventure-2011"  # noqa: S105 - the demonstration's own sign-in, printed in its docs
COPIES = (("FP&A Production", "FP&A", 0), ("FP&A Development", "FP&A DEV", 1_000))


def write_model(sample: Sample, year_periods: Sequence[int], folder: Path) -> None:
    """Write model.json and the CSV files it names."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, items in _lists(sample).items():
        write_csv(folder / list_file(name), ("name", "code"), items)
    names = [period_name(item) for item in year_periods]
    _write_plan(sample, dict(zip(sample.dates, names, strict=True)), folder / "plan.csv")
    text = json.dumps(_document(year_periods), indent=2, ensure_ascii=False)
    (folder / "model.json").write_text(text + "\n", encoding="utf-8")


def write_mapping(sample: Sample, year_periods: Sequence[int], path: Path) -> None:
    """Write the mapping from QAD codes to the members that the import expects."""
    rows = mapping_rows(
        {
            "entity": ((item.code, f"E_{item.code}") for item in sample.entities),
            "gl_account": ((code, f"A_{code}") for code in sample.accounts),
            "cost_center": ((code, f"CC_{code}") for code in sample.cost_centers),
            "supplier": ((code, f"V_{code}") for code, _, _ in sample.suppliers),
            "currency": ((code, code) for code in _currencies(sample)),
        },
        year_periods,
    )
    rows += [("action", what, name) for what, name in FURTHER]
    rows += [("action", "plan", PLAN_EXPORT), ("action", "plan_name", PLAN_NAME)]
    write_csv(path, ("dimension", "code", "member"), rows)


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
    write_csv(path, (*DIMENSIONS, *PLAN_ITEMS), rows)


def _document(year_periods: Sequence[int]) -> dict[str, Any]:
    production = _identifier(COPIES[0][1]).upper()
    return {
        "customer": {"id": _identifier("customer"), "name": "Adventure Works Cycles"},
        "users": [
            _user("integration@adventure-works.example", "Ines", "Integration"),
            _user("planner@adventure-works.example", "Pat", "Planner") | {"models": [production]},
        ],
        "oauthClients": [
            {
                "id": _identifier("Adventure Works Web"),
                "name": "Adventure Works Web",
                "grant": "authorization_code",
                "secret": PASSWORD,
                "redirectUris": [
                    "http://127.0.0.1:8000/",
                    "http://127.0.0.1:8000/connect/anaplan/done/",
                ],
                "trial": True,
            },
            {
                "id": _identifier("Adventure Works Robot"),
                "name": "Adventure Works Robot",
                "grant": "device",
                "rotatable": False,
            },
        ],
        "workspaces": [
            {
                "id": _identifier(workspace),
                "name": workspace,
                "models": [_model(name, year_periods, place)],
            }
            for workspace, name, place in COPIES
        ],
    }


def _model(name: str, year_periods: Sequence[int], place: int) -> dict[str, Any]:
    model = build_model(name, _identifier(name), year_periods, place)
    plan = build_module(PLAN_MODULE, PLAN_ITEMS, place + 2)
    model["modules"].append(plan | {"cells_csv": "plan.csv"})
    wide = build_export("Plan (UTF-16)", PLAN_MODULE, PLAN_ITEMS, place + 3)
    model["exports"] += [
        build_export(PLAN_EXPORT, PLAN_MODULE, PLAN_ITEMS, place + 2),
        wide | {"encoding": "UTF-16LE", "separator": "\t"},
    ]
    add_further(model, place)
    model["actions"].append(
        {"id": number(117, place + 1), "name": CLEAR_NAME, "module": MODULE_NAME}
    )
    steps = [CLEAR_NAME, "Cost Centers from file", IMPORT_NAME]
    model["processes"].append({"id": number(118, place + 1), "name": "Reload", "steps": steps})
    return model


def _user(email: str, first: str, last: str) -> dict[str, Any]:
    return {
        "id": _identifier(email),
        "email": email,
        "password": PASSWORD,
        "firstName": first,
        "lastName": last,
    }


def _identifier(text: str) -> str:
    return identifier(f"adventureworks {text}")
