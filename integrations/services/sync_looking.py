"""Asking QAD and Anaplan for what the editor of a sync offers, no more often than needed."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Organization
from audit.tenancy import tenant
from integrations.models import Connection, ModelCatalogue, Sync, System
from integrations.pipeline.drift import id_by_name
from integrations.services.asking import soon
from integrations.services.drift import find_catalogue
from integrations.services.offers import look_at_models
from integrations.services.qad_workspaces import refresh_workspaces

FRESH = timedelta(minutes=5)
"""How long what was found serves pages; runs look for themselves."""


def look(
    *,
    organization: Organization,
    source: str,
    target: str,
    names: Sequence[str],
    again: bool,
    sync_id: int | None = None,
    until: float | None = None,
) -> list[Refused]:
    """Ask for what is unknown or old, or for all of it `again`; return what could not be had.

    `source` and `target` are numbers of connections as a form sends them, `names` those of the
    chosen actions, whose columns and steps have to be known. A sync that is there already
    loads its own model, whatever its connection has chosen since.
    """
    refusals: list[Refused] = []
    with tenant(organization.pk):
        asks_qad = _wants_entities(organization, source, again=again)
        asks_anaplan = _wants_model(organization, target, names, sync_id=sync_id, again=again)
    try:
        if asks_qad:
            refresh_workspaces(organization=organization, connection_id=int(source))
    except Refused as refused:
        refusals.append(refused)
    try:
        if asks_anaplan:
            look_at_models(
                organization=organization,
                connection_id=int(target),
                names=list(filter(None, names)),
                until=until or soon(),
            )
    except Refused as refused:
        refusals.append(refused)
    return refusals


def found_for(*, organization: Organization, sync: Sync) -> Mapping[str, Any]:
    """Return what is known of a sync's model, looked at first where that was too long ago.

    Raises Refused: what `look_at_models` names, sync_action_unknown.
    """
    names = [sync.import_name, sync.process_name, sync.export_name]
    with tenant(organization.pk):
        wants = _wants_model(organization, str(sync.target_id), names, sync_id=sync.pk, again=False)
    if wants:
        look_at_models(
            organization=organization,
            connection_id=sync.target_id,
            names=list(filter(None, names)),
        )
    with tenant(organization.pk):
        row = find_catalogue(sync.target, sync.model_id)
    if row is None:
        raise Refused("sync_action_unknown", kind="import", name=sync.import_name)
    found: Mapping[str, Any] = row.found
    return found


def _wants_entities(organization: Organization, source: str, *, again: bool) -> bool:
    connection = _find(organization, source, System.QAD)
    if connection is None:
        return False
    return again or "workspaces" not in connection.offered


def _wants_model(
    organization: Organization,
    target: str,
    names: Sequence[str],
    *,
    sync_id: int | None,
    again: bool,
) -> bool:
    connection = _find(organization, target, System.ANAPLAN)
    if connection is None:
        return False
    sync = Sync.objects.filter(
        organization=organization, pk=sync_id or 0, target=connection
    ).first()
    model_id = sync.model_id if sync else connection.place.get("model_id")
    if not model_id:
        return False
    row = find_catalogue(connection, model_id)
    if again or row is None or timezone.now() - row.found_at > FRESH or "modules" not in row.found:
        return True
    kinds = ("imports", "exports", "processes")
    return any(_is_undefined(row, kind, name) for kind in kinds for name in names)


def _is_undefined(row: ModelCatalogue, kind: str, name: str) -> bool:
    """Whether an action was seen whose columns, or a process whose steps, were not read."""
    object_id = id_by_name(row.found, kind, name) if name else ""
    if not object_id:
        return False
    facts = row.found[kind][object_id]
    if kind == "processes":
        return facts.get("steps") is None
    is_readable = kind == "exports" or bool(facts["file"])
    return is_readable and facts.get("headers") is None


def _find(organization: Organization, number: str, system: System) -> Connection | None:
    if not number.isdecimal():
        return None
    rows = Connection.objects.filter(organization=organization, system=system)
    return rows.filter(pk=int(number)).first()
