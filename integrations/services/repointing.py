"""Leading a sync to another model: everything it uses is found there by the same names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.errors import Refused
from accounts.models import Organization
from audit.actions import Action
from audit.tenancy import tenant
from audit.trail import record_event
from integrations.models import Connection, Run, Sync, System
from integrations.models.runs import ACTIVE
from integrations.pipeline.drift import id_by_name
from integrations.services import clients
from integrations.services.alarms import forget_positions
from integrations.services.asking import refusing
from integrations.services.catalogues import read_used
from integrations.services.connections import lock_connection
from integrations.services.drift import find_catalogue, keep_found, uses_of
from integrations.services.offers import list_models
from integrations.services.states import lock_sync
from integrations.services.sync_editing import KINDS, check_wish


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that a sync uses, as it is in the other model; `id` is "" where it is missing.

    `more` are columns, or steps, that only the other model's has, `fewer` those that it lacks;
    they are not compared where those of the present model are not known.
    """

    kind: str
    name: str
    id: str
    is_compared: bool = True
    more: tuple[str, ...] = ()
    fewer: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """Say in one word how it was found."""
        if not self.id:
            return "missing"
        return "other" if self.more or self.fewer else "found"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a sync would find in another model; `refusal` is why it would not work there."""

    sync: Sync
    connection: Connection
    model_id: str
    workspace_id: str
    model_name: str
    lines: tuple[Found, ...]
    refusal: Refused | None
    found: dict[str, Any]


def find_model(
    *, organization: Organization, connection_id: int, name: str, until: float | None = None
) -> str:
    """Ask a connection for its models, and return the id of the one with this name.

    Raises Refused: model_name_unknown, model_name_unclear and what `list_models` names.
    """
    list_models(organization=organization, connection_id=connection_id, until=until)
    with tenant(organization.pk):
        row = Connection.objects.get(organization=organization, pk=connection_id)
    models: dict[str, dict[str, str]] = row.offered["models"]
    ids = [model_id for model_id, facts in models.items() if facts["name"] == name]
    if not ids:
        raise Refused("model_name_unknown", name=name, connection=row.name)
    if len(ids) > 1:
        raise Refused("model_name_unclear", name=name, connection=row.name, count=len(ids))
    return ids[0]


def compare_models(
    *,
    organization: Organization,
    sync_id: int,
    connection_id: int,
    model_id: str,
    until: float | None = None,
) -> Comparison:
    """Look for all that a sync uses in another model; nothing is kept.

    Raises Refused: sync_unknown, connection_unknown, connection_wrong_system, model_unseen,
    model_archived_here, sync_there_already and what the client names.
    """
    with tenant(organization.pk):
        sync = _sync(organization, sync_id)
        connection = _connection(organization, connection_id)
        facts = _model(connection, model_id)
        if (sync.target_id, sync.model_id) == (connection.pk, model_id):
            raise Refused("sync_there_already", name=sync.name, model=facts["name"])
        before = find_catalogue(sync.target, sync.model_id)
    uses = uses_of([sync])
    with refusing():
        client = clients.build_anaplan(connection, until=until)
        clients.identity_of(connection, client)
        found = read_used(client.in_model(facts["workspace_id"], model_id), uses, {})
    known: Mapping[str, Any] = before.found if before else {}
    lines = tuple(_found(known, found, use.kind, use.name) for use in uses)
    _lead(sync, connection, facts["workspace_id"], model_id)
    refusal = None
    try:
        check_wish(sync, found)
    except Refused as refused:
        refusal = refused
    return Comparison(
        sync, connection, model_id, facts["workspace_id"], facts["name"], lines, refusal, found
    )


def repoint_sync(
    *,
    organization: Organization,
    sync_id: int,
    connection_id: int,
    model_id: str,
    until: float | None = None,
) -> Sync:
    """Lead a sync to another model; its next run sends every cell.

    Raises Refused: what `compare_models` raises, why the sync would not work there,
    sync_is_busy, and a code of the drift watch.
    """
    there = compare_models(
        organization=organization,
        sync_id=sync_id,
        connection_id=connection_id,
        model_id=model_id,
        until=until,
    )
    if there.refusal:
        raise there.refusal
    with tenant(organization.pk):
        connection = lock_connection(organization, connection_id)
        lock_sync(sync_id)
        sync = _sync(organization, sync_id)
        active = Run.objects.filter(organization=organization, sync=sync, state__in=ACTIVE).first()
        if active is not None:
            raise Refused("sync_is_busy", run=active.pk)
        before = {"connection": sync.target.name, "model": sync.model_id}
        _lead(sync, connection, there.workspace_id, model_id)
        # Somebody may have saved the sync while the model was looked at.
        check_wish(sync, there.found)
        place = (there.workspace_id, model_id)
        drifts = keep_found(connection, place, uses_of([sync]), there.found)
        if drifts:
            raise Refused(drifts[0].code, **drifts[0].facts)
        sync.save(update_fields=["target", "workspace_id", "model_id"])
        forget_positions(sync)
        record_event(
            Action.SYNC_REPOINTED,
            subject=("sync", sync.name),
            data={
                "from": before,
                "to": {"connection": connection.name, "model": model_id},
                "model_name": there.model_name,
            },
        )
        return sync


def _sync(organization: Organization, sync_id: int) -> Sync:
    rows = Sync.objects.select_related("organization", "source__organization", "target")
    sync = rows.filter(organization=organization, pk=sync_id).first()
    if sync is None:
        raise Refused("sync_unknown", name=str(sync_id))
    return sync


def _connection(organization: Organization, connection_id: int) -> Connection:
    rows = Connection.objects.select_related("organization").filter(organization=organization)
    row = rows.filter(pk=connection_id).first()
    if row is None:
        raise Refused("connection_unknown", number=connection_id)
    if row.system != System.ANAPLAN:
        raise Refused("connection_wrong_system", name=row.name, system=System.ANAPLAN.label)
    return row


def _model(connection: Connection, model_id: str) -> dict[str, str]:
    models = connection.offered.get("models", {})
    if model_id not in models:
        raise Refused("model_unseen", given=model_id, count=len(models))
    facts: dict[str, str] = models[model_id]
    if facts["state"] == "ARCHIVED":
        raise Refused("model_archived_here", name=facts["name"])
    return facts


def _lead(sync: Sync, connection: Connection, workspace_id: str, model_id: str) -> None:
    sync.target, sync.workspace_id, sync.model_id = connection, workspace_id, model_id


def _found(before: Mapping[str, Any], now: Mapping[str, Any], kind: str, name: str) -> Found:
    object_id = id_by_name(now, kind, name)
    if not object_id:
        return Found(KINDS[kind], name, "")
    old, new = _parts(before, kind, name), _parts(now, kind, name)
    if old is None or new is None:
        return Found(KINDS[kind], name, object_id, is_compared=kind == "lists")
    more = tuple(part for part in new if part not in old)
    fewer = tuple(part for part in old if part not in new)
    return Found(KINDS[kind], name, object_id, more=more, fewer=fewer)


def _parts(found: Mapping[str, Any], kind: str, name: str) -> list[str] | None:
    """Return the columns of an action, or the names of a process' steps; None if not known."""
    object_id = id_by_name(found, kind, name)
    facts = found[kind][object_id] if object_id else {}
    if kind == "processes":
        steps = facts.get("steps")
        return list(steps.values()) if steps is not None else None
    headers = facts.get("headers")
    return list(headers) if headers is not None else None
