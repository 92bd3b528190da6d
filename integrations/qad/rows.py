"""Reads a page of a QAD document into typed rows, with amounts as QAD's own digits."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import msgspec

from integrations.qad import loose
from integrations.qad.loose import Complaint, amount_text
from integrations.qad.profile import Document, Profile
from integrations.qad.shape import Opened, build_decode, build_row_type
from integrations.qad.types import kind_of
from integrations.transport.errors import IntegrationError

NUMBER_LETTERS = b"0123456789.-+eE\n"
DATE_LENGTH = 10


@dataclass(frozen=True, slots=True)
class Reading:
    """What one page holds: its rows, and what QAD says of the whole list and of the page size."""

    rows: list[Any]
    total: int | None
    page_size: int | None


class RowReader:
    """Turns page bodies of one document into rows whose attributes are canonical names.

    Only mapped fields are read, or those of `fields`; amounts in other currencies than the base
    only where `fields` names them. Text that QAD leaves out or sends as
    null is ""; whole numbers are int, truths bool or None, dates YYYY-MM-DD, and amounts are
    `msgspec.Raw`: the digits exactly as they stand in the JSON. Safe for threads.
    """

    def __init__(
        self, profile: Profile, document: str, fields: Sequence[str] | None = None
    ) -> None:
        self.document = document
        self.spec: Document = profile.document(document)
        self.fields = _chosen_fields(self.spec, document, fields)
        self._row_type = build_row_type(self.spec, self.fields, takes_null=True)
        self._decode_with_null = build_decode(self._row_type, self.spec, profile.paging)
        without_null = build_row_type(self.spec, self.fields, takes_null=False)
        self._decode_without_null = build_decode(without_null, self.spec, profile.paging)
        self._meets_null = False
        self._paging = profile.paging
        self._amounts = self._getters("amount")
        self._blanks = [*self._getters("text"), *self._getters("date")]
        self._dates = self._getters("date")
        self._key = [attrgetter(name) for name in self.spec.key if name in self.fields]
        self._values = [
            (name, values) for name, values in self.spec.value_map.items() if name in self.fields
        ]
        has_paths = any("." in self.spec.map[name] for name in self.fields)
        self._is_nested: bool | None = None if has_paths and self.spec.style != "browse" else False

    def rows(self, body: bytes, page: int = 0) -> list[Any]:
        """The typed rows of a page. `page` only names the page in an error.

        Raises `qad_truncated_json`, `qad_unexpected_shape`, `qad_field_missing`,
        `qad_row_without_key`, `qad_amount_is_text` or `qad_value_unreadable`.
        """
        return self.read(body, page).rows

    def read(self, body: bytes, page: int = 0) -> Reading:
        """The rows with what the page says about the whole list; errors as of `rows`."""
        if self._reads_nested(body):
            return self._read_loosely(body, page)
        rows, total, size = self._decode(body, page)
        self._check_amounts(rows, body, page)
        self._finish(rows)
        return Reading(rows, total, size)

    def keys(self, rows: Iterable[Any]) -> list[str]:
        """The key of each row as text: its key fields joined by "/"; a "/" inside is "~1"."""
        columns = ([_escape(value) for value in map(get, rows)] for get in self._key)
        return list(map("/".join, zip(*columns, strict=True)))

    def _decode(self, body: bytes, page: int) -> Opened:
        """Decode as if no text were null; from the first page on that has one, look for them."""
        if not self._meets_null:
            try:
                return self._decode_without_null(body)
            except (msgspec.DecodeError, RecursionError):
                pass
        try:
            opened = self._decode_with_null(body)
        except (msgspec.DecodeError, RecursionError) as error:
            raise self._complaint(page).explain(body, error) from error
        self._meets_null = True
        self._fill_blanks(opened[0])
        return opened

    def _check_amounts(self, rows: list[Any], body: bytes, page: int) -> None:
        """Look at the raw JSON of all amounts of a column at once."""
        for name, get in self._amounts:
            if b"\n".join(map(get, rows)).translate(None, NUMBER_LETTERS):
                for row, amount in zip(rows, self._quoted_amounts(name, body, page), strict=True):
                    setattr(row, name, msgspec.Raw(amount.encode()))

    def _quoted_amounts(self, name: str, body: bytes, page: int) -> list[str]:
        records = self._plain_rows(body)
        wire, quoted = self.spec.map[name], self.spec.amounts_as_text
        column = [amount_text(loose.pick(row, wire), quoted=quoted) for row in records]
        if None in column:
            raise self._complaint(page).row_fault(records)
        return [amount for amount in column if amount is not None]

    def _fill_blanks(self, rows: list[Any]) -> None:
        for name, get in self._blanks:
            for row in rows:
                if get(row) is None:
                    setattr(row, name, "")

    def _finish(self, rows: list[Any]) -> None:
        for name, get in self._dates:
            for row in rows:
                setattr(row, name, get(row)[:DATE_LENGTH])
        for name, values in self._values:
            for row in rows:
                given = getattr(row, name)
                word = str(given).lower() if isinstance(given, bool) else str(given)
                setattr(row, name, values.get(word, given))

    def _reads_nested(self, body: bytes) -> bool:
        """Whether wire names with dots are paths in this instance; the first row tells."""
        if self._is_nested is None:
            try:
                rows = self._plain_rows(body)
            except (msgspec.DecodeError, RecursionError):
                return False
            if not rows or not isinstance(rows[0], Mapping):
                return False
            dotted = [w for n in self.fields if "." in (w := self.spec.map[n])]
            self._is_nested = not any(wire in rows[0] for wire in dotted)
        return self._is_nested

    def _read_loosely(self, body: bytes, page: int) -> Reading:
        try:
            data = loose.decode(body)
        except (msgspec.DecodeError, RecursionError) as error:
            raise self._complaint(page).explain(body, error) from error
        records = loose.rows_at(data, self.spec.list_at)
        if records is None:
            raise self._complaint(page).shape(data)
        rows = [self._loose_row(record, records, page) for record in records]
        self._finish(rows)
        total = data.get(self._paging.total_key) if isinstance(data, Mapping) else None
        return Reading(rows, total if isinstance(total, int) else None, None)

    def _loose_row(self, record: Any, records: Sequence[Any], page: int) -> Any:
        values: dict[str, Any] = {}
        for name in self.fields:
            value = loose.typed(
                loose.pick(record, self.spec.map[name]), name, quoted=self.spec.amounts_as_text
            )
            is_proof = name in self.spec.key and kind_of(name) == "text"
            is_missing = value is None or (is_proof and value == "")
            is_amount = kind_of(name) == "amount"
            if value is loose.WRONG or (is_missing and (is_amount or name in self.spec.needed)):
                raise self._complaint(page).row_fault(records)
            values[name] = msgspec.Raw(value.encode()) if is_amount else value
        return self._row_type(**values)

    def _plain_rows(self, body: bytes) -> list[Any]:
        return loose.rows_at(loose.decode(body), self.spec.list_at) or []

    def _complaint(self, page: int) -> Complaint:
        return Complaint(self.document, self.spec, self.fields, page)

    def _getters(self, kind: str) -> list[tuple[str, Callable[[Any], Any]]]:
        return [(name, attrgetter(name)) for name in self.fields if kind_of(name) == kind]


def _chosen_fields(spec: Document, document: str, fields: Sequence[str] | None) -> tuple[str, ...]:
    if fields is None:
        return tuple(name for name in spec.map if name not in spec.on_demand)
    for name in fields:
        if name not in spec.map:
            raise IntegrationError(
                "profile_invalid", path=f"documents.{document}.map", reason=f"“{name}” is not in it"
            )
    return tuple(dict.fromkeys([*fields, *(name for name in spec.key if name in spec.map)]))


def _escape(value: Any) -> str:
    text = str(value)
    if "/" in text or "~" in text:
        return text.replace("~", "~0").replace("/", "~1")
    return text
