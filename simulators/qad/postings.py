"""GL postings: read from postings.csv column by column, and summed to balances where needed."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from itertools import groupby
from pathlib import Path

from simulators.qad.amounts import are_numbers, dump_text, is_number, net, total
from simulators.qad.balances import LINES_AT_ONCE
from simulators.qad.books import Books
from simulators.qad.csvfiles import BooksError, Columns, iter_columns, truth
from simulators.qad.shapes import POSTINGS
from simulators.qad.spool import Spool
from simulators.qad.tables import Table
from simulators.qad.units import MIDNIGHT, Quoted, Unit, UnitReader, layer_type_of

REQUIRED = (
    "entity",
    "year_period",
    "daybook",
    "voucher",
    "line",
    "posting_date",
    "gl_account",
    "debit",
    "credit",
)
OPTIONAL = {
    "sub_account": "",
    "cost_center": "",
    "project": "",
    "layer": "OFFICIAL",
    "currency": "",
    "description": "",
    "layer_type": "",
    "debit_tc": "",
    "credit_tc": "",
    "debit_sc": "",
    "credit_sc": "",
    "system_date": "",
    "last_modified": "",
    "is_reversing": "false",
    "is_replacement": "false",
    "originator_reference": "",
    "is_auto_reversal": "false",
    "source_reference": "",
}
COLUMNS = (*REQUIRED, *OPTIONAL)
NUMBERS = ("voucher", "line")
TRUTHS = ("is_reversing", "is_replacement", "is_auto_reversal")
CODES = ("daybook", "gl_account", "sub_account", "cost_center", "project", "currency")
TEXTS = ("description", "originator_reference", "source_reference")
KEY_COLUMNS = (
    *("entity", "year_period", "gl_account", "sub_account", "cost_center", "project"),
    *("layer", "layer_type", "currency"),
)
SUMMED = ("debit", "credit", "debit_tc", "credit_tc", "debit_sc", "credit_sc")
AMOUNTS = ("debit_tc", "credit_tc", "debit", "credit", "debit_sc", "credit_sc")

Values = Mapping[str, Sequence[str]]
_CODES = Quoted()


class Sums:
    """Debit and credit per balance, summed while postings are read."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, ...], list[Decimal]] = {}

    def add(self, values: Values) -> None:
        """Add posting lines, column by column, their amounts filled in."""
        keys = zip(*(values[name] for name in KEY_COLUMNS), strict=True)
        amounts = zip(*(values[name] for name in SUMMED), strict=True)
        for key, own in zip(keys, amounts, strict=True):
            known = self._found.get(key)
            self._found[key] = (
                [Decimal(text) for text in own]
                if known is None
                else [total(first, text) for first, text in zip(known, own, strict=True)]
            )

    def columns(self) -> Iterator[Columns]:
        """The balances with the columns of gl_balances.csv, sorted by their key."""
        found = sorted(self._found.items(), key=lambda item: item[0])
        for start in range(0, len(found), LINES_AT_ONCE):
            rows = [
                (*key, *(format(amount, "f") for amount in amounts[:4]), _net(*amounts[4:]))
                for key, amounts in found[start : start + LINES_AT_ONCE]
            ]
            names = (*KEY_COLUMNS, *SUMMED[:4], "net_sc")
            yield Columns(0, dict(zip(names, zip(*rows, strict=True), strict=True)))


def _net(debit: Decimal, credit: Decimal) -> str:
    return net(format(debit, "f"), format(credit, "f"))


def read_postings(books: Books, spool: Spool, sums: Sums | None = None) -> Table:
    """The table of posting lines; each line is also added to `sums`.

    Raises BooksError for an unknown entity or period and for an amount that is no plain number.
    """
    path = books.folder / "postings.csv"
    table = Table(POSTINGS, spool)
    reader = UnitReader(books, table, path)
    for columns in iter_columns(path, REQUIRED, OPTIONAL, LINES_AT_ONCE):
        _check(columns, path)
        start = 0
        values = columns.values
        for (entity, period), same in groupby(
            zip(values["entity"], values["year_period"], strict=True)
        ):
            stop = start + sum(1 for _ in same)
            unit = reader.unit(columns.first_line + start, entity, period)
            part = _filled({name: column[start:stop] for name, column in values.items()}, unit)
            unit.pending.extend(_render(unit, part))
            reader.writer.added(stop - start)
            if sums is not None:
                sums.add(part)
            start = stop
    reader.finish()
    table.put_in_order()
    return table


def _check(columns: Columns, path: Path) -> None:
    """Numbers, truths and amounts are what they say; BooksError names the first that is not."""
    for name in (*NUMBERS, *TRUTHS, *AMOUNTS):
        texts = columns.values[name]
        if name in AMOUNTS and (not any(texts) or are_numbers(texts)):
            continue
        for line, text in enumerate(texts, columns.first_line):
            if name in NUMBERS and not text.isdecimal():
                raise BooksError(f"{path} line {line}: the {name} '{text}' is no whole number.")
            if name in TRUTHS and text not in ("true", "false"):
                truth(path, line, text)
            if name in AMOUNTS and text and not is_number(text):
                raise BooksError(f"{path} line {line}: '{text}' is no plain number.")


def _filled(values: Values, unit: Unit) -> dict[str, Sequence[str]]:
    """The columns with what the books leave out: currency and amounts as the base currency's."""
    found = dict(values)
    found["currency"] = [text or unit.entity.base_currency for text in values["currency"]]
    for side in ("debit", "credit"):
        own = found[side] = [text or "0" for text in values[side]]
        for ending in ("tc", "sc"):
            given = values[f"{side}_{ending}"]
            found[f"{side}_{ending}"] = (
                [text or same for text, same in zip(given, own, strict=True)] if any(given) else own
            )
    return found


def _render(unit: Unit, values: Values) -> list[str]:
    """The lines of one unit as JSON, by the order of the document's fields."""
    daybook, *codes = (map(_CODES.__getitem__, values[name]) for name in CODES)
    kinds = map(_layer_type, values["layer"], values["layer_type"])
    texts = [map(dump_text, values[name]) for name in TEXTS]
    numbers = [map(int, values[name]) for name in NUMBERS]
    amounts = [values[name] for name in AMOUNTS]
    dates = values["posting_date"]
    systems = [own or date for own, date in zip(values["system_date"], dates, strict=True)]
    changes = [own or date for own, date in zip(values["last_modified"], systems, strict=True)]
    moments = [map(_moment, column) for column in (dates, systems, changes)]
    truths = [map(str.lower, map(str.strip, values[name])) for name in TRUTHS]
    line = _template(unit)
    columns = (daybook, kinds, *codes, *texts, *numbers, *amounts, *moments, *truths)
    return [line % row for row in zip(*columns, strict=True)]


def _template(unit: Unit) -> str:
    """A line of a unit, with a gap for each value that is not the same in all of them."""
    facts = unit.facts()
    parts = [
        f"{dump_text(name)}:"
        + (dump_text(facts[name]).replace("%", "%%") if name in facts else "%s")
        for name in POSTINGS.fields
    ]
    return f"{{{','.join(parts)}}}"


@cache
def _layer_type(layer: str, kind: str) -> str:
    return dump_text(kind or layer_type_of(layer))


def _moment(text: str) -> str:
    """A date or time stamp as QAD writes it."""
    return dump_text(text if "T" in text else text + MIDNIGHT)
