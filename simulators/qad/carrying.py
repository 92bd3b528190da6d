"""Opening and closing balances: what was moved before, carried along from period to period."""

from collections.abc import Iterator

from simulators.qad.amounts import add, from_json
from simulators.qad.balance_changes import KEY_FIELDS
from simulators.qad.books import Books
from simulators.qad.filters import AMOUNT
from simulators.qad.shapes import BALANCES
from simulators.qad.spool import Group, Spool
from simulators.qad.tables import Shape, Table

OPENING, CLOSING = "openingBalanceBC", "closingBalanceBC"
CARRIED = Shape(
    name=BALANCES.name,
    path=BALANCES.path,
    scope=BALANCES.scope,
    fields={**BALANCES.fields, OPENING: AMOUNT, CLOSING: AMOUNT},
    key=BALANCES.key,
)
Running = dict[tuple[str, ...], str]


def carry(table: Table, books: Books, spool: Spool) -> Table:
    """The document of balances with an opening and a closing balance in every row.

    Accounts of the profit and loss begin each year with nothing. What has no row in a period in
    the document without these fields has none here.
    """
    carried = Table(CARRIED, spool)
    for entity in books.entities.values():
        kept_over_years = {
            item.code
            for item in books.accounts
            if item.is_balance_sheet and item.domain in ("", entity.domain)
        }
        running: Running = {}
        year = 0
        for period in books.periods_of(entity.code):
            if period.year_period // 100 != year:
                year = period.year_period // 100
                running = {key: text for key, text in running.items() if key[0] in kept_over_years}
            group = table.groups.get((entity.code, period.year_period))
            if group is not None:
                made = Group(spool, group.uniform, group.sorted_by)
                made.append(list(_rows(group, running)))
                carried.groups[entity.code, period.year_period] = made
    carried.put_in_order()
    return carried


def _rows(group: Group, running: Running) -> Iterator[str]:
    for raw in group.iter_rows():
        record = from_json(raw)
        key = tuple(record[name] for name in KEY_FIELDS)
        opening = running.get(key, "0")
        closing = running[key] = add(opening, record["netBC"])
        yield f'{raw[:-1].decode()},"{OPENING}":{opening},"{CLOSING}":{closing}}}'
