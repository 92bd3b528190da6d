"""The drift watch: what syncs use of a model, compared with what was accepted."""

from collections.abc import Collection, Iterable
from typing import Any

from django.utils import timezone

from accounts.models import Organization
from audit.actions import Action
from audit.context import current_acting
from audit.tenancy import tenant
from audit.trail import record_event
from integrations.anaplan.client import AnaplanClient
from integrations.models import Connection, DriftAlarm, ModelCatalogue, Sync
from integrations.pipeline.drift import Drift, Use, find_drifts, id_by_name, witnesses
from integrations.pipeline.streams import DATA_SETS
from integrations.services.catalogues import read_catalogue, read_used
from integrations.transport.errors import IntegrationError

Place = tuple[str, str]
"""Workspace id and model id."""

BACK_AGAIN = "the model is again as it was accepted"


def uses_of(syncs: Iterable[Sync]) -> list[Use]:
    """Return the actions that syncs are bound to by name."""
    imports = [Use("imports", sync.import_name) for sync in syncs if sync.import_name]
    exports = [_shown_by(sync) for sync in syncs if sync.export_name]
    processes = [Use("processes", sync.process_name) for sync in syncs if sync.process_name]
    return list(dict.fromkeys([*imports, *exports, *processes]))


def _shown_by(sync: Sync) -> Use:
    """What a sync is read back by: an export, or the list itself."""
    kind = "lists" if DATA_SETS[sync.data_set].is_list else "exports"
    return Use(kind, sync.export_name)


def syncs_into(connection: Connection, model_id: str) -> list[Sync]:
    """Return the syncs that load a model through a connection, inside an open scope."""
    rows = Sync.objects.filter(organization=connection.organization, target=connection)
    return list(rows.filter(model_id=model_id).order_by("name"))


def watch_model(
    connection: Connection, place: Place, client: AnaplanClient, wanted: Collection[Use] = ()
) -> list[Drift]:
    """Read the whole catalogue of a model, keep it, and raise and end alarms.

    The definitions of `wanted` actions are read as those of used ones are.
    Raises IntegrationError.
    """
    with tenant(connection.organization_id):
        uses = uses_of(syncs_into(connection, place[1]))
        accepted = _read_accepted(connection, place[1])
    found = read_catalogue(client, [*uses, *wanted], accepted)
    with tenant(connection.organization_id):
        row = _lock_catalogue(connection, place)
        row.found, row.found_at = found, timezone.now()
        drifts = _judge(row, uses, found)
        row.save()
        end_settled(row, drifts, ended_by=BACK_AGAIN)
    return drifts


def check_target(organization: Organization, sync: Sync, client: AnaplanClient) -> dict[str, Any]:
    """Return what a sync uses of its model as it is now, or stop where it has drifted.

    Raises IntegrationError: a code of the drift watch, and what the client raises.
    """
    connection, uses = sync.target, uses_of([sync])
    with tenant(organization.pk):
        accepted = _read_accepted(connection, sync.model_id)
    found = read_used(client, uses, accepted)
    with tenant(organization.pk):
        drifts = keep_found(connection, (sync.workspace_id, sync.model_id), uses, found)
    if drifts:
        facts: dict[str, Any] = dict(drifts[0].facts)
        raise IntegrationError(drifts[0].code, **facts)
    return found


def keep_found(
    connection: Connection, place: Place, uses: Collection[Use], found: dict[str, Any]
) -> list[Drift]:
    """Keep what was found of what is used, and return what has drifted; inside an open scope."""
    row = _lock_catalogue(connection, place)
    watched = _ids(row, uses)
    drifts = _judge(row, uses, found)
    row.found = {**row.found, **_merged(row.found, found)}
    row.save(update_fields=["accepted", "found"])
    end_settled(row, drifts, ended_by=BACK_AGAIN, of=watched)
    return drifts


def accept_new(row: ModelCatalogue, uses: Iterable[Use], found: dict[str, Any]) -> None:
    """Take what is found under names that nothing was accepted under as right.

    What was accepted before, by id or by name, stays as it was.
    """
    for use in uses:
        if not id_by_name(row.accepted, use.kind, use.name):
            _keep_witnesses(row, use, found)


def forget_unused(row: ModelCatalogue, in_use: Iterable[Use]) -> None:
    """Keep of the accepted state only what is in use: nobody is warned of the rest."""
    accepted: dict[str, Any] = {}
    for use in in_use:
        for kind, objects in witnesses(use, row.accepted).items():
            accepted.setdefault(kind, {}).update(objects)
    row.accepted = accepted


def end_settled(
    row: ModelCatalogue, drifts: Iterable[Drift], *, ended_by: str, of: set[str] | None = None
) -> None:
    """End alarms that hold no more; with `of` only those of these objects were looked at."""
    keys = {drift.key for drift in drifts}
    alarms = DriftAlarm.objects.filter(
        organization=row.organization,
        connection=row.connection,
        model_id=row.model_id,
        ended_at=None,
    )
    for alarm in alarms:
        is_looked_at = of is None or alarm.object_id in of
        if is_looked_at and (alarm.code, alarm.kind, alarm.object_id) not in keys:
            alarm.ended_at, alarm.ended_by = timezone.now(), ended_by
            alarm.save(update_fields=["ended_at", "ended_by"])


def find_catalogue(connection: Connection, model_id: str) -> ModelCatalogue | None:
    """Return the catalogue of a model, locked until the transaction ends, in an open scope."""
    rows = ModelCatalogue.objects.filter(organization=connection.organization)
    return rows.select_for_update().filter(connection=connection, model_id=model_id).first()


def _read_accepted(connection: Connection, model_id: str) -> dict[str, Any]:
    row = find_catalogue(connection, model_id)
    return row.accepted if row else {}


def _lock_catalogue(connection: Connection, place: Place) -> ModelCatalogue:
    workspace_id, model_id = place
    now = timezone.now()
    row, _ = ModelCatalogue.objects.select_for_update(of=("self",)).get_or_create(
        organization=connection.organization,
        connection=connection,
        model_id=model_id,
        defaults={
            "workspace_id": workspace_id,
            "found_at": now,
            "accepted_at": now,
            "accepted_by": current_acting().actor,
        },
    )
    return row


def _merged(before: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Return what was found of some kinds; a definition that was not read now stays known."""
    return {
        kind: {
            key: {**before.get(kind, {}).get(key, {}), **_known(facts)}
            for key, facts in objects.items()
        }
        if isinstance(objects, dict)
        else objects
        for kind, objects in found.items()
    }


def _known(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}


def _judge(row: ModelCatalogue, uses: Collection[Use], found: dict[str, Any]) -> list[Drift]:
    """Compare; what is used for the first time is its own witness from now on."""
    accept_new(row, uses, found)
    drifts = find_drifts(uses, row.accepted, found)
    for drift in drifts:
        _raise_alarm(row, drift)
    return drifts


def _keep_witnesses(row: ModelCatalogue, use: Use, found: dict[str, Any]) -> None:
    for kind, objects in witnesses(use, found).items():
        before = row.accepted.get(kind, {})
        names = {facts["name"] for facts in before.values()}
        new = {
            object_id: facts
            for object_id, facts in objects.items()
            if object_id not in before and facts["name"] not in names
        }
        row.accepted[kind] = {**before, **new}


def _ids(row: ModelCatalogue, uses: Iterable[Use]) -> set[str]:
    return {
        object_id
        for use in uses
        for objects in witnesses(use, row.accepted).values()
        for object_id in objects
    }


def _raise_alarm(row: ModelCatalogue, drift: Drift) -> None:
    """Open an alarm, once; one that is open already learns how things are now."""
    alarm, is_new = DriftAlarm.objects.update_or_create(
        organization=row.organization,
        connection=row.connection,
        model_id=row.model_id,
        code=drift.code,
        kind=drift.kind,
        object_id=drift.object_id,
        ended_at=None,
        defaults={"name": drift.name, "facts": drift.facts},
    )
    if is_new:
        record_event(
            Action.DRIFT_FOUND,
            subject=("connection", row.connection.name),
            data={"code": alarm.code, "model": row.model_id, "id": alarm.object_id, **alarm.facts},
        )
