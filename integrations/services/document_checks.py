"""Checking an instance profile against its QAD: document by document, kept with its evidence."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Organization
from audit.actions import Action
from audit.context import acting
from audit.tenancy import tenant
from audit.trail import record_event
from integrations.encryption import SealBroken
from integrations.models import CheckLevel, Connection, DocumentCheck
from integrations.qad.probes import Finding, Prober, is_of_connection
from integrations.selectors.document_checks import enabled_documents, is_of_the_profile
from integrations.services.clients import build_qad
from integrations.services.connections import lock_connection, lock_qad
from integrations.services.profiles import digest_of, mark_for_check
from integrations.services.qad_workspaces import default_workspace
from integrations.transport.errors import IntegrationError

# A person or a nightly round waits for the answer, so that no call is repeated for long.
LIMITS = {"tries": 2, "read_s": 30}


def ask_for_check(*, organization: Organization, connection_id: int, asked_by: str) -> None:
    """Let the workers check a connection's profile; the page follows what they find.

    Raises Refused: connection_unknown, check_not_qad.
    """
    with tenant(organization.pk):
        mark_for_check(lock_qad(organization, connection_id), asked_by=asked_by)


def check_profile(
    *,
    organization: Organization,
    connection_id: int,
    asked_by: str,
    documents: Sequence[str] | None = None,
) -> list[DocumentCheck]:
    """Ask the instance for one row of each enabled document, or of those named, and keep it all.

    Calls QAD, so it is never used inside a transaction. A profile that was changed meanwhile
    ends the check: what was found says nothing of the new one.
    Raises Refused: connection_unknown, check_not_qad.
    """
    with tenant(organization.pk):
        connection = lock_qad(organization, connection_id)
        connection.organization = organization
    names = [
        name for name in enabled_documents(connection) if documents is None or name in documents
    ]
    digest = digest_of(connection.profile)
    checks: list[DocumentCheck] = []
    with acting(asked_by):
        for finding in _findings(connection, names):
            kept = _keep(connection, digest, finding, asked_by)
            if kept is None:
                return checks
            checks.append(kept)
        if documents is None:
            _finish(connection, digest, checks)
    return checks


def check_where_asked(organization_id: int, connection_id: int) -> None:
    """Check a profile for which a check was asked and not done yet."""
    organization = Organization.objects.get(pk=organization_id)
    with tenant(organization_id):
        rows = Connection.objects.filter(organization=organization, pk=connection_id)
        asked = rows.filter(check_asked_at__isnull=False).first()
    if asked is not None:
        check_profile(
            organization=organization,
            connection_id=connection_id,
            asked_by=asked.check_asked_by,
        )


def accept_warning(
    *, organization: Organization, connection_id: int, document: str, accepted_by: str
) -> DocumentCheck:
    """Take a document's warning as good until something changes.

    Raises Refused: connection_unknown, check_not_qad, check_not_accepted.
    """
    with tenant(organization.pk):
        connection = lock_qad(organization, connection_id)
        row = DocumentCheck.objects.filter(
            organization=organization,
            connection=connection,
            document=document,
            digest=digest_of(connection.profile),
            level=CheckLevel.WARN,
        ).first()
        if row is None:
            raise Refused("check_not_accepted", document=document)
        row.accepted_at, row.accepted_by = timezone.now(), accepted_by
        row.save(update_fields=["accepted_at", "accepted_by"])
        record_event(
            Action.CHECK_ACCEPTED,
            subject=("connection", connection.name),
            data={"document": document, "code": row.code, "sha256": row.digest},
        )
        return row


def _findings(connection: Connection, names: list[str]) -> Iterator[Finding]:
    """What the instance shows; a client that cannot even be built is the same for all."""
    try:
        client = build_qad(connection, limits=LIMITS)
    except IntegrationError as error:
        yield from (Finding(name, "bad", error.code, error.facts) for name in names)
        return
    except SealBroken:
        yield from (Finding(name, "bad", "secret_unreadable") for name in names)
        return
    yield from Prober(client, default_workspace(connection)).findings(names)


def _keep(
    connection: Connection, digest: str, finding: Finding, asked_by: str
) -> DocumentCheck | None:
    """Keep what was found; None where another profile is in force by now."""
    with tenant(connection.organization_id):
        locked = lock_connection(connection.organization, connection.pk)
        if digest_of(locked.profile) != digest:
            return None
        named: dict[str, Any] = {
            "organization": connection.organization,
            "connection": connection,
            "document": finding.document,
        }
        row = DocumentCheck.objects.filter(**named).first() or DocumentCheck(**named)
        if row.digest == digest and _tells(row.code) and not _tells(finding.code):
            row.missed_at = timezone.now()
            row.missed_code, row.missed_facts = finding.code, dict(finding.facts)
        else:
            _fill(row, digest, finding, asked_by)
        row.save()
        return row


def _fill(row: DocumentCheck, digest: str, finding: Finding, asked_by: str) -> None:
    """Put what was found in the place of the last result.

    An accepted warning stays accepted while it is the same one of the same profile, whatever
    else has changed in its sentences.
    """
    before = (row.digest, row.level, row.code, row.facts.get("fields"))
    if before != (digest, finding.level, finding.code, finding.facts.get("fields")):
        row.accepted_at, row.accepted_by = None, ""
    row.digest, row.level, row.code = digest, finding.level, finding.code
    row.facts, row.evidence = dict(finding.facts), dict(finding.evidence)
    row.checked_at, row.checked_by = timezone.now(), asked_by
    row.missed_at, row.missed_code, row.missed_facts = None, "", {}


def _tells(code: str) -> bool:
    """Whether a look has found out how the document stands; an outage has not."""
    return not code or (is_of_the_profile(code) and not is_of_connection(code))


def _finish(connection: Connection, digest: str, checks: list[DocumentCheck]) -> None:
    """Note the check in the trail, forget documents that are gone, and answer who asked."""
    with tenant(connection.organization_id):
        rows = DocumentCheck.objects.filter(
            organization=connection.organization, connection=connection
        )
        rows.exclude(document__in=enabled_documents(connection)).delete()
        asked = Connection.objects.filter(
            organization=connection.organization,
            pk=connection.pk,
            check_asked_at=connection.check_asked_at,
        )
        asked.update(check_asked_at=None, check_asked_by="")
        record_event(
            Action.PROFILE_CHECKED,
            subject=("connection", connection.name),
            data={
                "sha256": digest,
                "found": {row.document: row.missed_code or row.code or "ok" for row in checks},
            },
        )
