"""What a person says to an alarm of the drift watch: this is right."""

from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Organization
from audit.actions import Action
from audit.context import current_acting
from audit.tenancy import tenant
from audit.trail import record_event
from integrations.models import DriftAlarm, ModelCatalogue, Position, Sync
from integrations.pipeline.drift import LOST, Use, find_drifts
from integrations.services.connections import lock_connection
from integrations.services.drift import (
    accept_new,
    end_settled,
    find_catalogue,
    syncs_into,
    uses_of,
)

_SYNC_FIELDS = {
    "imports": "import_name",
    "exports": "export_name",
    "processes": "process_name",
}


def accept_drift(*, organization: Organization, connection_id: int, alarm_id: int) -> DriftAlarm:
    """Take what was found as right: it is the accepted state, and the alarm has ended.

    Syncs that were bound to an action by its former name are bound to its present one. After a
    change of the import's layout the whole of each cell is sent again.
    Raises Refused: connection_unknown, drift_alarm_ended, drift_not_acceptable.
    """
    with tenant(organization.pk):
        connection = lock_connection(organization, connection_id)
        alarms = DriftAlarm.objects.filter(organization=organization, connection=connection)
        alarm = alarms.filter(pk=alarm_id, ended_at=None).first()
        if alarm is None:
            raise Refused("drift_alarm_ended")
        row = find_catalogue(connection, alarm.model_id)
        if alarm.code in LOST or row is None:
            raise Refused("drift_not_acceptable", name=alarm.name)
        if alarm.kind == "lists":
            _accept_list(row, alarm)
        else:
            _accept_action(row, alarm, syncs_into(connection, alarm.model_id))
        row.accepted_at, row.accepted_by = timezone.now(), current_acting().actor
        row.save(update_fields=["accepted", "accepted_at", "accepted_by"])
        uses = uses_of(syncs_into(connection, alarm.model_id))
        still = find_drifts(uses, row.accepted, row.found)
        end_settled(row, still, ended_by=current_acting().actor)
        record_event(
            Action.DRIFT_ACCEPTED,
            subject=("connection", connection.name),
            data={"code": alarm.code, "model": row.model_id, "id": alarm.object_id, **alarm.facts},
        )
        return alarm


def forget_positions(sync: Sync) -> None:
    """Forget what the model is believed to hold, so that the next run sends every cell."""
    Position.objects.filter(organization=sync.organization, sync=sync).delete()


def _accept_list(row: ModelCatalogue, alarm: DriftAlarm) -> None:
    now = row.found.get("lists", {}).get(alarm.object_id)
    lists = row.accepted["lists"]
    if now is None:
        del lists[alarm.object_id]
    else:
        lists[alarm.object_id] = now
    for facts in row.accepted.get("exports", {}).values():
        shown = [
            now["name"] if now and name == alarm.name else name for name in facts.get("lists", ())
        ]
        facts["lists"] = [name for name in shown if now or name != alarm.name]


def _accept_action(row: ModelCatalogue, alarm: DriftAlarm, syncs: list[Sync]) -> None:
    object_id = alarm.facts["now"] if alarm.code.endswith("_replaced") else alarm.object_id
    facts = row.found.get(alarm.kind, {}).get(object_id)
    if facts is None:
        raise Refused("drift_not_acceptable", name=alarm.name)
    field = _SYNC_FIELDS[alarm.kind]
    bound = [sync for sync in syncs if getattr(sync, field) == alarm.name]
    row.accepted[alarm.kind].pop(alarm.object_id, None)
    accept_new(row, [Use(alarm.kind, facts["name"])], row.found)
    for sync in bound:
        if facts["name"] != alarm.name:
            setattr(sync, field, facts["name"])
            sync.save(update_fields=[field])
        if alarm.kind != "exports":
            forget_positions(sync)
