"""The mapping as a file: all of it or one dimension, approved or with the draft."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO

from accounts.models import Organization
from audit.actions import Action
from audit.tenancy import tenant
from audit.trail import record_event
from integrations.models import MappingUpload
from integrations.pipeline.mapping_rows import csv_of, mapping_rows
from integrations.pipeline.mapping_sheets import LineError
from integrations.pipeline.peoplefiles import write_xlsx
from integrations.pipeline.sheet_columns import COLUMNS
from integrations.selectors.drafts import read_standing
from integrations.selectors.mapping_templates import TEMPLATE_COLUMNS, template_rows
from integrations.selectors.mapping_uploads import errors_of

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class MappingExport:
    """A file: its name, its type, and its bytes piece by piece, for which nothing is asked."""

    name: str
    content_type: str
    pieces: Iterator[bytes]


def export_mapping(
    *, organization: Organization, form: str, what: str, dimension: str, is_safe: bool
) -> MappingExport:
    """Return the rules as CSV or XLSX, in an order that does not hang on who changed what when.

    `what` is approved or draft; no dimension is all of them. A safe CSV has marks that keep
    spreadsheets from computing; cells of an XLSX are text in any case.
    """
    with tenant(organization.pk):
        standing = read_standing(organization)
        rules = standing.rules_with_draft() if what == "draft" else standing.rules
        rules = [rule for rule in rules if dimension in ("", rule.dimension)]
        number = standing.version.number if standing.version else 0
        record_event(
            Action.MAPPING_EXPORTED,
            subject=("mapping", number),
            data={"rules": len(rules), "what": what, "dimension": dimension, "format": form},
        )
    said = ["mapping", organization.slug, f"v{number}"]
    said += [what] if what == "draft" else []
    said += [dimension] if dimension else []
    return _file("-".join(said), form, list(COLUMNS), mapping_rows(rules), is_safe=is_safe)


def mapping_template(
    *, organization: Organization, form: str, dimensions: tuple[str, ...]
) -> MappingExport:
    """Return a file to fill in: codes that no rule maps, with their names and no member."""
    with tenant(organization.pk):
        rows = template_rows(organization, dimensions)
    said = dimensions[0] if len(dimensions) == 1 else "all"
    name = f"mapping-template-{said}"
    return _file(name, form, list(TEMPLATE_COLUMNS), iter(rows), is_safe=True)


def export_errors(upload: MappingUpload) -> MappingExport:
    """Return the errors of an uploaded file as CSV."""
    rows = ([str(error.line), *error[1:]] for error in errors_of(upload))
    return _file(f"errors-{upload.pk}", "csv", list(LineError._fields), rows, is_safe=True)


def _file(
    name: str, form: str, header: list[str], rows: Iterator[Sequence[str]], *, is_safe: bool
) -> MappingExport:
    if form == "xlsx":
        stream = BytesIO()
        write_xlsx(stream, "Mapping", header, rows)
        pieces = iter([stream.getvalue()])
    else:
        pieces = csv_of(rows, is_safe=is_safe, header=header)
    return MappingExport(f"{name}.{form}", TYPES[form], pieces)
