"""What a ping says of the documents, as they were checked for the profile in force."""

from dataclasses import replace
from time import monotonic, sleep

from audit.tenancy import reading
from integrations.models import Connection
from integrations.selectors.document_checks import (
    Line,
    Overview,
    get_overview,
    idle_documents,
    is_of_the_profile,
)
from integrations.services.pinging.steps import Found
from integrations.transport.errors import IntegrationError

PATIENCE = 5.0
BETWEEN_LOOKS = 0.25
"""Seconds that a check which is under way is waited for, and between two looks at it."""


def look_at_checks(connection: Connection, manners: str, until: float) -> Found:
    """Say how the documents stand; runs are refused by the same results.

    What is wrong with the profile or its rights is a failure. What waits for an admin's word,
    what nobody has checked, and what only an outage has shown is a warning. A check that is
    under way is waited for a little, but not beyond `until` (of `time.monotonic`). Documents of
    data sets that no sync reads say nothing here.
    """
    overview = _overview(connection)
    last = min(until, monotonic() + PATIENCE)
    while overview.is_under_way and overview.unchecked and monotonic() < last:
        sleep(BETWEEN_LOOKS)
        overview = _overview(connection)
    sentence = f"{_standing(overview)}. {manners}"
    for line in overview.by_urgency:
        if line.state == "bad" and line.entry and is_of_the_profile(line.entry.code):
            return Found(sentence, failure=_problem(line))
    return Found(sentence, _doubt(connection, overview.by_urgency))


def _overview(connection: Connection) -> Overview:
    """Return how the documents stand that matter to the organization's syncs."""
    with reading(connection.organization_id):
        overview, idle = get_overview(connection), idle_documents(connection)
    lines = [line for line in overview.lines if line.is_enabled and line.document not in idle]
    return replace(overview, lines=lines)


def _standing(overview: Overview) -> str:
    number = overview.version.number if overview.version else 0
    counts = f"Version {number}: {overview.counts}"
    if overview.checked_at:
        counts += f"; the last result is of {overview.checked_at:%Y-%m-%d %H:%M} UTC"
    return f"{counts}; a check is under way" if overview.is_under_way else counts


def _doubt(connection: Connection, lines: list[Line]) -> IntegrationError | None:
    """The first thing that keeps the documents from being proved; None where all are."""
    for line in lines:
        if line.state in ("warn", "bad"):
            return _problem(line)
    for line in lines:
        if line.check and line.check.missed_code:
            return IntegrationError(line.check.missed_code, **line.check.missed_facts)
    names = [line.document for line in lines if line.state == "unchecked"]
    if not names:
        return None
    documents = ", ".join(names)
    return IntegrationError("profile_unchecked", connection=connection.name, documents=documents)


def _problem(line: Line) -> IntegrationError | None:
    row = line.check
    if row is None:
        return None
    return IntegrationError(row.code, str(row.evidence.get("start", "")), **row.facts)
