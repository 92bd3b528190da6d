"""Runs read only what a check of the instance profile has proved, or what they prove themselves."""

from typing import Any

from accounts.errors import Refused
from audit.catalogue import CATALOGUE, Kind
from audit.tenancy import reading
from integrations.models import CheckLevel, DocumentCheck, Run, Sync
from integrations.pipeline.streams import DATA_SETS
from integrations.selectors.document_checks import current_checks
from integrations.services.document_checks import check_profile
from integrations.services.profiles import mark_for_check
from integrations.transport.errors import IntegrationError

REFERENCE_DOCUMENTS = ("gl_account", "gl_period")
# A sign-in that failed says nothing of the profile: the next run finds out by itself.
NOT_OF_THE_PROFILE = frozenset({"qad_unauthorized", "qad_not_logged_in"})
# What a run can only meet where the instance has changed since the last check.
SIGNS_OF_CHANGE = frozenset(
    {"qad_path_not_found", "qad_wrong_base", "qad_not_readable", "qad_unexpected_shape"}
    | {"qad_field_missing", "qad_row_without_key", "qad_amount_is_text", "qad_value_unreadable"}
    | {"qad_filter_ignored", "qad_forbidden"}
)


def needed_documents(sync: Sync) -> tuple[str, ...]:
    """Return the documents that a sync reads."""
    return (*REFERENCE_DOCUMENTS, DATA_SETS[sync.data_set].document)


def is_usable(sync: Sync) -> bool:
    """Tell whether all documents that a sync reads are in order or accepted."""
    return not _unproved(sync)


def refuse_unusable(sync: Sync) -> None:
    """Refuse a run where the last check of this very profile says that it cannot work.

    What was never checked, and what only time or a sign-in may mend, is left to the run.
    Raises Refused: profile_not_usable.
    """
    checks = current_checks(sync.source)
    for name in needed_documents(sync):
        row = checks.get(name)
        if row is not None and _is_of_the_profile(row):
            raise Refused("profile_not_usable", **_facts(sync, row))


def prove_profile(run: Run) -> None:
    """Check what a run needs and no check has proved yet; calls QAD, outside of transactions.

    Raises what the check finds, or `profile_not_usable` for a warning that nobody accepted.
    """
    with reading(run.organization_id):
        unproved = _unproved(run.sync)
    if not unproved:
        return
    checks = check_profile(
        organization=run.organization,
        connection_id=run.sync.source_id,
        asked_by=f"run {run.pk}",
        documents=unproved,
    )
    for row in checks:
        if row.level == CheckLevel.BAD:
            raise IntegrationError(row.code, row.evidence.get("start", ""), **row.facts)
        if not row.is_good:
            raise IntegrationError("profile_not_usable", **_facts(run.sync, row))


def ask_for_check_after(run: Run, code: str) -> None:
    """Let the profile be checked where a run met what speaks of a changed instance."""
    if code in SIGNS_OF_CHANGE:
        mark_for_check(run.sync.source, asked_by=f"run {run.pk}")


def _unproved(sync: Sync) -> list[str]:
    checks = current_checks(sync.source)
    return [
        name
        for name in needed_documents(sync)
        if (row := checks.get(name)) is None or not row.is_good
    ]


def _is_of_the_profile(row: DocumentCheck) -> bool:
    if row.is_good:
        return False
    entry = CATALOGUE[row.code]
    is_of_qad = entry.origin == "QAD" and row.code not in NOT_OF_THE_PROFILE
    return is_of_qad and entry.kind != Kind.TRANSIENT


def _facts(sync: Sync, row: DocumentCheck) -> dict[str, Any]:
    title = CATALOGUE[row.code].title
    return {"connection": sync.source.name, "document": row.document, "title": title}
