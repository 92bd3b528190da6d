"""What checks of an instance profile have found, as pages, commands and runs read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from audit.catalogue import CATALOGUE, ErrorCode, Kind
from integrations.models import Connection, DocumentCheck, ProfileVersion, Sync
from integrations.pipeline.streams import DATA_SETS, GL_BALANCES

# What needs a person stands first.
_ORDER = ("bad", "warn", "unchecked", "accepted", "ok", "off")
# Longer than a check may take; after it the button is offered again.
PATIENCE = timedelta(minutes=4)
# A sign-in that failed says nothing of the profile: the next run finds out by itself.
NOT_OF_THE_PROFILE = frozenset({"qad_unauthorized", "qad_not_logged_in"})


EVERYBODYS = ("entity", "gl_account", "cost_center", "gl_period")
"""The reference documents of the ledger."""


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

    @property
    def missed(self) -> ErrorCode | None:
        """Why the newest look found nothing out; None where it found what is kept."""
        return CATALOGUE[self.check.missed_code] if self.check and self.check.missed_code else None

    @property
    def looked_at(self) -> datetime | None:
        """When QAD was asked last, whatever came of it; None since the profile changed."""
        return (self.check.missed_at or self.check.checked_at) if self.check else None


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

    @property
    def missed(self) -> int:
        """How many documents the newest look did not reach, so that older results hold."""
        return sum(line.is_enabled and line.missed is not None for line in self.lines)

    @property
    def summary(self) -> str:
        """How the profile in force stands, in a line."""
        if self.version is None:
            return "No profile"
        counts = "being checked" if self.is_under_way else self.counts
        return f"Version {self.version.number}: {counts}"

    @property
    def counts(self) -> str:
        """How many documents stand in each way."""
        if self.checked_at is None:
            return "not checked since the change"
        warnings = f"{self.warned} warning{'' if self.warned == 1 else 's'}"
        parts = [
            (self.good, f"{self.good} in order"),
            (self.warned, warnings),
            (self.bad, f"{self.bad} not usable"),
            (self.unchecked, f"{self.unchecked} not checked"),
            (self.missed, f"{self.missed} not reached by the last check"),
        ]
        return ", ".join(text for number, text in parts if number)


def is_of_the_profile(code: str) -> bool:
    """Whether what was found wrong is of the profile or its rights.

    All else is of the network, of time or of the sign-in, and says nothing of the profile.
    """
    entry = CATALOGUE[code]
    is_of_qad = entry.origin == "QAD" and code not in NOT_OF_THE_PROFILE
    return is_of_qad and entry.kind != Kind.TRANSIENT


def needed_documents(sync: Sync) -> tuple[str, ...]:
    """Return the documents that a sync reads."""
    data_set = DATA_SETS[sync.data_set]
    if sync.brings_plan:
        is_on = data_set.document in enabled_documents(sync.source)
        return (data_set.document,) if is_on else ()
    if data_set.is_list:
        return (data_set.document,)
    accounts = ("gl_account",) if data_set.has_accounts else ()
    return (*accounts, "gl_period", data_set.document)


def idle_documents(connection: Connection) -> frozenset[str]:
    """Return the documents that feed data sets which nobody has asked for yet.

    Not every instance has them, and what is wrong with them stops nothing.
    """
    syncs = Sync.objects.filter(organization=connection.organization, source=connection)
    needed = {name for sync in syncs for name in needed_documents(sync)}
    offered = {data_set.document for data_set in DATA_SETS.values()}
    return frozenset(offered - {GL_BALANCES.document, *EVERYBODYS} - needed)


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
