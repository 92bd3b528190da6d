"""GL balances: read from the books or summed from postings, and raised by late journals."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from simulators.qad.amounts import Number, add, dump_text, from_json, is_number, net, to_json
from simulators.qad.books import Books
from simulators.qad.csvfiles import BooksError, iter_rows
from simulators.qad.shapes import BALANCES
from simulators.qad.spool import Group, Spool
from simulators.qad.tables import Table
from simulators.qad.units import Quoted, Unit, UnitReader, layer_type_of

REQUIRED = ("entity", "year_period", "gl_account", "debit", "credit")
OPTIONAL = {
    "sub_account": "",
    "cost_center": "",
    "project": "",
    "layer": "OFFICIAL",
    "currency": "",
    "layer_type": "",
    "debit_tc": "",
    "credit_tc": "",
    "net_sc": "",
}
KEY_FIELDS = (
    "glAccountCode",
    "subAccountCode",
    "costCenterCode",
    "projectCode",
    "layerCode",
    "currencyCode",
)
NO_OTHERS = ["", "", ""]
VARIANT_FIELDS = ("subAccountCode", "projectCode", "layerCode", "currencyCode", "layerType")

BalanceRow = tuple[int, tuple[str, ...]]


def read_balances(books: Books, spool: Spool, rows: Iterable[BalanceRow] | None = None) -> Table:
    """The table of balances from gl_balances.csv, or from `rows` in that file's column order.

    Raises BooksError for an unknown entity or period and for an amount that is no plain number.
    """
    path = books.folder / "gl_balances.csv"
    table = Table(BALANCES, spool)
    reader = UnitReader(books, table, path)
    for line, row in iter_rows(path, REQUIRED, OPTIONAL) if rows is None else rows:
        unit = reader.unit(line, row[0], row[1])
        reader.writer.added(_append(unit, row, path, line))
    for unit in reader.finish():
        unit.group.uniform |= alike(_variant_records(unit))
        unit.group.sorted_by = KEY_FIELDS if unit.is_ascending else ()
    table.put_in_order()
    return table


_CODES = Quoted()


def _append(unit: Unit, row: tuple[str, ...], path: Path, line: int) -> int:
    """Render one row into its unit; returns its length in bytes."""
    _, _, account, debit, credit, sub, center, project, layer, currency, kind, *others = row
    debit, credit = debit or "0", credit or "0"
    if not (is_number(debit) and is_number(credit)):
        raise BooksError(f"{path} line {line}: '{debit}' or '{credit}' is no plain number.")
    currency = currency or unit.entity.base_currency
    key = (account, sub, center, project, layer, currency)
    if key <= unit.last_key:
        unit.is_ascending = False
    unit.last_key = key
    variant = (sub, project, layer, currency, kind)
    middle = unit.middles.get(variant) or _new_middle(unit, variant)
    whole = net(debit, credit)
    if others == NO_OTHERS:
        debit_tc, credit_tc, net_sc = debit, credit, whole
    else:
        debit_tc, credit_tc, net_sc = _others(others, (debit, credit, whole), path, line)
    text = _CODES
    made = (
        f'{unit.head}{text[account]},"subAccountCode":{text[sub]},"costCenterCode":{text[center]}'
        f'{middle}"debitBC":{debit},"creditBC":{credit},"netBC":{whole},'
        f'"debitTC":{debit_tc},"creditTC":{credit_tc},"netSC":{net_sc}}}'
    ).encode()
    unit.pending.append(made)
    return len(made)


def _others(
    given: list[str], own: tuple[str, str, str], path: Path, line: int
) -> tuple[str, str, str]:
    """Transaction and statutory amounts; those of the base currency where the books have none."""
    for text in given:
        if text and not is_number(text):
            raise BooksError(f"{path} line {line}: '{text}' is no plain number.")
    return given[0] or own[0], given[1] or own[1], given[2] or own[2]


def _new_middle(unit: Unit, variant: tuple[str, ...]) -> str:
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
        "currencyCode": currency,
        "baseCurrencyCode": facts["baseCurrencyCode"],
        "statutoryCurrencyCode": facts["statutoryCurrencyCode"],
    }
    made = unit.middles[variant] = f",{dump_text(middle)[1:-1]},"
    return made


def alike(records: Iterable[Mapping[str, Any]]) -> dict[str, object]:
    """Those of the often equal fields that are equal in all balances of a unit."""
    seen: dict[str, set[object]] = {name: set() for name in VARIANT_FIELDS}
    for record in records:
        for name, values in seen.items():
            values.add(record[name])
    return {name: values.pop() for name, values in seen.items() if len(values) == 1}


def _variant_records(unit: Unit) -> Iterator[dict[str, Any]]:
    for (sub, _, _, _, _), middle in unit.middles.items():
        yield {"subAccountCode": sub, **from_json(f"{{{middle[1:-1]}}}".encode())}


def raise_balance(records: list[dict[str, Any]], line: Mapping[str, Any]) -> None:
    """Add a journal line (wire names of JournalEntryLines) to the balances of its unit.

    A balance that is not there yet is put before the first one with a greater key.
    """
    key = tuple(line[name] for name in KEY_FIELDS)
    keys = [tuple(record[name] for name in KEY_FIELDS) for record in records]
    if key in keys:
        _raise(records[keys.index(key)], line)
        return
    place = next((number for number, known in enumerate(keys) if known > key), len(keys))
    made = {name: line[name] for name in BALANCES.fields if name in line}
    made.update(dict.fromkeys(BALANCES.amounts, Number("0")))
    records.insert(place, {name: made[name] for name in BALANCES.fields})
    _raise(records[place], line)


def _raise(record: dict[str, Any], line: Mapping[str, Any]) -> None:
    for name in ("debitBC", "creditBC", "debitTC", "creditTC"):
        record[name] = Number(add(record[name], line[name]))
    record["netBC"] = Number(net(record["debitBC"], record["creditBC"]))
    record["netSC"] = Number(add(record["netSC"], net(line["debitSC"], line["creditSC"])))


def build_group(spool: Spool, facts: Mapping[str, Any], records: list[dict[str, Any]]) -> Group:
    """A group of rendered balances of one unit."""
    keys = [tuple(record[name] for name in KEY_FIELDS) for record in records]
    is_ascending = all(first < second for first, second in pairwise(keys))
    uniform = {name: value for name, value in facts.items() if name in BALANCES.fields}
    group = Group(spool, uniform | alike(records), KEY_FIELDS if is_ascending else ())
    group.append([to_json(record).encode() for record in records])
    return group
