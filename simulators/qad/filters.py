"""The filter and sort grammar of list calls: `filter=field,op,value,literal`, `sort=field,asc`."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

TEXT, INTEGER, AMOUNT, TRUTH = "text", "integer", "amount", "truth"
DATE, MOMENT = "date", "moment"
VALUE_TYPES = ("literal", "")
LENGTH_OF_DATE = 10


class NothingMatches(ValueError):
    """A filter that QAD answers with 200 and no rows instead of an error; the text says why."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition on a field, its value already turned into the field's kind."""

    field: str
    operation: str
    value: Any
    kind: str
    ignores_case: bool = False

    def holds(self, value: object) -> bool:
        """Whether a row with this value in the field is selected."""
        if self.operation in _ON_ABSENCE:
            return (value is None) == _ON_ABSENCE[self.operation]
        known = comparable(self.kind, value)
        if known is None:
            return self.operation == "ne"
        if self.ignores_case and isinstance(known, str):
            return _OPERATIONS[self.operation](known.lower(), self.value)
        return _OPERATIONS[self.operation](known, self.value)


def parse_filters(
    raw: Sequence[str],
    kinds: Mapping[str, str],
    names: Mapping[str, str],
    *,
    ignores_case: bool = False,
) -> tuple[Filter, ...]:
    """The conditions of all `filter` parameters, which must hold together.

    `names` leads from the names that the caller may use to those of the rows.
    Raises NothingMatches for a field, operator, type or value that the document does not know.
    """
    return tuple(_parse(text, kinds, names, ignores_case) for text in raw)


def _parse(
    text: str, kinds: Mapping[str, str], names: Mapping[str, str], ignores_case: bool
) -> Filter:
    parts = text.split(",")
    if len(parts) not in (3, 4) or (len(parts) == 4 and parts[3] not in VALUE_TYPES):
        raise NothingMatches(f"The filter '{text}' is not field,operator,value,literal.")
    asked, operation, value = parts[:3]
    name = names.get(asked)
    if name is None:
        raise NothingMatches(f"The field '{asked}' is unknown.")
    if operation in _ON_ABSENCE:
        return Filter(name, operation, None, kinds[name])
    if operation not in _OPERATIONS or (operation in _ON_TEXT and kinds[name] != TEXT):
        raise NothingMatches(f"The operator '{operation}' is unknown.")
    try:
        known = comparable(kinds[name], value)
    except (ValueError, InvalidOperation) as error:
        raise NothingMatches(f"'{value}' is no value of the field '{asked}'.") from error
    if isinstance(known, Decimal) and known.is_nan():
        raise NothingMatches(f"'{value}' is no value of the field '{asked}'.")
    if ignores_case and isinstance(known, str):
        known = known.lower()
    return Filter(name, operation, known, kinds[name], ignores_case)


def parse_sort(raw: Sequence[str], names: Mapping[str, str]) -> tuple[tuple[str, bool], ...]:
    """(field, descending) of each `sort` parameter; unknown fields are left out."""
    found = []
    for text in raw:
        name, _, direction = text.partition(",")
        if name in names:
            found.append((names[name], direction.lower() == "desc"))
    return tuple(found)


def comparable(kind: str, value: object) -> Any:
    """A value as it is compared: numbers as numbers, dates by ten characters, all else as text."""
    if value is None:
        return None
    text = str(value)
    if kind == INTEGER:
        return int(text)
    if kind == AMOUNT:
        return Decimal(text)
    if kind == TRUTH:
        return text.lower() == "true"
    return text[:LENGTH_OF_DATE] if kind == DATE else text


def _contains(value: object, part: object) -> bool:
    return str(part) in str(value)


def _starts(value: object, part: object) -> bool:
    return str(value).startswith(str(part))


def _ends(value: object, part: object) -> bool:
    return str(value).endswith(str(part))


_ON_ABSENCE = {"isNull": True, "isNotNull": False}
_ON_TEXT = ("contains", "startsWith", "endsWith")
_OPERATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
    "contains": _contains,
    "startsWith": _starts,
    "endsWith": _ends,
}
