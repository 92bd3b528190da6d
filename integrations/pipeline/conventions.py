"""The conventions of a sync: sign, currency, names of periods, and which rows are part of it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from integrations.pipeline.period_names import write_period
from integrations.pipeline.streams import CurrencyKind, DataSet
from integrations.transport.errors import IntegrationError

Sign = Literal["as_posted", "income_positive", "natural"]
_Word = Annotated[str, Meta(min_length=1, max_length=80)]
PERIOD_MARKS = ("{Mon}", "{mm}", "{m}", "{yyyy}", "{yy}", "{period}")


class Conventions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a sync reads the books.

    `sign` is that of the net: debit less credit `as_posted`; with `income_positive` credit
    accounts of the profit and loss are turned, with `natural` all credit accounts. Debit and
    credit columns are never turned. `period_name` writes a year-period where no mapping names
    it, such as "{Mon} {yy}". `period_types` are the kinds of periods that are read, `layers`
    the types of layers, and `left_out` per field the values whose rows are no part of the sync;
    None stands for what the data set says by itself. `member_code` and `member_name` write the
    members of a list: a code that the mapping knows keeps its mapped member.
    """

    sign: Sign = "as_posted"
    currency: CurrencyKind = "base"
    period_name: Annotated[str, Meta(max_length=40)] = ""
    period_types: tuple[_Word, ...] = ("NORMAL", "CORRECTION")
    layers: tuple[_Word, ...] = ("OFFICIAL",)
    left_out: dict[_Word, tuple[_Word, ...]] | None = None
    member_code: Annotated[str, Meta(max_length=60)] = "{code}"
    member_name: Annotated[str, Meta(max_length=60)] = "{name}"

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> "Conventions":
        """Return the checked conventions; conventions_invalid with the place and the reason."""
        try:
            found = msgspec.convert(data, cls)
        except msgspec.ValidationError as error:
            reason, _, place = str(error).partition(" - at ")
            raise _invalid(place.strip("`$. ") or "conventions", reason) from None
        if found.period_name:
            _check_pattern(found.period_name)
        if "{code}" not in found.member_code:
            raise _invalid("member_code", "all members would have one code: it needs {code}")
        if "{code}" not in found.member_name and "{name}" not in found.member_name:
            raise _invalid("member_name", "it needs {name} or {code}")
        if not found.period_types or not found.layers:
            raise _invalid("period_types" if found.layers else "layers", "nothing would be read")
        return found

    def left_out_of(self, data_set: DataSet) -> dict[str, frozenset[str]]:
        """Return per field of a source row the values that leave it out."""
        wanted = data_set.left_out if self.left_out is None else self.left_out
        return {field: frozenset(values) for field, values in wanted.items() if values}

    @property
    def asks_all_layers(self) -> bool:
        """Whether QAD is asked for more than the official layer, and rows are chosen here."""
        return {layer.upper() for layer in self.layers} != {"OFFICIAL"}

    def name_period(self, year_period: int) -> str:
        """Write a year-period as the pattern says; "" without a pattern or without a month."""
        return write_period(self.period_name, year_period)


def _check_pattern(pattern: str) -> None:
    left = pattern
    for mark in PERIOD_MARKS:
        left = left.replace(mark, "")
    if "{" in left or "}" in left:
        raise _invalid("period_name", f"it may hold {', '.join(PERIOD_MARKS)} and no other braces")
    has_period = any(mark in pattern for mark in ("{Mon}", "{mm}", "{m}", "{period}"))
    if not has_period or not ("{yy}" in pattern or "{yyyy}" in pattern):
        raise _invalid("period_name", "two periods would have one name: it needs period and year")


def _invalid(place: str, reason: str) -> IntegrationError:
    return IntegrationError("conventions_invalid", place=place, reason=reason)
