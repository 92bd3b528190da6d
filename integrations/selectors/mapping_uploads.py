"""Reads of uploaded mapping files: the files, and what one of them would change now."""

from dataclasses import dataclass

from django.http import Http404

from accounts.models import Organization
from integrations.models import MappingUpload, QadCode, UploadMode
from integrations.pipeline.kept_sheets import kept_sheet
from integrations.pipeline.mapping_changes import parts_in_words
from integrations.pipeline.mapping_results import KeyResult, SheetResult, compare_sheet
from integrations.pipeline.mapping_sheets import LineError, MappingSheet
from integrations.pipeline.rule_checks import describe
from integrations.selectors.drafts import Standing, read_standing

CHANGES_SHOWN = 100
ERRORS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class UploadResult:
    """A file as it was read, and what it would change."""

    upload: MappingUpload
    sheet: MappingSheet
    result: SheetResult


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A change in words: what a key has, and what it would have."""

    word: str
    line: int | None
    dimension: str
    codes: str
    before: str
    after: str


def list_uploads(organization: Organization) -> list[MappingUpload]:
    """Return the files that are kept, the newest first, without what they hold."""
    rows = MappingUpload.objects.filter(organization=organization).defer("content")
    return list(rows.order_by("-pk"))


def get_upload(organization: Organization, upload_id: int) -> MappingUpload:
    """Return one file; 404 where it is not there any more."""
    upload = MappingUpload.objects.filter(organization=organization, pk=upload_id).first()
    if upload is None:
        raise Http404("no such upload")
    return upload


def result_of(
    organization: Organization, upload: MappingUpload, standing: Standing | None = None
) -> UploadResult:
    """Return what a file would change of the mapping as it is now, the open draft included."""
    standing = standing or read_standing(organization)
    sheet = kept_sheet(bytes(upload.content))
    keys = dict.fromkeys((*standing.approved, *standing.changes))
    result = compare_sheet(sheet, standing.parts, keys, replaces=upload.mode == UploadMode.REPLACE)
    return UploadResult(upload, sheet, result)


def errors_of(upload: MappingUpload) -> list[LineError]:
    """Return the errors of a file that are kept."""
    return kept_sheet(bytes(upload.content)).errors


def zeros_lost(organization: Organization, result: SheetResult) -> list[tuple[str, str]]:
    """Return new codes that are known with zeros in front, each with the known one.

    A spreadsheet takes a code of digits for a number and drops them.
    """
    listed = QadCode.objects.filter(organization=organization, code__startswith="0")
    known = {
        (dimension, code.lstrip("0")): code
        for dimension, code in listed.values_list("dimension", "code")
    }
    new = (change.key for change in result.changes if change.word == "new")
    found = ((key.code, known.get((key.dimension, key.code))) for key in new)
    return [(code, full) for code, full in found if full is not None]


def change_lines(result: SheetResult) -> list[ChangeLine]:
    """Return the first changes in words; keys that lose their rules come first."""
    ordered = sorted(result.changes, key=lambda change: change.word != "removed")
    return [_in_words(change) for change in ordered[:CHANGES_SHOWN]]


def _in_words(change: KeyResult) -> ChangeLine:
    return ChangeLine(
        change.word,
        change.line,
        change.key.dimension,
        describe(change.key).removeprefix(f"{change.key.dimension} "),
        parts_in_words(change.before),
        parts_in_words(change.after),
    )
