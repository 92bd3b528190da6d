"""Changes of GL balances while the stand-in runs: journal lines added, groups made anew."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from simulators.qad.amounts import Number, add, net, to_json
from simulators.qad.shapes import BALANCES
from simulators.qad.spool import Group, Spool

KEY_FIELDS = (
    "glAccountCode",
    "subAccountCode",
    "costCenterCode",
    "projectCode",
    "layerCode",
    "currencyCode",
)
VARIANT_FIELDS = ("subAccountCode", "projectCode", "layerCode", "currencyCode", "layerType")


def alike(records: Iterable[Mapping[str, Any]]) -> dict[str, object]:
    """Those of the often equal fields that are equal in all balances of a unit."""
    seen: dict[str, set[object]] = {name: set() for name in VARIANT_FIELDS}
    for record in records:
        for name, values in seen.items():
            values.add(record[name])
    return {name: values.pop() for name, values in seen.items() if len(values) == 1}


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


def without_zeros(
    records: list[dict[str, Any]], lines: Sequence[tuple[Mapping[str, Any], str]]
) -> list[dict[str, Any]]:
    """The balances but those that the lines left without any amount."""
    touched = {
        (*(line[name] for name in KEY_FIELDS if name != "layerCode"), layer or line["layerType"])
        for line, layer in lines
    }
    order = [name for name in KEY_FIELDS if name != "layerCode"] + ["layerCode"]
    return [
        record
        for record in records
        if tuple(record[name] for name in order) not in touched
        or any(Decimal(record[name]) for name in BALANCES.amounts)
    ]


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
    group.append([to_json(record) for record in records])
    return group
