"""Saving connections: addresses in the open, secrets sealed."""

import json
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from accounts.models import Organization
from audit.actions import Action
from audit.tenancy import tenant
from audit.trail import record_event
from integrations.fields import seal
from integrations.models import Connection, Sync, System


def save_connection(
    *,
    organization: Organization,
    system: System,
    name: str,
    address: Mapping[str, str],
    secrets: Mapping[str, str],
    profile: Mapping[str, Any] | None = None,
) -> Connection:
    """Create or replace a connection by name; secrets are sealed and never shown again."""
    with tenant(organization.pk):
        found = Connection.objects.filter(organization=organization, system=system, name=name)
        row = found.first() or Connection(organization=organization, system=system, name=name)
        row.address, row.profile, row.identity = dict(address), dict(profile or {}), ""
        seal(row, "secrets", json.dumps(dict(secrets)))
        row.secrets_set_at = timezone.now()
        row.save()
        record_event(
            Action.CONNECTION_SAVED,
            subject=("connection", name),
            data={"system": str(system), "address": row.address, "secrets": "changed"},
        )
        return row


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
