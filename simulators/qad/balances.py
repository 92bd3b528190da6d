"""GL balances: read from the books or summed from postings, rendered run by run."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from operator import lt
from pathlib import Path
from typing import Any

from simulators.qad.amounts import ZEROS, are_numbers, dump_text, from_json, is_number, net
from simulators.qad.balance_changes import KEY_FIELDS, alike
from simulators.qad.books import Books
from simulators.qad.csvfiles import BooksError, Columns, iter_columns
from simulators.qad.shapes import BALANCES
from simulators.qad.spool import Spool
from simulators.qad.tables import Table
from simulators.qad.units import Quoted, Unit, UnitReader, layer_type_of

REQUIRED = ("entity", "year_period", "gl_account", "debit", "credit")
OPTIONAL = {
    "cost_center": "",
    "sub_account": "",
    "project": "",
    "layer": "OFFICIAL",
    "currency": "",
    "layer_type": "",
    "debit_tc": "",
    "credit_tc": "",
    "net_sc": "",
}
COLUMNS = (*REQUIRED, *OPTIONAL)
MARKS = ("entity", "year_period", "sub_account", "project", "layer", "currency", "layer_type")
AMOUNT_COLUMNS = ("debit", "credit", "debit_tc", "credit_tc", "net_sc")
LINES_AT_ONCE = 4_096

Mark = tuple[str, ...]
_CODES = Quoted()


def read_balances(books: Books, spool: Spool, rows: Iterable[Columns] | None = None) -> Table:
    """The table of balances from gl_balances.csv, or from `rows` with the columns of that file.

    Raises BooksError for an unknown entity or period and for an amount that is no plain number.
    """
    path = books.folder / "gl_balances.csv"
    table = Table(BALANCES, spool)
    reader = UnitReader(books, table, path)
    if rows is None:
        rows = iter_columns(path, REQUIRED, OPTIONAL, LINES_AT_ONCE)
    for columns in rows:
        _check_amounts(columns, path)
        for mark, run in _runs(columns):
            unit = reader.unit(columns.first_line + run.start, mark[0], mark[1])
            _append(unit, mark[2:], columns, run)
            reader.writer.added(len(run))
    for unit in reader.finish():
        for _, _, layer, _, kind in unit.middles:
            books.layers.setdefault(layer or "OFFICIAL", kind or layer_type_of(layer))
        unit.group.uniform |= alike(_variant_records(unit))
        unit.group.sorted_by = KEY_FIELDS if unit.is_ascending else ()
    table.put_in_order()
    return table


def _check_amounts(columns: Columns, path: Path) -> None:
    """Every amount is empty or a JSON number; BooksError names the first line with another."""
    for name in AMOUNT_COLUMNS:
        texts = columns.values[name]
        if not any(texts) or are_numbers(texts):
            continue
        wrong = next(text for text in texts if text and not is_number(text))
        line = columns.first_line + texts.index(wrong)
        raise BooksError(f"{path} line {line}: the {name} '{wrong}' is no plain number.")


def _runs(columns: Columns) -> Iterator[tuple[Mark, range]]:
    """Neighbouring rows that differ in account, cost center and amounts only."""
    marks = [columns.values[name] for name in MARKS]
    if all(column.count(column[0]) == len(column) for column in marks):
        yield tuple(column[0] for column in marks), range(len(marks[0]))
        return
    start = 0
    for mark, same in groupby(zip(*marks, strict=True)):
        stop = start + sum(1 for _ in same)
        yield mark, range(start, stop)
        start = stop


def _append(unit: Unit, variant: Mark, columns: Columns, run: range) -> None:
    """Render a run of rows into its unit."""
    middle = unit.middles.get(variant) or _new_middle(unit, variant)
    account, debit, credit, center, debit_tc, credit_tc, net_sc = (
        columns.values[name][run.start : run.stop]
        for name in ("gl_account", "debit", "credit", "cost_center", *AMOUNT_COLUMNS[2:])
    )
    _watch_order(unit, variant, list(zip(account, center, strict=True)))
    debit, credit = [text or "0" for text in debit], [text or "0" for text in credit]
    whole = [
        first
        if second in ZEROS
        else f"-{second}"
        if first in ZEROS and second[0] != "-"
        else net(first, second)
        for first, second in zip(debit, credit, strict=True)
    ]
    debit_tc, credit_tc = _filled(debit_tc, debit), _filled(credit_tc, credit)
    net_sc = _filled(net_sc, whole)
    text, head = _CODES, unit.head
    between = f',"subAccountCode":{text[variant[0]]},"costCenterCode":'
    unit.pending.extend(
        [
            f'{head}{text[a]}{between}{text[c]}{middle}"debitBC":{d},"creditBC":{k},"netBC":{n},'
            f'"debitTC":{dt},"creditTC":{kt},"netSC":{ns}}}'
            for a, c, d, k, n, dt, kt, ns in zip(
                account, center, debit, credit, whole, debit_tc, credit_tc, net_sc, strict=True
            )
        ]
    )


def _filled(given: Sequence[str], own: Sequence[str]) -> Sequence[str]:
    """Amounts in another currency; those of the base currency where the books have none."""
    if not any(given):
        return own
    return [text or same for text, same in zip(given, own, strict=True)]


def _watch_order(unit: Unit, variant: Mark, pairs: list[tuple[str, str]]) -> None:
    """Note when the rows of a unit do not ascend by their key (the fields of KEY_FIELDS)."""
    sub, project, layer, currency, _ = variant
    first, last = (
        (account, sub, center, project, layer, currency)
        for account, center in (pairs[0], pairs[-1])
    )
    is_ascending = first > unit.last_key and all(map(lt, pairs, islice(pairs, 1, None)))
    unit.is_ascending = unit.is_ascending and is_ascending
    unit.last_key = last


def _new_middle(unit: Unit, variant: Mark) -> str:
    """The JSON from projectCode up to the amounts; also makes the unit's head."""
    _, project, layer, currency, kind = variant
    facts = unit.facts()
    if not unit.head:
        start = {name: facts[name] for name in ("domainCode", "entityCode")}
        unit.head = dump_text(start)[:-1] + ',"glAccountCode":'
    middle = {
        "projectCode": project,
        "glCalendarYear": facts["glCalendarYear"],
        "glPeriod": facts["glPeriod"],
        "yearPeriod": facts["yearPeriod"],
        "periodType": facts["periodType"],
        "layerCode": layer or "OFFICIAL",
        "layerType": kind or layer_type_of(layer),
        "currencyCode": currency or facts["baseCurrencyCode"],
        "baseCurrencyCode": facts["baseCurrencyCode"],
        "statutoryCurrencyCode": facts["statutoryCurrencyCode"],
    }
    made = unit.middles[variant] = f",{dump_text(middle)[1:-1]},"
    return made


def _variant_records(unit: Unit) -> Iterator[dict[str, Any]]:
    for (sub, *_), middle in unit.middles.items():
        yield {"subAccountCode": sub, **from_json(f"{{{middle[1:-1]}}}".encode())}
