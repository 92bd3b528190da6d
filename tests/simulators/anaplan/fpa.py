"""A planning customer for outside clients: two models of the same names and other ids."""

import json
from pathlib import Path
from typing import Any

PROD, DEV = "ABCDEF0123456789ABCDEF0123456701", "ABCDEF0123456789ABCDEF0123456702"
FINANCE, SANDBOX = "b1000000000000000000000000000001", "b1000000000000000000000000000002"
ADA = ("ada@lamps.example", "ada:pässword")
ROB = ("rob@lamps.example", "rob-password")
WEB, DEVICE, STEADY = (f"e100000000000000000000000000000{n}" for n in range(1, 4))
SECRET, BACK = "lamp-secret", "https://reports.lamps.example/back"
DEV_SHIFT = 100
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
HEADER = "Cost Center,Account,Period,Version,Amount\n"
PLAN = """Cost Centers,Accounts,Time,Versions,Amount
1000,4000,Jan 26,Budget,1000.50
1000,4000,Feb 26,Budget,900
2000,6000,Jan 26,Forecast,-75.25
"""
Part = dict[str, Any]


def write_model_file(folder: Path) -> Path:
    """Write the model file and what belongs to it into a folder."""
    (folder / "plan.csv").write_text(PLAN, encoding="utf-8")
    path = folder / "model.json"
    path.write_text(json.dumps(build_customer()), encoding="utf-8")
    return path


def build_customer() -> Part:
    """The whole file as JSON."""
    models = [_build_model(PROD, "FP&A PROD", 0), _build_model(DEV, "FP&A DEV", DEV_SHIFT)]
    return {
        "customer": {"id": "c1000000000000000000000000000001", "name": "Lamp Works"},
        "users": [
            _user(1, ADA, "Ada", "Admin"),
            _user(2, ROB, "Rob", "Robot", models=[PROD]),
        ],
        "oauthClients": [
            {
                "id": WEB,
                "name": "Reports",
                "grant": "authorization_code",
                "secret": SECRET,
                "redirectUris": [BACK],
            },
            {"id": DEVICE, "name": "Sync", "grant": "device"},
            {"id": STEADY, "name": "Archive", "grant": "device", "rotatable": False},
        ],
        "workspaces": [
            {"id": FINANCE, "name": "Finance", "models": models},
            {"id": SANDBOX, "name": "Sandbox", "models": []},
        ],
    }


def _user(number: int, login: tuple[str, str], first: str, last: str, **more: Any) -> Part:
    user_id = f"a1{number:030}"
    email, password = login
    return {
        "id": user_id, "email": email, "password": password, "firstName": first, "lastName": last,
    } | more  # fmt: skip


def _build_model(model_id: str, name: str, shift: int) -> Part:
    def oid(prefix: int, place: int) -> str:
        return f"{prefix}{place + shift:09}"

    dimensions = ["Cost Centers", "Accounts", "Time", "Versions"]
    return {
        "id": model_id,
        "name": name,
        "lists": [
            {"id": oid(101, 1), "name": "Cost Centers", "items": _cost_centers()},
            {
                "id": oid(101, 2),
                "name": "Accounts",
                "items": [{"name": "Revenue", "code": "4000"}, {"name": "Rent", "code": "6000"}],
            },
        ],
        "time": [*(f"{month} 26" for month in MONTHS), "Jan 27"],
        "versions": ["Actual", "Budget", "Forecast"],
        "modules": [
            {
                "id": oid(102, 1),
                "name": "ACT01 Actuals",
                "dimensions": dimensions,
                "lineItems": [
                    {"id": oid(206, 1), "name": "Amount"},
                    {"id": oid(206, 2), "name": "Note", "format": "TEXT"},
                    {"id": oid(206, 3), "name": "Share", "calculated": True},
                ],
            },
            {
                "id": oid(102, 2),
                "name": "PLN01 Plan",
                "dimensions": dimensions,
                "lineItems": [{"id": oid(206, 11), "name": "Amount"}],
                "cells_csv": "plan.csv",
            },
        ],
        **_build_actions(oid),
    }


def _cost_centers() -> list[Part]:
    names = ("Sales", "Plant", "Old Shop (inactive)", "Old Mill (inactive)")
    codes = ("1000", "2000", "8000", "9000")
    return [
        {"name": "All Cost Centers"},
        *(
            {"name": name, "code": code, "parent": "All Cost Centers"}
            for name, code in zip(names, codes, strict=True)
        ),
    ]


def _build_actions(oid: Any) -> Part:
    clear, accounts, actuals = "Clear Jan 26", "Load accounts", "Load actuals"
    return {
        "files": [
            {"id": oid(113, 1), "name": "actuals.csv"},
            {"id": oid(113, 2), "name": "accounts.csv"},
        ],
        "imports": [
            {
                "id": oid(112, 1),
                "name": actuals,
                "fileId": oid(113, 1),
                "module": "ACT01 Actuals",
                "columns": _columns(match="code"),
            },
            {
                "id": oid(112, 2),
                "name": accounts,
                "fileId": oid(113, 2),
                "list": "Accounts",
                "columns": [
                    {"header": "Code", "property": "code"},
                    {"header": "Name", "property": "name"},
                ],
            },
        ],
        "exports": [
            _export(oid(116, 1), "Plan", "PLN01 Plan"),
            _export(oid(116, 2), "Wide", "ACT01 Actuals", encoding="UTF-16LE", separator="\t"),
        ],
        "actions": [
            {
                "id": oid(117, 1),
                "name": clear,
                "module": "ACT01 Actuals",
                "members": {"Time": ["Jan 26"]},
            }
        ],
        "processes": [
            {"id": oid(118, 1), "name": "Month end", "steps": [clear, accounts, actuals]}
        ],
    }


def _columns(**of_lists: str) -> list[Part]:
    return [
        {"header": "Cost Center", "dimension": "Cost Centers"} | of_lists,
        {"header": "Account", "dimension": "Accounts"} | of_lists,
        {"header": "Period", "dimension": "Time"},
        {"header": "Version", "dimension": "Versions"},
        {"header": "Amount", "lineItem": "Amount"},
    ]


def _export(export_id: str, name: str, module: str, **more: str) -> Part:
    return {"id": export_id, "name": name, "module": module, "columns": _columns()} | more
