"""A plan version as a file that a person imports into QAD by hand."""

from typing import IO

from integrations.models import PlanVersion
from integrations.pipeline.peoplefiles import csv_pieces, write_xlsx
from integrations.selectors.plans import AMOUNT_AT, HEADER, iter_rows

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def write_plan(version: PlanVersion, form: str, stream: IO[bytes]) -> None:
    """Write a version's values as CSV or XLSX, inside an open scope."""
    if form == "xlsx":
        write_xlsx(stream, "Plan", HEADER, iter_rows(version))
        return
    for piece in csv_pieces(HEADER, iter_rows(version), AMOUNT_AT):
        stream.write(piece)


def file_name(version: PlanVersion, form: str) -> str:
    """Return what a file of a version is called."""
    tidy = "".join(c if c.isascii() and c.isalnum() else "-" for c in version.reference)
    return f"plan-{tidy.strip('-')}.{form}"
