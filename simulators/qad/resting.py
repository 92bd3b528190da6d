"""Balances that did not move: rows of nothing in the periods in which an account rested."""

from typing import Any

from simulators.qad.amounts import Number, from_json
from simulators.qad.balance_changes import KEY_FIELDS, build_group
from simulators.qad.books import Books
from simulators.qad.shapes import BALANCES
from simulators.qad.spool import Spool
from simulators.qad.tables import Table
from simulators.qad.units import unit_facts

ZEROS = dict.fromkeys(BALANCES.amounts, Number("0"))

Record = dict[str, Any]


def with_resting(table: Table, books: Books, spool: Spool) -> Table:
    """The document of balances in which what moved once has a row in every later period."""
    shown = Table(table.shape, spool)
    for entity in books.entities.values():
        known: dict[tuple[str, ...], Record] = {}
        for period in books.periods_of(entity.code):
            key = (entity.code, period.year_period)
            facts = unit_facts(entity, period)
            group = table.groups.get(key)
            moved = {} if group is None else {_key(r): r for r in map(from_json, group.iter_rows())}
            own = {name: value for name, value in facts.items() if name in BALANCES.fields}
            rested = [r | own | ZEROS for place, r in known.items() if place not in moved]
            known |= moved
            shown.groups[key] = build_group(spool, facts, [*moved.values(), *rested])
    shown.put_in_order()
    return shown


def _key(record: Record) -> tuple[str, ...]:
    return tuple(record[name] for name in KEY_FIELDS)
