"""Units of the ledger, one entity and one period, and the start of every row of theirs."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulators.qad.amounts import dump_text
from simulators.qad.books import LAYER_TYPES, Books, Entity, Period
from simulators.qad.csvfiles import BooksError, year_period
from simulators.qad.spool import Group, GroupWriter
from simulators.qad.tables import Table

MIDNIGHT = "T00:00:00.000Z"


class Quoted(dict[str, str]):
    """Codes as JSON text, each made once."""

    def __missing__(self, text: str) -> str:
        """The JSON text of a code that was not asked for before."""
        made = self[text] = dump_text(text)
        return made


@dataclass(slots=True)
class Unit:
    """One entity and period while its rows are read.

    `head` is the JSON that all its rows begin with, `middles` the JSON in the middle of a row for
    each set of values of the fields that are often alike in all rows. `last_key` and
    `is_ascending` tell whether the rows came in the order of their key.
    """

    entity: Entity
    period: Period
    group: Group
    pending: list[str]
    head: str = ""
    middles: dict[tuple[str, ...], str] = field(default_factory=dict)
    last_key: tuple[str, ...] = ()
    is_ascending: bool = True

    def facts(self) -> dict[str, Any]:
        """The values that all its rows share, by wire name."""
        return unit_facts(self.entity, self.period)


def unit_facts(entity: Entity, period: Period) -> dict[str, Any]:
    """The values, by wire name, that all rows of an entity and period share in any document."""
    year, number = divmod(period.year_period, 100)
    return {
        "domainCode": entity.domain,
        "entityCode": entity.code,
        "glCalendarYear": year,
        "glPeriod": number,
        "postingYear": year,
        "postingPeriod": number,
        "yearPeriod": period.year_period,
        "periodType": period.period_type,
        "baseCurrencyCode": entity.base_currency,
        "statutoryCurrencyCode": entity.statutory_currency,
    }


class UnitReader:
    """Finds the unit of a row of one file, checked against the entities and the calendar."""

    def __init__(self, books: Books, table: Table, path: Path) -> None:
        self._books = books
        self._table = table
        self._path = path
        self._found: dict[tuple[str, str], Unit] = {}
        self.writer = GroupWriter()

    def unit(self, line: int, entity: str, period: str) -> Unit:
        """The unit of a row; BooksError when entity or period are not in the books."""
        key = (entity, period)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._new(line, entity, period)
        return found

    def finish(self) -> list[Unit]:
        """Write what is pending; returns all units that had rows."""
        self.writer.flush()
        for unit in self._found.values():
            unit.group.uniform = {
                name: value
                for name, value in unit.facts().items()
                if name in self._table.shape.fields
            }
        return list(self._found.values())

    def _new(self, line: int, code: str, text: str) -> Unit:
        number = year_period(self._path, line, text)
        entity = self._books.entities.get(code)
        period = self._books.periods.get((code, number))
        if entity is None:
            raise BooksError(f"{self._path} line {line}: entity '{code}' is not in entities.csv.")
        if period is None:
            raise BooksError(
                f"{self._path} line {line}: periods.csv has no period {number} of entity '{code}'."
            )
        group = self._table.group((code, number))
        return Unit(entity, period, group, self.writer.rows_of(group))


def layer_type_of(layer: str) -> str:
    """The type of a layer whose books do not say: its own name when that is a type."""
    return layer.upper() if layer.upper() in LAYER_TYPES else "OFFICIAL"
