"""Turns columns of texts into keys and rows of values, in bulk where every text is good."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from operator import add

from simulators.anaplan.dimensions import UNKNOWN, Dimension
from simulators.anaplan.grid import JOINER, Grid
from simulators.anaplan.merging import merge
from simulators.anaplan.plans import ImportPlan, ValueColumn

NO_MEMBER = -(1 << 300)
AGGREGATE = -(1 << 299)
NUMBER = r"-?[0-9]++(?:\.[0-9]++)?+"
TEXT = r"[^\x1f\n]*+"
ONE_NUMBER = re.compile(NUMBER)

Columns = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class RowException:
    """A row that stands in the dump; `status` is "E" refused or "W" taken in part."""

    line: int
    status: str
    fields: Sequence[str]
    problems: tuple[tuple[str, str], ...]
    """Type of the detail and words, one pair for each problem of the row."""


class _Members(dict[str, int]):
    """Shares of a cell's key by the text of a member, found once for each text."""

    def __init__(self, dimension: Dimension, match: str, shift: int) -> None:
        super().__init__()
        self._dimension, self._match, self._shift = dimension, match, shift

    def __missing__(self, text: str) -> int:
        index = self._dimension.find(text, self._match)
        share = index << self._shift
        if index == UNKNOWN:
            share = NO_MEMBER
        elif index in self._dimension.parents:
            share = AGGREGATE
        self[text] = share
        return share


class RowTaker:
    """Collects the rows of one file.

    `keys` and `texts` go together, one joined text of all written slots for each row; `parts`
    are the rows in which some values were blank or bad and that leave those cells alone.
    """

    def __init__(self, plan: ImportPlan) -> None:
        plan.module.grid.make_room()
        shifts = plan.module.grid.shifts
        self._plan = plan
        self._caches = [_Members(c.dimension, c.match, shifts[c.number]) for c in plan.members]
        self._fixed = sum(index << shifts[number] for number, index in plan.fixed.items())
        self._values = sorted(
            (column for column in plan.values if column.item.slot >= 0),
            key=lambda column: column.item.slot,
        )
        self.slots = [column.item.slot for column in self._values]
        self._pattern = _pattern_of_rows(self._values)
        self._member_places: list[int] = []
        self._value_places: list[int] = []
        self.keys: list[int] = []
        self.texts: list[str] = []
        self.parts: list[tuple[int, list[str | None]]] = []
        self.exceptions: list[RowException] = []
        self.rows = 0
        self.ignored = 0

    @property
    def headers(self) -> list[str]:
        """The columns that the file must have."""
        return self._plan.headers

    def bind(self, header: Sequence[str]) -> None:
        """Say which columns the file has."""
        self._member_places = [header.index(column.header) for column in self._plan.members]
        self._value_places = [header.index(column.header) for column in self._values]

    def refuse(self, line: int, fields: Sequence[str], kind: str, words: str) -> None:
        """Count a row that is not even a row."""
        self.rows += 1
        self.exceptions.append(RowException(line, "E", fields, ((kind, words),)))

    def take(self, columns: Columns, lines: Sequence[int]) -> None:
        """Take rows given as columns; `lines` are their line numbers in the file."""
        self.rows += len(lines)
        if not self.slots:
            self.ignored += len(lines)
            return
        keys = self._keys_of(columns, len(lines))
        texts = self._texts_of(columns)
        if min(keys) >= 0 and self._pattern.fullmatch("\n".join(texts) + "\n"):
            self.keys += keys
            self.texts += texts
            return
        for number, line in enumerate(lines):
            fields = [column[number].lstrip("\n") for column in columns]
            self._take_one(fields, line, keys[number])

    def write(self) -> None:
        """Put the rows into the cells; rows that hit the same cell are added up."""
        merge(
            self.grid,
            self.slots,
            self.keys,
            self.texts,
            self.parts,
            first_text_wins=self._plan.first_text_wins,
        )

    @property
    def grid(self) -> Grid:
        """The cells that the rows go to."""
        return self._plan.module.grid

    def written(self) -> list[int]:
        """The keys of all rows that were taken."""
        return [*self.keys, *(key for key, _ in self.parts)]

    def _keys_of(self, columns: Columns, count: int) -> list[int]:
        keys: list[int] = [] if self._caches else [0] * count
        for cache, place in zip(self._caches, self._member_places, strict=True):
            shares = map(cache.__getitem__, columns[place])
            keys = list(map(add, keys, shares)) if keys else list(shares)
        return [key + self._fixed for key in keys] if self._fixed else keys

    def _texts_of(self, columns: Columns) -> list[str]:
        picked = [columns[place] for place in self._value_places]
        if 0 in self._value_places:
            first = self._value_places.index(0)
            picked[first] = [text.lstrip("\n") for text in picked[first]]
        if self._plan.decimal_separator != ".":
            point = self._plan.decimal_separator
            picked = [[text.replace(point, ".") for text in column] for column in picked]
        if len(picked) == 1:
            return list(picked[0])
        return list(map(JOINER.join, zip(*picked, strict=True)))

    def _take_one(self, fields: list[str], line: int, key: int) -> None:
        """Judge one row of a block in which not everything was good."""
        shares = [
            cache[fields[place]]
            for cache, place in zip(self._caches, self._member_places, strict=True)
        ]
        problems = [
            (column.problem_kind, f"Invalid {column.header}: {fields[place]}")
            for column, place, share in zip(
                self._plan.members, self._member_places, shares, strict=True
            )
            if share == NO_MEMBER
        ]
        if AGGREGATE in shares or (problems and self._plan.ignores_unknown):
            self.ignored += 1
            return
        values, bad_numbers = self._read_values(fields)
        is_refused = bool(problems) or (bad_numbers and not self._plan.takes_bad_numbers)
        if problems or bad_numbers:
            status = "E" if is_refused else "W"
            self.exceptions.append(RowException(line, status, fields, (*problems, *bad_numbers)))
        is_dropped = is_refused or (bool(bad_numbers) and self._plan.drops_warned)
        if is_dropped or values.count(None) == len(values):
            return
        if None in values:
            self.parts.append((key, values))
        else:
            self.keys.append(key)
            self.texts.append(JOINER.join(text or "" for text in values))

    def _read_values(self, fields: list[str]) -> tuple[list[str | None], list[tuple[str, str]]]:
        """The texts of the written slots, None where the cell is left alone, and the problems."""
        values: list[str | None] = []
        problems: list[tuple[str, str]] = []
        for column, place in zip(self._values, self._value_places, strict=True):
            raw = fields[place]
            if column.item.format == "TEXT":
                values.append(raw.replace(JOINER, " ").replace("\n", " "))
                continue
            text = raw.strip().replace(self._plan.decimal_separator, ".").removeprefix("+")
            if ONE_NUMBER.fullmatch(text):
                values.append(text)
                continue
            values.append(None)
            if text:
                problems.append(("moduleImportNumberFormat", f"Invalid number: {raw}"))
        return values, problems


def _pattern_of_rows(values: Sequence[ValueColumn]) -> re.Pattern[str]:
    row = "\x1f".join(NUMBER if column.item.format == "NUMBER" else TEXT for column in values)
    return re.compile(f"(?:{row}\n)*+")
