"""Uploaded mapping files: read and kept for a day, and put in the draft all or none."""

import hashlib
from datetime import timedelta

from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Organization
from audit.actions import Action
from audit.tenancy import tenant
from audit.trail import record_event
from integrations.models import MappingUpload, UploadMode
from integrations.pipeline.kept_sheets import keep_sheet
from integrations.pipeline.mapping_changes import KeyChange
from integrations.pipeline.mapping_sheets import MappingSheet, read_mapping_sheet, unusual_texts
from integrations.pipeline.sheet_rows import SheetTooLarge, SheetUnreadable
from integrations.selectors.drafts import read_standing
from integrations.selectors.mapping_uploads import get_upload, result_of
from integrations.services.mapping_drafts import Wish, change_draft
from integrations.services.mappings import editing

KEPT_FOR = timedelta(days=1)
KEPT_UPLOADS = 20


def keep_upload(
    *,
    organization: Organization,
    name: str,
    content: bytes,
    mode: str = UploadMode.ADD,
    requested_by: str,
) -> MappingUpload:
    """Read a CSV or XLSX file and keep what it says; its errors are kept with it.

    Raises Refused for a file of which no line can be read: mapping_sheet_unreadable,
    mapping_sheet_too_large.
    """
    with tenant(organization.pk):
        sheet = _read(organization, content)
        upload = MappingUpload.objects.create(
            organization=organization,
            name=name[:120],
            digest=hashlib.sha256(content).hexdigest(),
            mode=mode,
            content=keep_sheet(sheet),
            lines=len(sheet.rules),
            errors=sheet.error_count,
            uploaded_by=requested_by,
        )
        mine = MappingUpload.objects.filter(organization=organization)
        newest = mine.order_by("-pk").values_list("pk", flat=True)[:KEPT_UPLOADS]
        mine.exclude(pk__in=list(newest)).delete()
        return upload


def put_in_draft(
    *, organization: Organization, upload_id: int, seen: str, requested_by: str
) -> int:
    """Put all that a file changes in the draft; return how many keys that are.

    `seen` is the digest of the changes that somebody has looked at. Raises Refused:
    mapping_upload_wrong where lines have errors, mapping_upload_stale where the file would now
    change something else, mapping_upload_idle where nothing.
    """
    with editing(organization):
        found = result_of(organization, get_upload(organization, upload_id))
        changes, upload = found.result.changes, found.upload
        if found.sheet.error_count:
            raise Refused("mapping_upload_wrong", count=found.sheet.error_count)
        if not changes:
            raise Refused("mapping_upload_idle", name=upload.name)
        if found.result.digest() != seen:
            raise Refused("mapping_upload_stale", count=len(changes))
        change_draft(
            organization=organization,
            wishes=[Wish(KeyChange(one.key, one.after), one.before) for one in changes],
            requested_by=requested_by,
        )
        record_event(
            Action.MAPPING_IMPORTED,
            subject=("upload", upload.pk),
            data={
                "name": upload.name,
                "sha256": upload.digest,
                "mode": upload.mode,
                **found.result.counts(),
                "same": found.result.same,
            },
        )
        return len(changes)


def purge_uploads() -> int:
    """Remove the files of all organizations that are older than a day; return how many."""
    removed = 0
    for organization_id in Organization.objects.values_list("pk", flat=True):
        with tenant(organization_id):
            old = MappingUpload.objects.filter(
                organization_id=organization_id, created_at__lte=timezone.now() - KEPT_FOR
            )
            removed += old.delete()[0]
    return removed


def _read(organization: Organization, content: bytes) -> MappingSheet:
    known = unusual_texts(read_standing(organization).rules_with_draft())
    try:
        return read_mapping_sheet(content, known)
    except SheetUnreadable as error:
        raise Refused("mapping_sheet_unreadable", problem=str(error)) from None
    except SheetTooLarge as error:
        raise Refused("mapping_sheet_too_large", limit=str(error)) from None
