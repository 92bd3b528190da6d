"""An organization wired to the stand-ins, for demo, tests and benchmarks."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accounts.errors import Refused
from accounts.models import Organization
from audit.tenancy import tenant
from integrations.anaplan.client import AnaplanClient
from integrations.anaplan.types import Model
from integrations.models import Connection, Sync, System
from integrations.models.syncs import PLAN_DATA_SET
from integrations.pipeline.streams import DATA_SETS
from integrations.qad.profile import default_profile
from integrations.services.clients import build_anaplan, build_qad, identity_of
from integrations.services.connections import save_connection, save_sync
from integrations.services.document_checks import accept_warning, check_profile
from integrations.services.mapping_files import MappingFile, read_mapping_file
from integrations.services.mappings import approve_rules
from integrations.services.offers import keep_place

SYNC_NAME = "GL balances"
PLAN_SYNC_NAME = "Plan"


@dataclass(frozen=True, slots=True)
class StandIns:
    """Where the stand-ins are and how to sign in there."""

    qad_url: str
    anaplan_url: str
    model: Path
    mapping: Path
    qad_user: str = "demo"
    qad_password: str = "demo"  # noqa: S105
    qad_client: str = "ml-connector"
    limits: tuple[tuple[str, int], ...] = ()


def wire(organization: Organization, places: StandIns, *, requested_by: str) -> Sync:
    """Connect an organization to both stand-ins, load the mapping and save the sync.

    Everything that the sync needs is found by name: entities from QAD, workspace, model,
    import and export from Anaplan. Where the mapping file names actions of further data sets,
    there is a sync for each of them; one brings the plan back to QAD.
    """
    mapping = read_mapping_file(places.mapping)
    approve_rules(
        organization=organization,
        rules=mapping.rules,
        requested_by=requested_by,
        note=f"from {places.mapping.name}",
    )
    source = _connect_qad(organization, places, takes_plan="plan" in mapping.actions)
    target = _connect_anaplan(organization, places)
    _check(organization, source, requested_by)
    anaplan = build_anaplan(target)
    identity_of(target, anaplan)
    model, names = _find_model(anaplan, target, mapping)
    keep_place(target, model)
    ends = {
        "source": source,
        "target": target,
        "workspace_id": model.workspace_id,
        "model_id": model.id,
        "entities": _entities(source),
    }
    _save_further(organization, mapping, ends)
    return save_sync(
        organization=organization,
        name=SYNC_NAME,
        bindings=mapping.bindings,
        export_bindings=mapping.export_bindings,
        **ends,
        **names,
    )


def _save_further(organization: Organization, mapping: MappingFile, ends: dict[str, Any]) -> None:
    """Save the syncs of further data sets that the mapping file names, and that of the plan."""
    for data_set in DATA_SETS.values():
        if f"{data_set.name} import" in mapping.actions:
            save_sync(
                organization=organization,
                name=data_set.label,
                data_set=data_set.name,
                **_further(mapping, data_set.name),
                **ends,
            )
    plan_export = mapping.actions.get("plan", "")
    if plan_export:
        save_sync(
            organization=organization,
            name=PLAN_SYNC_NAME,
            data_set=PLAN_DATA_SET,
            export_name=plan_export,
            plan_name=mapping.actions.get("plan_name", plan_export),
            **ends,
        )


def _further(mapping: MappingFile, data_set: str) -> dict[str, Any]:
    """Return what the mapping file says of a sync of another data set than the balances."""
    patterns = {
        "member_code": mapping.actions.get(f"{data_set} code"),
        "member_name": mapping.actions.get(f"{data_set} name"),
    }
    return {
        "import_name": mapping.actions[f"{data_set} import"],
        "export_name": mapping.actions.get(f"{data_set} export", ""),
        "conventions": {name: text for name, text in patterns.items() if text},
    }


def plan_sync_name(organization: Organization) -> str:
    """Return the name of the sync that brings the plan, "" where there is none."""
    with tenant(organization.pk):
        found = Sync.objects.filter(organization=organization, data_set=PLAN_DATA_SET).first()
    return found.name if found else ""


def _connect_qad(organization: Organization, places: StandIns, *, takes_plan: bool) -> Connection:
    profile = default_profile()
    profile["documents"]["plan_reference"]["enabled"] = takes_plan
    profile["limits"] |= dict(places.limits) if places.limits else {"min_gap_ms": 0}
    return save_connection(
        organization=organization,
        system=System.QAD,
        name="QAD",
        address={"tenant_url": places.qad_url, "user": places.qad_user},
        secrets={"password": places.qad_password, "client_id": places.qad_client},
        profile=profile,
    )


def _check(organization: Organization, source: Connection, requested_by: str) -> None:
    """Check the profile for real; books may lack rows, which is as good as it gets there."""
    for row in check_profile(
        organization=organization, connection_id=source.pk, asked_by=requested_by
    ):
        if row.code == "qad_empty":
            accept_warning(
                organization=organization,
                connection_id=source.pk,
                document=row.document,
                accepted_by=requested_by,
            )


def _connect_anaplan(organization: Organization, places: StandIns) -> Connection:
    user = json.loads(places.model.read_text(encoding="utf-8"))["users"][0]
    hosts = dict.fromkeys(("token_host", "oauth_host", "api_host"), places.anaplan_url)
    return save_connection(
        organization=organization,
        system=System.ANAPLAN,
        name="Anaplan",
        address={**hosts, "user": user["email"]},
        secrets={"password": user["password"]},
    )


def _entities(source: Connection) -> list[dict[str, str]]:
    rows = build_qad(source).read_all("entity", workspace=None)
    return sorted(
        ({"domain": row.domain, "entity": row.entity} for row in rows),
        key=lambda place: (place["domain"], place["entity"]),
    )


def _find_model(
    anaplan: AnaplanClient, target: Connection, mapping: MappingFile
) -> tuple[Model, dict[str, Any]]:
    """Return the first model that has the mapping file's import, or a single file import."""
    for model in anaplan.models():
        client = anaplan.in_model(model.workspace_id, model.id)
        imports = client.imports()
        of_files = [item.name for item in imports if item.file_id]
        name = mapping.actions.get("import") or (of_files[0] if len(of_files) == 1 else "")
        if any(item.name == name for item in imports):
            export = mapping.actions.get("export", "")
            return model, {"import_name": name, "export_name": export}
    raise Refused("demo_model_unusable", model=str(target.name))
