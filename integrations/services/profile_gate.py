"""Runs read only what a check of the instance profile has proved, or what they prove themselves."""

from typing import Any

from accounts.errors import Refused
from audit.catalogue import CATALOGUE
from audit.tenancy import reading
from integrations.models import CheckLevel, Connection, DocumentCheck, Run, Sync
from integrations.qad.profile import Profile
from integrations.selectors.document_checks import (
    current_checks,
    is_of_the_profile,
    needed_documents,
)
from integrations.services.document_checks import check_profile
from integrations.services.profiles import mark_for_check
from integrations.transport.errors import IntegrationError

# What a run can only meet where the instance has changed since the last check.
SIGNS_OF_CHANGE = frozenset(
    {"qad_path_not_found", "qad_wrong_base", "qad_not_readable", "qad_unexpected_shape"}
    | {"qad_field_missing", "qad_row_without_key", "qad_amount_is_text", "qad_value_unreadable"}
    | {"qad_filter_ignored", "qad_forbidden"}
)


def refuse_unusable(sync: Sync) -> None:
    """Refuse a run where the last check of this very profile says that it cannot work.

    What was never checked, and what only time or a sign-in may mend, is left to the run.
    Raises Refused: profile_not_usable.
    """
    checks = current_checks(sync.source)
    for name in needed_documents(sync):
        row = checks.get(name)
        if row is not None and not row.is_good and is_of_the_profile(row.code):
            raise Refused("profile_not_usable", **_facts(sync, row))


def prove_profile(run: Run) -> None:
    """Check what a run needs and no check has proved yet; calls QAD, outside of transactions.

    Raises what the check finds, `profile_not_usable` for a warning that nobody accepted,
    `profile_invalid` where a document is switched off, and `profile_in_change` where another
    profile than the run's is in force by now: nothing is proved for that one.
    """
    with reading(run.organization_id):
        unproved = _unproved(run.sync)
    if unproved:
        _prove(run, unproved)
    with reading(run.organization_id):
        in_force = Connection.objects.get(pk=run.sync.source_id).profile
        if in_force != run.sync.source.profile or _unproved(run.sync):
            raise IntegrationError("profile_in_change", connection=run.sync.source.name)


def ask_for_check_after(run: Run, code: str) -> None:
    """Let the profile be checked where a run met what speaks of a changed instance."""
    if code in SIGNS_OF_CHANGE:
        mark_for_check(run.sync.source, asked_by=f"run {run.pk}")


def _prove(run: Run, unproved: list[str]) -> None:
    profile = Profile.parse(run.sync.source.profile)
    for name in unproved:
        profile.document(name)
    checks = check_profile(
        organization=run.organization,
        connection_id=run.sync.source_id,
        asked_by=f"run {run.pk}",
        documents=unproved,
    )
    for row in checks:
        if row.missed_code:
            raise IntegrationError(row.missed_code, **row.missed_facts)
        if row.level == CheckLevel.BAD:
            raise IntegrationError(row.code, row.evidence.get("start", ""), **row.facts)
        if not row.is_good:
            raise IntegrationError("profile_not_usable", **_facts(run.sync, row))


def _unproved(sync: Sync) -> list[str]:
    checks = current_checks(sync.source)
    return [
        name
        for name in needed_documents(sync)
        if (row := checks.get(name)) is None or not row.is_good
    ]


def _facts(sync: Sync, row: DocumentCheck) -> dict[str, Any]:
    title = CATALOGUE[row.code].title
    return {"connection": sync.source.name, "document": row.document, "title": title}
