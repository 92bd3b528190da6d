"""The workspace of a QAD connection: asked for, chosen by name, never re-bound by itself."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Organization
from audit.actions import Action
from audit.tenancy import reading, tenant
from audit.trail import record_event
from integrations.encryption import SealBroken
from integrations.models import Connection
from integrations.qad.types import Workspace
from integrations.selectors.qad import get_qad
from integrations.services.clients import build_qad
from integrations.services.qad_connection import lock_qad
from integrations.transport.errors import IntegrationError

PATIENCE = {"connect_s": 5, "read_s": 20, "tries": 2}
"""How long somebody who waits for the list is kept waiting, as limits of a profile."""


def refresh_workspaces(*, organization: Organization, connection_id: int) -> int:
    """Ask QAD for its workspaces, keep them, and return how many there are.

    A chosen workspace that is no longer there is noted as missing; the choice stays.
    Raises Refused: qad_no_workspace, secret_needed and what keeps QAD from answering.
    """
    with reading(organization.pk):
        connection = get_qad(organization, connection_id)
    spaces = _ask(connection)
    if not spaces:
        raise Refused("qad_no_workspace")
    found = [_as_json(space) for space in spaces]
    with tenant(organization.pk):
        row = lock_qad(organization, connection_id)
        row.offered = {"at": timezone.now().isoformat(), "workspaces": found}
        row.place = _compared(row.place, found)
        row.save(update_fields=["offered", "place"])
    return len(found)


def choose_workspace(
    *, organization: Organization, connection_id: int, domain: str, entity: str
) -> None:
    """Take a workspace that QAD offers as the one for pings and checks.

    Raises Refused: connection_unknown, qad_workspace_not_offered.
    """
    with tenant(organization.pk):
        row = lock_qad(organization, connection_id)
        offered = row.offered.get("workspaces", [])
        match = next((s for s in offered if _code(s) == (domain, entity)), None)
        if match is None:
            raise Refused("qad_workspace_not_offered", workspace=f"{domain} {entity}")
        _put(row, match)


def name_workspace(
    *, organization: Organization, connection_id: int, domain: str, entity: str
) -> None:
    """Take a workspace that somebody typed, where QAD does not name its own.

    Raises Refused: connection_unknown.
    """
    with tenant(organization.pk):
        row = lock_qad(organization, connection_id)
        _put(row, {"domain": domain, "entity": entity, "by_hand": True})


def default_workspace(connection: Connection) -> Workspace | None:
    """Return the chosen workspace; None where none was chosen, which leaves it to QAD."""
    place = connection.place
    return Workspace(place["domain"], place["entity"]) if place.get("entity") else None


def _ask(connection: Connection) -> list[Workspace]:
    if not connection.secrets:
        raise Refused("secret_needed", name=connection.name)
    try:
        return build_qad(connection, limits=PATIENCE).workspaces()
    except IntegrationError as error:
        raise Refused(error.code, **error.facts) from None
    except SealBroken:
        raise Refused("secret_unreadable") from None


def _put(row: Connection, place: Mapping[str, Any]) -> None:
    row.place = dict(place)
    row.save(update_fields=["place"])
    record_event(
        Action.WORKSPACE_CHOSEN,
        subject=("connection", row.name),
        data={name: place[name] for name in ("domain", "entity")},
    )


def _as_json(space: Workspace) -> dict[str, str]:
    return {
        "domain": space.domain,
        "entity": space.entity,
        "description": space.description,
        "base_currency": space.base_currency,
    }


def _compared(place: Mapping[str, Any], found: list[dict[str, str]]) -> dict[str, Any]:
    """The choice as before, with the moment since which it is missing, if it is."""
    kept = {name: value for name, value in place.items() if name != "missing_since"}
    if not kept.get("entity"):
        return kept
    match = next((space for space in found if _code(space) == _code(kept)), None)
    if match is not None:
        return match
    return {**kept, "missing_since": place.get("missing_since") or timezone.now().isoformat()}


def _code(space: Mapping[str, Any]) -> tuple[Any, Any]:
    return space.get("domain"), space.get("entity")
