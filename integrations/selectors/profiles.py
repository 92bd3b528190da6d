"""Versions of an instance profile, and what differs between two of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.shortcuts import get_object_or_404

from integrations.models import Connection, ProfileVersion

VERSIONS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Change:
    """One place of a profile that differs; "" stands for a side that has nothing there."""

    path: str
    before: str
    after: str

    @property
    def kind(self) -> str:
        """One of added, removed, changed."""
        if not self.before:
            return "added"
        return "changed" if self.after else "removed"


def list_versions(connection: Connection) -> list[ProfileVersion]:
    """Return the versions of a connection's profile, newest first, inside an open scope."""
    rows = ProfileVersion.objects.filter(
        organization_id=connection.organization_id, connection=connection
    )
    return list(rows.order_by("-number")[:VERSIONS_SHOWN])


def get_version(connection: Connection, number: int) -> ProfileVersion:
    """Return one version; 404 for a number that is not there."""
    return get_object_or_404(
        ProfileVersion,
        organization_id=connection.organization_id,
        connection=connection,
        number=number,
    )


def find_version(connection: Connection, number: str) -> ProfileVersion | None:
    """Return the version whose number was typed; None for anything else."""
    if not (number.isascii() and number.isdecimal()) or len(number) > 9:
        return None
    rows = ProfileVersion.objects.filter(
        organization_id=connection.organization_id, connection=connection, number=int(number)
    )
    return rows.first()


def list_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Return every place in which two profiles differ, by path."""
    old, new = _leaves(before), _leaves(after)
    return [
        Change(path, old.get(path, ""), new.get(path, ""))
        for path in sorted({*old, *new})
        if old.get(path) != new.get(path)
    ]


def as_text(profile: Mapping[str, Any]) -> str:
    """Return a profile as JSON for people."""
    return json.dumps(profile, indent=2, ensure_ascii=False)


def _leaves(value: Mapping[str, Any], place: str = "") -> dict[str, str]:
    """The values below all objects, as JSON, by their path; an empty object is a value."""
    found: dict[str, str] = {}
    for name, entry in value.items():
        path = f"{place}.{name}" if place else name
        if isinstance(entry, Mapping) and entry:
            found |= _leaves(entry, path)
        else:
            found[path] = json.dumps(entry, ensure_ascii=False)
    return found
