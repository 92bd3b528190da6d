"""The small world with postings, supplier invoices and suppliers, and a module for each."""

import json
from pathlib import Path
from typing import Any

from audit.tenancy import tenant
from integrations.services.clients import build_anaplan
from integrations.services.connections import save_sync
from tests.runs.conftest import Rig
from tests.runs.small_world import ENTITIES, MODEL, PERIODS, World, _write, write_world

SUPPLIERS = {"S1": "Northwind Steel", "S2": "Contoso Bearings"}
SPEND, INVOICES = "SPD01 Spend", "INV01 Invoices"
COLUMNS = {
    SPEND: {"Company": "Entities", "Account": "Accounts", "Cost Center": "Cost Centers",
            "Month": "Time", "Currency": "Currencies"},
    INVOICES: {"Company": "Entities", "Supplier": "Suppliers", "Month": "Time",
               "Currency": "Currencies"},
}  # fmt: skip
ITEMS = {SPEND: "Spend", INVOICES: "Invoiced"}

# account, cost center, debit, credit: what the balances of the small world are made of
POSTINGS = (
    ("1000", "100", "1500.25", "0.00"),
    ("4000", "200", "0.00", "2500.50"),
    ("6000", "100", "500.10", "0.00"),
    ("6000", "100", "300.00", "0.00"),
    ("6000", "200", "250.15", "0.00"),
    ("6000", "200", "-50.00", "0.00"),
)

# supplier, amount, type, status
DOCUMENTS = (
    ("S1", "1210.00", "INVOICE", "AP-GLALLOC"),
    ("S1", "-110.00", "CREDITNOTE", "AP-GLALLOC"),
    ("S2", "99.99", "INVOICE", "AP-NOALLOC"),
    ("S2", "500.00", "PREPAYMENT", "AP-GLALLOC"),
    ("S2", "9.00", "ADJUSTMENT", "AP-GLALLOC"),
    ("S2", "77.00", "INVOICE", "AP-INITIAL"),
)


def write_wide_world(folder: Path, *, postings: Any = POSTINGS) -> World:
    """Write the small world and what it has more."""
    world = write_world(folder)
    _write_books(world.books, postings)
    model = json.loads(world.model.read_text())
    part = model["workspaces"][0]["models"][0]
    part["lists"].append(
        {
            "id": "101000000005",
            "name": "Suppliers",
            "items": [{"name": name, "code": f"V_{code}"} for code, name in SUPPLIERS.items()],
        }
    )
    for place, module in enumerate(COLUMNS, 2):
        _add_module(part, module, place)
    part["actions"] = [{"id": "117000000001", "name": "Clear spend", "module": SPEND}]
    load = f"{SPEND} from QAD"
    part["processes"] = [
        {"id": "118000000001", "name": "Spend, all of it", "steps": [load]},
        {"id": "118000000002", "name": "Spend anew", "steps": ["Clear spend", load]},
    ]
    part["files"].append({"id": "113000000009", "name": "cost_centers.csv"})
    part["imports"].append(
        {
            "id": "112000000009",
            "name": "Cost centers from QAD",
            "fileId": "113000000009",
            "list": "Cost Centers",
            "columns": [
                {"header": "Code", "property": "code"},
                {"header": "Name", "property": "name"},
            ],
        }
    )
    world.model.write_text(json.dumps(model))
    with world.mapping.open("a", encoding="utf-8") as stream:
        stream.writelines(f"supplier,{code},V_{code}\n" for code in SUPPLIERS)
    return world


def _write_books(books: Path, postings: Any) -> None:
    units = [(entity, period) for entity in ENTITIES for period in PERIODS]
    _write(
        books / "postings.csv",
        ["entity", "year_period", "daybook", "voucher", "line", "posting_date", "gl_account",
         "cost_center", "layer", "currency", "debit", "credit"],
        [
            (entity, period, "JE", str(period % 100), str(line), f"2026-{period % 100}-15",
             account, center, "OFFICIAL", ENTITIES[entity][1], debit, credit)
            for entity, period in units
            for line, (account, center, debit, credit) in enumerate(postings, 1)
        ],
    )  # fmt: skip
    _write(
        books / "suppliers.csv",
        ["domain", "shared_set", "supplier", "name"],
        [(d, "SUP", code, name) for d, _ in ENTITIES.values() for code, name in SUPPLIERS.items()],
    )
    _write(
        books / "invoices.csv",
        ["entity", "year_period", "daybook", "voucher", "supplier", "invoice_date",
         "posting_date", "amount", "currency", "type", "status_code"],
        [
            (entity, period, "SUP", f"{period % 100}{number}", supplier,
             f"2026-{period % 100}-10", f"2026-{period % 100}-12", amount, ENTITIES[entity][1],
             kind, status)
            for entity, period in units
            for number, (supplier, amount, kind, status) in enumerate(DOCUMENTS, 1)
        ],
    )  # fmt: skip


def _add_module(model: dict[str, Any], module: str, place: int) -> None:
    columns = [
        {"header": header, "dimension": name, "match": "any" if name == "Time" else "code"}
        for header, name in COLUMNS[module].items()
    ]
    item = ITEMS[module]
    model["modules"].append(
        {
            "id": f"10200000000{place}",
            "name": module,
            "dimensions": list(COLUMNS[module].values()),
            "lineItems": [{"id": f"2060000000{place}1", "name": item, "format": "NUMBER"}],
        }
    )
    model["files"].append({"id": f"11300000000{place}", "name": f"{item.lower()}.csv"})
    model["imports"].append(
        {
            "id": f"11200000000{place}",
            "name": f"{module} from QAD",
            "fileId": f"11300000000{place}",
            "module": module,
            "columns": [*columns, {"header": item, "lineItem": item}],
            "onUnknown": "reject",
            "separator": ",",
            "encoding": "UTF-8",
        }
    )
    model["exports"].append(
        {
            "id": f"11600000000{place}",
            "name": f"{module} read back",
            "module": module,
            "layout": "TABULAR_MULTI_COLUMN",
            "columns": [
                *[{"header": h, "dimension": d, "show": "code"} for h, d in COLUMNS[module].items()
                  if d != "Time"],
                {"header": "Month", "dimension": "Time", "show": "name"},
                {"header": item, "lineItem": item},
            ],
            "omitEmptyRows": True,
            "encoding": "UTF-8",
        }
    )  # fmt: skip


def add_sync(rig: Rig, data_set: str, module: str, measure: str, **fields: Any) -> Any:
    """Save a sync of another data set beside the rig's own, and let the rig run that one."""
    bindings = {"Company": "entity", "Month": "period", ITEMS[module]: measure}
    rig.sync = save_sync(
        organization=rig.organization,
        name=fields.pop("name", data_set),
        data_set=data_set,
        source=rig.sync.source,
        target=rig.sync.target,
        workspace_id=rig.sync.workspace_id,
        model_id=MODEL,
        import_name=f"{module} from QAD",
        export_name=f"{module} read back",
        bindings=bindings,
        entities=rig.sync.entities,
        **fields,
    )
    return rig.sync


def held_by(rig: Rig, module: str) -> dict[str, str]:
    """Return what a module holds, by its coordinates in the order of its columns."""
    name = module.replace(" ", "%20")
    rows = rig.anaplan.call("GET", f"cells?module={name}&model={MODEL}")["rows"]
    dimensions = [d for d in COLUMNS[module].values() if d != "Currencies"]
    return {
        " ".join(row["coordinates"][d] for d in dimensions): row["values"][ITEMS[module]]
        for row in rows
    }


def add_list(rig: Rig) -> Any:
    """Save a sync of the list of cost centers, and let the rig run that one."""
    rig.sync = save_sync(
        organization=rig.organization,
        name="Cost centers",
        data_set="cost_center_list",
        source=rig.sync.source,
        target=rig.sync.target,
        workspace_id=rig.sync.workspace_id,
        model_id=MODEL,
        import_name="Cost centers from QAD",
        export_name="Cost Centers",
        entities=rig.sync.entities,
        conventions={"member_code": "CC_{code}"},
    )
    return rig.sync


def items_of(rig: Rig, name: str) -> dict[str, str]:
    """Return the members of a list: name by code."""
    with tenant(rig.organization.pk):
        client = build_anaplan(rig.sync.target).in_model(rig.sync.workspace_id, MODEL)
    lists = {item.name: item.id for item in client.lists()}
    return {item.code: item.name for item in client.list_items(lists[name])}
