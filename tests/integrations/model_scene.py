"""A model as it was found: with a sync that uses it, and a change that nobody has accepted."""

from django.utils import timezone

from audit.tenancy import tenant
from integrations.models import Connection, DriftAlarm, ModelCatalogue, Sync
from tests.integrations.scenes import House

WORKSPACE, MODEL = "8a81b0136e7c42f1016e8c5d3f2a4b6c", "75A40874E6B64FA3AE0743278996850F"
HEADERS = ["Entity", "Account", "Month", "Version", "Amount"]
LAYOUT = {
    "headers": HEADERS, "separator": ",", "delimiter": '"', "encoding": "UTF-8",
    "decimal_separator": ".",
}  # fmt: skip
FOUND = {
    "imports": {
        "112000000001": {
            "name": "Actuals from QAD", "type": "MODULE_DATA", "file": "113000000001",
            "file_name": "actuals.csv", **LAYOUT,
        },
        "112000000002": {
            "name": "Copy of plan", "type": "MODULE_DATA", "file": "", "file_name": "",
            "headers": None,
        },
    },
    "exports": {
        "116000000001": {
            "name": "Actuals read back", "layout": "TABULAR_MULTI_COLUMN", "format": "text/csv",
            "encoding": "UTF-8", "separator": ",", "delimiter": '"', "headers": HEADERS,
            "types": ["ENTITY", "ENTITY", "TIME_ENTITY", "ENTITY", "NUMBER"],
            "lists": ["Accounts", "Entities"],
        },
    },
    "lists": {"101000000001": {"name": "Entities"}, "101000000002": {"name": "Accounts"}},
    "modules": {"102000000001": {"name": "ACT01 Actuals"}},
    "processes": {}, "actions": {}, "files": {"113000000001": {"name": "actuals.csv"}},
    "hidden": [],
}  # fmt: skip
MODELS = {
    MODEL: ("FP&A", "UNLOCKED", WORKSPACE, "Finance"),
    "85A40874E6B64FA3AE0743278996850F": ("FP&A (test)", "LOCKED", WORKSPACE, "Finance"),
    "95A40874E6B64FA3AE0743278996850F": ("Old plan", "ARCHIVED", "9" * 32, "Archive"),
}
WORKSPACES = [
    {"domain": "10", "entity": code, "description": name, "base_currency": currency}
    for code, name, currency in (("US01", "Ohio works", "USD"), ("DE01", "Werk Ulm", "EUR"))
]


def add_model(house: House) -> Connection:
    """Let the house's connections have listed what they offer, and a model be chosen."""
    connection = house.sync.target
    connection.place = {
        "workspace_id": WORKSPACE, "workspace_name": "Finance", "model_id": MODEL,
        "model_name": "FP&A",
    }  # fmt: skip
    names = ("name", "state", "workspace_id", "workspace_name")
    models = {key: dict(zip(names, facts, strict=True)) for key, facts in MODELS.items()}
    with tenant(house.organization.pk):
        offer(connection, models=models)
        offer(house.sync.source, workspaces=WORKSPACES)
        Sync.objects.filter(pk=house.sync.pk).update(
            workspace_id=WORKSPACE, model_id=MODEL, export_name="Actuals read back",
            bindings={"Version": "=Actual"}, entities=[{"domain": "10", "entity": "US01"}],
        )  # fmt: skip
        _keep(house, connection)
        house.sync.refresh_from_db()
    return connection


def add_alarm(house: House) -> DriftAlarm:
    """Let the import have got another name."""
    with tenant(house.organization.pk):
        return DriftAlarm.objects.create(
            organization=house.organization, connection=house.sync.target, model_id=MODEL,
            code="anaplan_import_renamed", kind="imports", object_id="112000000001",
            name="Actuals from QAD", facts={"name": "Actuals from QAD", "now": "Actuals 2"},
        )  # fmt: skip


def offer(connection: Connection, **offered: object) -> None:
    """Let a connection have told what it offers."""
    connection.offered = {"at": timezone.now().isoformat(), **offered}
    connection.save(update_fields=["offered", "place"])


def _keep(house: House, connection: Connection) -> None:
    now = timezone.now()
    ModelCatalogue.objects.create(
        organization=house.organization, connection=connection, model_id=MODEL,
        workspace_id=WORKSPACE, found=FOUND, found_at=now, accepted_at=now,
        accepted={kind: FOUND[kind] for kind in ("imports", "exports", "lists")},
    )  # fmt: skip
