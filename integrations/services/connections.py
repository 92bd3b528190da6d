"""Saving connections: addresses in the open, secrets sealed."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Organization
from audit.actions import Action
from audit.context import current_acting
from audit.tenancy import tenant
from audit.trail import record_event
from integrations.fields import seal
from integrations.models import Connection, Sync, System
from integrations.services.clients import address_policy
from integrations.transport.addresses import check_base_url
from integrations.transport.errors import IntegrationError

PLACES = ("_url", "_host")
"""How the names of addresses end that calls go to."""


def save_connection(
    *,
    organization: Organization,
    system: System,
    name: str,
    address: Mapping[str, str],
    secrets: Mapping[str, str] | None,
    profile: Mapping[str, Any] | None = None,
) -> Connection:
    """Create or replace a connection by name; secrets are sealed and never shown again.

    Without `secrets` the stored ones stay, as long as they go to the hosts they were given for.
    Raises Refused: address_invalid, secret_needed.
    """
    checked = {name: _checked(name, value) for name, value in address.items()}
    with tenant(organization.pk):
        found = Connection.objects.filter(organization=organization, system=system, name=name)
        row = found.select_for_update().first() or Connection(
            organization=organization, system=system, name=name
        )
        if secrets is not None:
            seal(row, "secrets", json.dumps(dict(secrets)))
            row.secrets_set_at = timezone.now()
            row.secrets_set_by = current_acting().actor
        elif not row.secrets or _origins(row.address) != _origins(checked):
            raise Refused("secret_needed", name=name)
        row.address, row.profile, row.identity = checked, dict(profile or {}), ""
        row.save()
        record_event(
            Action.CONNECTION_SAVED,
            subject=("connection", name),
            data={
                "system": str(system),
                "address": row.address,
                "secrets": "kept" if secrets is None else "changed",
            },
        )
        return row


def _checked(name: str, value: str) -> str:
    """An address in the form that is kept; what is none, such as a user's name, stays."""
    if not name.endswith(PLACES):
        return value
    try:
        return check_base_url(value, address_policy())
    except IntegrationError as error:
        raise Refused(error.code, **error.facts) from None


def _origins(address: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    places = {name: urlsplit(value) for name, value in address.items() if name.endswith(PLACES)}
    return {name: (place.scheme, place.netloc.lower()) for name, place in places.items()}


def save_sync(*, organization: Organization, name: str, **fields: Any) -> Sync:
    """Create or change a sync by name."""
    with tenant(organization.pk):
        sync, _ = Sync.objects.update_or_create(
            organization=organization, name=name, defaults=fields
        )
        record_event(
            Action.SYNC_SAVED,
            subject=("sync", name),
            data={
                "import": sync.import_name,
                "export": sync.export_name,
                "model": sync.model_id,
                "entities": sync.entities,
            },
        )
        return sync
