"""The slow, patient view of a page: any names, nested paths, and what is wrong with it."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from integrations.qad.profile import Document
from integrations.qad.types import kind_of
from integrations.transport.errors import IntegrationError

NAMES_SHOWN = 8
WRONG = object()
_NOTHING = object()
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


class Number(str):
    """A number with a point or exponent, as it stands in the JSON."""

    __slots__ = ()


_DECODER = msgspec.json.Decoder(float_hook=Number)


def decode(body: bytes) -> Any:
    """The body as JSON values. Raises `msgspec.DecodeError` or RecursionError."""
    return _DECODER.decode(body)


def rows_at(data: Any, list_at: str) -> list[Any] | None:
    """The list at that place of an answer; None when there is none."""
    for part in list_at.split(".") if list_at else []:
        data = data.get(part) if isinstance(data, Mapping) else None
    return data if isinstance(data, list) else None


def pick(record: Any, wire: str) -> Any:
    """The value of a wire name: as a whole first, then as a path. `_NOTHING` when absent."""
    if not isinstance(record, Mapping):
        return _NOTHING
    if wire in record:
        return record[wire]
    value: Any = record
    for part in wire.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return _NOTHING
        value = value[part]
    return value


def is_absent(value: Any) -> bool:
    """Whether a picked value was not there."""
    return value is _NOTHING


def typed(value: Any, name: str, *, quoted: bool) -> Any:
    """A picked value as the field's kind; None or "" when empty, `WRONG` when of another kind."""
    kind = kind_of(name)
    if kind == "amount":
        amount = amount_text(value, quoted=quoted)
        return WRONG if amount is None else amount
    if is_absent(value) or value is None:
        return "" if kind in {"text", "date"} else None
    if kind == "whole":
        digits = str(value)
        is_whole = digits.removeprefix("-").isdecimal() and not isinstance(value, bool)
        return int(digits) if is_whole else WRONG
    if kind == "truth":
        return _TRUTHS.get(str(value).lower(), WRONG)
    return str(value) if isinstance(value, str) and not isinstance(value, Number) else WRONG


class Complaint:
    """Names what is wrong with a page of one document."""

    def __init__(self, name: str, spec: Document, fields: Sequence[str], page: int) -> None:
        self._name = name
        self._spec = spec
        self._fields = fields
        self._page = page

    def explain(self, body: bytes, error: Exception) -> IntegrationError:
        """The error for a body that did not decode into rows."""
        try:
            data = decode(body)
        except (msgspec.DecodeError, RecursionError):
            return IntegrationError(
                "qad_truncated_json", str(error), document=self._name, page=self._page
            )
        rows = rows_at(data, self._spec.list_at)
        if rows is None:
            return self.shape(data)
        return next(self._faults(rows), None) or self._unreadable(str(error))

    def shape(self, data: Any) -> IntegrationError:
        """There is no list where the rows should be."""
        found = ", ".join(list(data)[:NAMES_SHOWN]) if isinstance(data, Mapping) else ""
        return IntegrationError(
            "qad_unexpected_shape",
            document=self._name,
            rows_at=self._spec.list_at or "the top",
            found=found or f"a {type(data).__name__}",
        )

    def row_fault(self, rows: Sequence[Any]) -> IntegrationError:
        """The first fault of rows that are known to have one."""
        return next(self._faults(rows), None) or self._unreadable("a value has another type")

    def _faults(self, rows: Sequence[Any]) -> Iterator[IntegrationError]:
        spec = self._spec
        for name in self._fields:
            wire = spec.map[name]
            if name in spec.needed and rows and all(is_absent(pick(row, wire)) for row in rows):
                yield self._missing(name, rows)
        for number, row in enumerate(rows, 1):
            for name in self._fields:
                fault = self._fault_of(name, number, pick(row, spec.map[name]))
                if fault is not None:
                    yield fault

    def _fault_of(self, name: str, number: int, value: Any) -> IntegrationError | None:
        spec, wire = self._spec, self._spec.map[name]
        where: dict[str, Any] = {
            "document": self._name, "page": self._page, "row": number, "wire": wire, "field": name
        }  # fmt: skip
        is_empty = is_absent(value) or value is None
        if name in spec.needed and name in spec.key and (is_empty or value == ""):
            return IntegrationError("qad_row_without_key", **where)
        if is_empty and kind_of(name) != "amount":
            return self._no_value(where) if name in spec.needed else None
        if typed(value, name, quoted=spec.amounts_as_text) is not WRONG:
            return None
        if kind_of(name) == "amount":
            return IntegrationError("qad_amount_is_text", given=_describe(value), **where)
        return self._unreadable(f"“{wire}” of row {number} has {_describe(value)}")

    def _no_value(self, where: Mapping[str, Any]) -> IntegrationError:
        return self._unreadable(f"“{where['wire']}” of row {where['row']} has no value")

    def _missing(self, name: str, rows: Sequence[Any]) -> IntegrationError:
        sent = sorted({key for row in rows[:50] if isinstance(row, Mapping) for key in row})
        wire = self._spec.map[name]
        near = difflib.get_close_matches(wire, sent, n=NAMES_SHOWN, cutoff=0.3)
        shown = [*near, *(key for key in sent if key not in near)][:NAMES_SHOWN]
        code = "qad_row_without_key" if not sent else "qad_field_missing"
        return IntegrationError(
            code, document=self._name, field=name, wire=wire, page=self._page, row=1,
            found=", ".join(shown),
        )  # fmt: skip

    def _unreadable(self, reason: str) -> IntegrationError:
        return IntegrationError(
            "qad_value_unreadable", document=self._name, page=self._page, reason=reason[:160]
        )


def amount_text(value: Any, *, quoted: bool) -> str | None:
    """The amount's own digits; None when the value is no number (or a quoted one not allowed)."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if quoted and isinstance(value, str):
        try:
            parsed = decode(value.strip().encode())
        except msgspec.DecodeError:
            return None
        return amount_text(parsed, quoted=False)
    return None


def _describe(value: Any) -> str:
    if is_absent(value):
        return "nothing"
    if value is None:
        return "null"
    if isinstance(value, Number | bool | int):
        return f"the number or truth {value}"
    if isinstance(value, str):
        return f"the text “{value[:40]}”"
    return "an object or a list"
