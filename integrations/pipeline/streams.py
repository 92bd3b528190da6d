"""The catalogue of data sets: which document feeds which dimensions and measures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from types import MappingProxyType
from typing import Any

Values = tuple[str, ...]
"""Amounts of one cell as exact decimal text, in the order of the layout's measures."""

Cell = tuple[str, Values, int]
"""One target cell: its key (see `Layout`), its amounts, and how many source rows fell on it."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """One kind of rows that QAD gives and Anaplan takes.

    `dimensions` place a row in the target and `measures` are its amounts, both by canonical
    field name. `required` are the dimensions without which rows of different meaning would be
    added up; a file carries at least one of the sets in `enough_measures`; codes of `unmixed`
    dimensions never fall on one cell. Rows of statistical accounts give their net as
    `statistical_measure`, which no row of QAD has. `key` makes a source row unique inside QAD.
    `row_fields` names the row's field where it is not called like the dimension; dimensions in
    `unit_dimensions` are given once for the whole unit.
    """

    name: str
    document: str
    dimensions: tuple[str, ...]
    measures: tuple[str, ...]
    key: tuple[str, ...]
    required: tuple[str, ...]
    enough_measures: tuple[frozenset[str], ...]
    statistical_measure: str = ""
    unmixed: tuple[str, ...] = ()
    unit_dimensions: tuple[str, ...] = ("entity", "period")
    row_fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def row_field(self, dimension: str) -> str:
        """Return the field of a source row that holds the code of a dimension."""
        return self.row_fields.get(dimension, dimension)

    def row_key(self, row: Any) -> str:
        """Return a source row's key as one readable text: its fields joined by "|".

        A "|" or a backslash inside a field is written after a backslash, so that two
        different keys never give one text.
        """
        return "|".join(map(_escaped, attrgetter(*self.key)(row)))

    def key_fields(self, row_key: str) -> tuple[str, ...]:
        """Return the fields of a text made by `row_key`."""
        fields, current, characters = [], "", iter(row_key)
        for character in characters:
            if character == "|":
                fields.append(current)
                current = ""
            else:
                current += next(characters) if character == "\\" else character
        return (*fields, current)


def _escaped(code: object) -> str:
    text = str(code)
    if "|" in text or "\\" in text:
        return text.replace("\\", "\\\\").replace("|", "\\|")
    return text


GL_BALANCES = DataSet(
    name="gl_balances",
    document="gl_balance",
    dimensions=("entity", "gl_account", "cost_center", "period", "currency"),
    measures=("debit", "credit", "net", "quantity"),
    key=(
        "entity",
        "gl_account",
        "sub_account",
        "cost_center",
        "project",
        "year_period",
        "layer",
        "currency",
    ),
    required=("entity", "gl_account", "period"),
    enough_measures=(frozenset({"net"}), frozenset({"debit", "credit"})),
    statistical_measure="quantity",
    unmixed=("currency",),
    # The amounts of a balance are in base currency, whatever currency was transacted in.
    row_fields=MappingProxyType({"currency": "base_currency", "period": "year_period"}),
)

DATA_SETS: dict[str, DataSet] = {GL_BALANCES.name: GL_BALANCES}

# Written out, since an attribute with a fixed name is read three times as fast as by name.
_COLUMNS: dict[str, Callable[[Sequence[Any]], list[Any]]] = {
    "entity": lambda rows: [row.entity for row in rows],
    "gl_account": lambda rows: [row.gl_account for row in rows],
    "cost_center": lambda rows: [row.cost_center for row in rows],
    "project": lambda rows: [row.project for row in rows],
    "year_period": lambda rows: [row.year_period for row in rows],
    "currency": lambda rows: [row.currency for row in rows],
    "base_currency": lambda rows: [row.base_currency for row in rows],
    "debit": lambda rows: [row.debit for row in rows],
    "credit": lambda rows: [row.credit for row in rows],
    "net": lambda rows: [row.net for row in rows],
}


def read_column(rows: Sequence[Any], field_name: str) -> list[Any]:
    """Return one field of many rows."""
    read = _COLUMNS.get(field_name)
    return read(rows) if read else list(map(attrgetter(field_name), rows))
