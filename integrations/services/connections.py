"""Saving connections: addresses in the open, secrets sealed."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Q
from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Organization
from audit.actions import Action
from audit.context import current_acting
from audit.tenancy import tenant
from audit.trail import record_event
from integrations.fields import seal
from integrations.models import Connection, DocumentCheck, Sync, System
from integrations.services.clients import address_policy
from integrations.services.expiry import end_of_secrets
from integrations.services.profiles import keep_profile, mark_for_check
from integrations.services.renewals import end_of_renewal
from integrations.transport.addresses import check_base_url
from integrations.transport.errors import IntegrationError

PLACES = ("_url", "_host")
"""How the names of addresses end that calls go to."""
_WHO = ("sign_in", "client_id", "user")


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

    Without `secrets` the stored ones stay, as long as they go to the hosts they were given for;
    without `profile` the one in force stays.
    Raises Refused: address_invalid, secret_needed.
    """
    with tenant(organization.pk):
        found = Connection.objects.filter(organization=organization, system=system, name=name)
        row = found.select_for_update().first() or Connection(
            organization=organization, system=system, name=name
        )
        return _store(row, address, secrets, profile)


def add_connection(
    *,
    organization: Organization,
    system: System,
    name: str,
    address: Mapping[str, str],
    secrets: Mapping[str, str],
    profile: Mapping[str, Any] | None = None,
) -> Connection:
    """Make a connection.

    Raises Refused: connection_name_taken and what `save_connection` raises.
    """
    with tenant(organization.pk):
        row = Connection(organization=organization, system=system, name=name)
        _check_name(row)
        return _store(row, address, secrets, profile)


def change_connection(
    *,
    organization: Organization,
    connection_id: int,
    name: str,
    address: Mapping[str, str],
    secrets: Mapping[str, str] | None,
    profile: Mapping[str, Any] | None = None,
) -> Connection:
    """Change a connection's name, address or secrets; whatever it was paused for is tried anew.

    Without `secrets` the stored ones stay, and without `profile` the one in force.

    Raises Refused: connection_unknown, connection_name_taken and what `save_connection` raises.
    """
    with tenant(organization.pk):
        row = lock_connection(organization, connection_id)
        row.name = name
        _check_name(row)
        return _store(row, address, secrets, profile)


def remove_connection(*, organization: Organization, connection_id: int) -> None:
    """Remove a connection with its secrets, pings and checks.

    Raises Refused: connection_unknown, connection_in_use.
    """
    with tenant(organization.pk):
        row = lock_connection(organization, connection_id)
        users = Sync.objects.filter(organization=organization).filter(Q(source=row) | Q(target=row))
        names = list(users.order_by("name").values_list("name", flat=True))
        if names:
            raise Refused("connection_in_use", name=row.name, syncs=", ".join(names))
        record_event(
            Action.CONNECTION_REMOVED,
            subject=("connection", row.name),
            data={"system": row.system},
        )
        row.delete()


def lock_connection(organization: Organization, connection_id: int) -> Connection:
    """Return a connection, locked until the transaction ends, inside an open scope.

    Raises Refused: connection_unknown.
    """
    rows = Connection.objects.select_for_update(no_key=True)
    row = rows.filter(organization=organization, pk=connection_id).first()
    if row is None:
        raise Refused("connection_unknown", number=connection_id)
    return row


def lock_qad(organization: Organization, connection_id: int) -> Connection:
    """Return a connection to QAD, locked as by `lock_connection`.

    Raises Refused: connection_unknown, check_not_qad.
    """
    connection = lock_connection(organization, connection_id)
    if connection.system != System.QAD:
        raise Refused("check_not_qad", name=connection.name)
    return connection


def _check_name(row: Connection) -> None:
    others = Connection.objects.filter(
        organization=row.organization, system=row.system, name=row.name
    ).exclude(pk=row.pk)
    if others.exists():
        raise Refused("connection_name_taken", name=row.name)


def _store(
    row: Connection,
    address: Mapping[str, str],
    secrets: Mapping[str, str] | None,
    profile: Mapping[str, Any] | None,
) -> Connection:
    checked = {name: _checked(name, value) for name, value in address.items()}
    if secrets is not None:
        seal(row, "secrets", json.dumps(dict(secrets)))
        row.secrets_set_at = timezone.now()
        row.secrets_set_by = current_acting().actor
        row.renewal, row.renewal_set_at = "", None
        row.secret_ends_at, row.announced_days = end_of_secrets(secrets), None
    elif not row.secrets or _origins(row.address) != _origins(checked):
        raise Refused("secret_needed", name=row.name)
    if not _is_same_account(row.address, checked, secrets):
        row.identity = ""
        _forget_checks(row)
    row.address = checked
    if row.renewal:
        row.secret_ends_at = end_of_renewal(row)
    row.paused_at, row.paused_code, row.paused_facts = None, "", {}
    row.save()
    if profile is not None and profile != row.profile:
        keep_profile(row, profile)
    elif row.profile:
        mark_for_check(row, asked_by=current_acting().actor)
    record_event(
        Action.CONNECTION_SAVED,
        subject=("connection", row.name),
        data={
            "system": str(row.system),
            "address": row.address,
            "secrets": "kept" if secrets is None else "changed",
        },
    )
    return row


def _forget_checks(row: Connection) -> None:
    """What one instance has shown to one user says nothing of another."""
    if row.pk:
        rows = DocumentCheck.objects.filter(organization=row.organization, connection=row)
        rows.delete()


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


def _is_same_account(
    before: Mapping[str, str], after: Mapping[str, str], secrets: Mapping[str, str] | None
) -> bool:
    """Whether whoever signs in stays the same, and so whose budget the calls use.

    A certificate says by itself whose it is, so another one may be of another customer.
    """
    names = {name for name in (*before, *after) if name.endswith(PLACES)}
    is_same = all(before.get(name) == after.get(name) for name in names.union(_WHO))
    return is_same and "certificate" not in (secrets or {})


def save_sync(*, organization: Organization, name: str, **fields: Any) -> Sync:
    """Create or change a sync by name."""
    with tenant(organization.pk):
        sync, _ = Sync.objects.update_or_create(
            organization=organization, name=name, defaults=fields
        )
        note_saved(sync)
        return sync


def note_saved(sync: Sync, changed: Mapping[str, Any] | None = None) -> None:
    """Note in the trail how a sync stands now, and what was changed: before and after."""
    record_event(
        Action.SYNC_SAVED,
        subject=("sync", sync.name),
        data={
            "data_set": sync.data_set,
            "import": sync.import_name,
            "process": sync.process_name,
            "export": sync.export_name,
            "model": sync.model_id,
            "entities": sync.entities,
            "unmapped": sync.unmapped_policy,
            "suspense": sync.suspense_members,
            "policies": sync.policies,
            "conventions": sync.conventions,
            **({"changed": dict(changed)} if changed else {}),
        },
    )
