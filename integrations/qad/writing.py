"""Rows on their way into QAD: what is posted, and what QAD says against it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from integrations.qad.profile import Document
from integrations.qad.types import kind_of
from integrations.transport.answers import Answer
from integrations.transport.errors import IntegrationError

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Complaint:
    """What QAD says against a batch; `row` counts from 0, None where no row is named."""

    row: int | None
    words: str


def write_rows(name: str, document: Document, rows: Iterable[Mapping[str, Any]]) -> bytes:
    """The body of a post: canonical names under their wire names, amounts with their own digits.

    Raises `profile_invalid` for a document that is no business document or lacks a field.
    """
    if document.style != "bdoc":
        raise _invalid(f"documents.{name}.style", "only a business document can be written to")
    return msgspec.json.encode([dict(_fields(name, document, row)) for row in rows])


def read_complaints(answer: Answer) -> list[Complaint]:
    """What an answer of 200 or 201 says against the rows; none where all of them stand."""
    if not answer.body.strip():
        return []
    found = answer.json()
    if not isinstance(found, Mapping):
        return []
    result = found.get("submitResult")
    result = result if isinstance(result, Mapping) else found
    errors = result.get("errors")
    complaints = [_complaint(e) for e in errors] if isinstance(errors, list) else []
    if not complaints and result.get("success") is False:
        return [Complaint(None, "QAD gave no reason.")]
    return complaints


def _fields(name: str, document: Document, row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for field, value in row.items():
        wire = document.wire(field)
        if wire is None:
            raise _invalid(f"documents.{name}.map", f"“{field}” is not in it")
        is_number = kind_of(field) == "amount" and not document.amounts_as_text
        yield wire, msgspec.Raw(str(value).encode()) if is_number else value


def _complaint(error: object) -> Complaint:
    if not isinstance(error, Mapping):
        return Complaint(None, _words((error,)))
    row = error.get("row")
    is_place = isinstance(row, int) and not isinstance(row, bool) and row >= 0
    return Complaint(
        row if is_place else None, _words((error.get("fieldName"), error.get("message")))
    )


def _words(parts: Sequence[object]) -> str:
    return ": ".join(str(part) for part in parts if part)[:400] or "QAD gave no reason."


def _invalid(path: str, reason: str) -> IntegrationError:
    return IntegrationError("profile_invalid", path=path, reason=reason)
