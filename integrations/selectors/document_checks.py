"""What checks of an instance profile have found, as pages, commands and runs read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from audit.catalogue import CATALOGUE, ErrorCode
from integrations.models import Connection, DocumentCheck, ProfileVersion

# What needs a person stands first.
_ORDER = ("bad", "warn", "unchecked", "accepted", "ok", "off")
# Longer than a check may take; after it the button is offered again.
PATIENCE = timedelta(minutes=4)


@dataclass(frozen=True, slots=True)
class Line:
    """One document of the profile: what its check has found, None since the profile changed."""

    document: str
    where: str
    is_enabled: bool
    check: DocumentCheck | None

    @property
    def entry(self) -> ErrorCode | None:
        """The catalogue's words for what was found; None where all is in order."""
        return CATALOGUE[self.check.code] if self.check and self.check.code else None

    @property
    def state(self) -> str:
        """One of off, unchecked, ok, accepted, warn, bad."""
        if not self.is_enabled:
            return "off"
        if self.check is None:
            return "unchecked"
        return "accepted" if self.check.accepted_at else str(self.check.level)


@dataclass(frozen=True, slots=True)
class Overview:
    """The profile in force and how its documents stand."""

    connection: Connection
    version: ProfileVersion | None
    lines: list[Line]
    is_under_way: bool

    @property
    def checked_at(self) -> datetime | None:
        """When the newest result was found."""
        return max((line.check.checked_at for line in self.lines if line.check), default=None)

    def count(self, *states: str) -> int:
        """Return how many documents stand so."""
        return sum(line.state in states for line in self.lines)

    @property
    def by_urgency(self) -> list[Line]:
        """The documents, those that need a person first."""
        return sorted(self.lines, key=lambda line: _ORDER.index(line.state))

    @property
    def good(self) -> int:
        """How many documents syncs may read."""
        return self.count("ok", "accepted")

    @property
    def warned(self) -> int:
        """How many documents wait for an admin's word."""
        return self.count("warn")

    @property
    def bad(self) -> int:
        """How many documents are not usable."""
        return self.count("bad")

    @property
    def unchecked(self) -> int:
        """How many documents were not checked since the profile was changed."""
        return self.count("unchecked")


def enabled_documents(connection: Connection) -> list[str]:
    """Return the names of the documents that are switched on, in the profile's order."""
    documents = connection.profile.get("documents", {})
    return [name for name, entry in documents.items() if entry.get("enabled", True)]


def current_checks(connection: Connection) -> Mapping[str, DocumentCheck]:
    """Return what was found for the profile in force, by document, inside an open scope."""
    version = newest_version(connection)
    rows = DocumentCheck.objects.filter(
        organization_id=connection.organization_id,
        connection=connection,
        digest=version.digest if version else "",
    )
    return {row.document: row for row in rows}


def newest_version(connection: Connection) -> ProfileVersion | None:
    """Return the version in force; None where there is no profile yet."""
    rows = ProfileVersion.objects.filter(
        organization_id=connection.organization_id, connection=connection
    )
    return rows.order_by("-number").first()


def newest_number(connection: Connection) -> int:
    """Return the number of the version in force; 0 where there is none."""
    version = newest_version(connection)
    return version.number if version else 0


def get_overview(connection: Connection) -> Overview:
    """Return the profile in force with what is known of each document."""
    checks = current_checks(connection)
    asked = connection.check_asked_at
    lines = [
        Line(name, _where(entry), entry.get("enabled", True), checks.get(name))
        for name, entry in sorted(connection.profile.get("documents", {}).items())
    ]
    return Overview(
        connection=connection,
        version=newest_version(connection),
        lines=lines,
        is_under_way=asked is not None and timezone.now() - asked < PATIENCE,
    )


def _where(entry: Mapping[str, str]) -> str:
    style = entry.get("style", "bdoc")
    names = {"browse": "browse_id", "entity": "plural"}
    return str(entry.get(names.get(style, "path")) or "")
