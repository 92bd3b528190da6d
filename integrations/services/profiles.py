"""Instance profiles: each change is a version, and the newest is in force."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.db.models import Max
from django.utils import timezone

from audit.actions import Action
from audit.context import current_acting
from audit.trail import record_event
from integrations import queue
from integrations.models import Connection, ProfileVersion


def keep_profile(
    connection: Connection, profile: Mapping[str, Any], note: str = ""
) -> ProfileVersion:
    """Put a profile into force as the connection's next version, inside an open scope."""
    kept = dict(profile)
    mine = ProfileVersion.objects.filter(
        organization=connection.organization, connection=connection
    )
    newest = mine.aggregate(number=Max("number"))["number"] or 0
    version = ProfileVersion.objects.create(
        organization=connection.organization,
        connection=connection,
        number=newest + 1,
        profile=kept,
        digest=digest_of(kept),
        note=note,
        made_by=current_acting().actor,
    )
    connection.profile = kept
    connection.save(update_fields=["profile"])
    mark_for_check(connection, asked_by=version.made_by)
    record_event(
        Action.PROFILE_CHANGED,
        subject=("connection", connection.name),
        data={"version": version.number, "sha256": version.digest, "note": note},
    )
    return version


def mark_for_check(connection: Connection, *, asked_by: str) -> None:
    """Let the workers check the profile against its instance soon, inside an open scope."""
    connection.check_asked_at, connection.check_asked_by = timezone.now(), asked_by
    connection.save(update_fields=["check_asked_at", "check_asked_by"])
    queue.hint_check(connection.organization_id, connection.pk)


def digest_of(profile: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a profile as sorted JSON, in hex."""
    text = json.dumps(profile, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
