"""Reading QAD's lists of codes, and keeping what has changed on them."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from accounts.models import Organization
from audit.actions import Action
from audit.tenancy import reading, tenant
from audit.trail import record_event
from integrations.encryption import SealBroken
from integrations.models import CodeList, Connection, QadCode
from integrations.pipeline.code_lists import Changes, Known, Seen, compare
from integrations.qad.client import QadClient
from integrations.qad.probes import is_of_connection
from integrations.qad.types import Workspace
from integrations.selectors.references import CodePlace, find_due, list_code_places, list_loads
from integrations.services.bulk import copy_rows
from integrations.services.clients import build_qad
from integrations.transport.errors import IntegrationError

FIELDS = ("domain", "entity", "shared_set", "code", "description", "parent", "is_active")
LONGEST_CODE, LONGEST_NAME = 80, 200
_CHANGING = ("name", "parent", "is_active", "former_name", "renamed_at", "inactive_since")


def refresh_codes(organization: Organization, *, before: datetime) -> None:
    """Read every list of QAD that syncs use and nobody has tried to read since a moment.

    Calls QAD, so it is never used inside a transaction. What fails is noted on the list, whose
    codes stay as they are.
    """
    with reading(organization.pk):
        syncs = list_loads(organization)
        sources = {sync.source_id: sync.source for sync in syncs}
        due = {
            key: find_due(source, list_code_places(source, syncs), before)
            for key, source in sources.items()
        }
    for key, places in due.items():
        _read_source(sources[key], places)


def _read_source(source: Connection, places: Sequence[CodePlace]) -> None:
    """Read the lists of one QAD; what is wrong with all of it is met once."""
    client: QadClient | None = None
    stopped = ""
    for place in places:
        if stopped:
            _note_failure(source, place, stopped)
            continue
        began = timezone.now()
        try:
            client = client or build_qad(source)
            _keep(source, place, _read(client, place), began)
        except (IntegrationError, SealBroken) as error:
            code = _code_of(error)
            stopped = code if client is None or _stops_all(error) else ""
            _note_failure(source, place, code)


def _code_of(error: IntegrationError | SealBroken) -> str:
    return error.code if isinstance(error, IntegrationError) else "secret_unreadable"


def _stops_all(error: IntegrationError | SealBroken) -> bool:
    """Whether what failed is no matter of one list."""
    if isinstance(error, SealBroken):
        return True
    return error.kind == "transient" or is_of_connection(error.code)


def _read(client: QadClient, place: CodePlace) -> dict[str, Seen]:
    """Read one list whole; of a code in several shared sets an active one counts."""
    mapped = client.profile.document(place.dimension).map
    pages = client.iter_pages(
        place.dimension,
        workspace=Workspace(place.domain, place.entity),
        fields=[name for name in FIELDS if name in mapped],
    )
    is_entity = place.dimension == "entity"
    seen: dict[str, Seen] = {}
    for page in pages:
        for row in page.items:
            code = str(row.entity if is_entity else row.code)
            if len(code) > LONGEST_CODE or (is_entity and row.domain != place.domain):
                continue
            found = Seen(
                str(getattr(row, "description", "")).strip()[:LONGEST_NAME],
                str(getattr(row, "parent", "")).strip()[:LONGEST_NAME],
                getattr(row, "is_active", None) is not False,
            )
            if code not in seen or (found.is_active and not seen[code].is_active):
                seen[code] = found
    return seen


def _keep(source: Connection, place: CodePlace, seen: dict[str, Seen], began: datetime) -> None:
    """Bring the kept codes up to date; a reading that began before the kept one says nothing.

    An empty answer is not taken for an empty list: QAD gives one for much that is wrong.
    """
    with tenant(source.organization_id):
        row = _lock(source, place)
        if row.read_at is not None and row.read_at > began:
            return
        codes = QadCode.objects.filter(
            organization=source.organization,
            source=source,
            dimension=place.dimension,
            domain=place.domain,
        )
        if not seen and codes.filter(missing_since=None).exists():
            raise IntegrationError("code_list_empty", dimension=place.dimension)
        known = (Known(*values) for values in codes.values_list(*Known._fields).iterator())
        changes = compare(known, seen, began)
        _update(source, place, changes)
        _add(source, place, seen, began)
        row.read_at, row.tried_at, row.error_code = began, began, ""
        row.save(update_fields=["read_at", "tried_at", "error_code"])
        if changes.facts():
            record_event(
                Action.LIST_CHANGED,
                subject=("list", f"{place.dimension} of {place.domain}"),
                data={"connection": source.name, **changes.facts()},
            )


def _update(source: Connection, place: CodePlace, changes: Changes) -> None:
    rows = [
        QadCode(
            organization=source.organization,
            source=source,
            dimension=place.dimension,
            domain=place.domain,
            **known._asdict(),
        )
        for known in changes.rows
    ]
    QadCode.objects.bulk_create(
        rows,
        batch_size=2_000,
        update_conflicts=True,
        unique_fields=["organization", "source", "dimension", "domain", "code"],
        update_fields=[*_CHANGING, "missing_since"],
    )


def _add(source: Connection, place: CodePlace, new: dict[str, Seen], now: datetime) -> None:
    same = (source.organization_id, source.pk, place.dimension, place.domain)
    copy_rows(
        QadCode,
        (
            "organization_id", "source_id", "dimension", "domain", "code", "name", "parent",
            "is_active", "former_name", "first_seen_at",
        ),
        ((*same, code, *found, "", now) for code, found in new.items()),
    )  # fmt: skip


def _note_failure(source: Connection, place: CodePlace, code: str) -> None:
    with tenant(source.organization_id):
        row = _lock(source, place)
        row.tried_at, row.error_code = timezone.now(), code
        row.save(update_fields=["tried_at", "error_code"])


def _lock(source: Connection, place: CodePlace) -> CodeList:
    row, _ = CodeList.objects.select_for_update().get_or_create(
        organization=source.organization,
        source=source,
        dimension=place.dimension,
        domain=place.domain,
    )
    return row
