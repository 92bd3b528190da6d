"""A business document's rows in groups, and the selection of those that a list call asks for."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from simulators.qad.filters import AMOUNT, DATE, MOMENT, Filter, comparable
from simulators.qad.rawrows import read_field
from simulators.qad.spool import BETWEEN, Group, Spool

INSTANCE, DOMAIN, ENTITY = "instance", "domain", "entity"
KEPT_SELECTIONS = 16

Sort = tuple[tuple[str, bool], ...]
GroupKey = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a document is: where it lies, whose rows a workspace sees, its fields and its key."""

    name: str
    path: str
    scope: str
    fields: Mapping[str, str]
    key: tuple[str, ...]

    @property
    def amounts(self) -> tuple[str, ...]:
        """The fields that hold money."""
        return tuple(name for name, kind in self.fields.items() if kind == AMOUNT)

    @property
    def dates(self) -> tuple[str, ...]:
        """The fields that hold a date or a moment."""
        return tuple(name for name, kind in self.fields.items() if kind in (DATE, MOMENT))


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows of one list call: whole groups, or chosen rows of them in a given order."""

    groups: tuple[Group, ...]
    chosen: tuple[tuple[int, int], ...] | None = None

    @property
    def rows(self) -> int:
        """How many rows were selected."""
        if self.chosen is not None:
            return len(self.chosen)
        return sum(group.rows for group in self.groups)

    def read(self, first: int, count: int) -> bytes:
        """At most `count` rows from row `first` on (counted from 0), a line each."""
        if self.chosen is not None:
            return BETWEEN.join(
                self.groups[place].row(number)
                for place, number in self.chosen[first : first + count]
            )
        pieces = []
        for group in self.groups:
            if count <= 0:
                break
            if first < group.rows:
                taken = min(count, group.rows - first)
                pieces.append(group.read(first, taken))
                first, count = 0, count - taken
            else:
                first -= group.rows
        return BETWEEN.join(pieces)


NO_ROWS = Selection(())


@dataclass(slots=True)
class Table:
    """All rows of one document; groups are keyed by (domain or entity or "", year-period or 0)."""

    shape: Shape
    spool: Spool
    groups: dict[GroupKey, Group] = field(default_factory=dict)
    _kept: "OrderedDict[tuple[object, ...], Selection]" = field(default_factory=OrderedDict)

    def group(self, key: GroupKey) -> Group:
        """The group of a key, made when it is not there yet."""
        found = self.groups.get(key)
        if found is None:
            found = self.groups[key] = Group(self.spool)
        return found

    def replace(self, key: GroupKey, group: Group) -> None:
        """Put another group in a group's place; selections made before are forgotten."""
        is_new = key not in self.groups
        self.groups[key] = group
        if is_new:
            self.put_in_order()
        self._kept.clear()

    def put_in_order(self) -> None:
        """Order groups by their key, so that a list without filters is in a steady order."""
        self.groups = dict(sorted(self.groups.items()))

    def select(self, owner: str, filters: Sequence[Filter], sort: Sort) -> Selection:
        """The rows of a workspace's owner (domain, entity or "") under filters and a sort.

        Filters on fields that are alike in a whole group choose groups without reading a row.
        """
        groups: list[Group] = []
        left: list[list[Filter]] = []
        for (holder, _), group in self.groups.items():
            if holder not in (owner, ""):
                continue
            open_filters = [item for item in filters if item.field not in group.uniform]
            known = (item for item in filters if item.field in group.uniform)
            if all(item.holds(group.uniform[item.field]) for item in known) and group.rows:
                groups.append(group)
                left.append(open_filters)
        if not any(left) and _is_in_order(groups, sort):
            return Selection(tuple(groups))
        return self._chosen((owner, tuple(filters), sort), groups, left, sort)

    def _chosen(
        self,
        name: tuple[object, ...],
        groups: list[Group],
        left: list[list[Filter]],
        sort: Sort,
    ) -> Selection:
        """A selection row by row; the last ones are kept, because pages follow each other."""
        if name in self._kept:
            self._kept.move_to_end(name)
            return self._kept[name]
        found: list[tuple[tuple[int, int], dict[str, object]]] = []
        for place, group in enumerate(groups):
            first = 0
            for rows in group.iter_blocks():
                held = _held(rows, left[place])
                values = [(field, read_field(rows, field)) for field, _ in sort]
                found += [
                    ((place, first + number), {field: column[number] for field, column in values})
                    for number, holds in enumerate(held)
                    if holds
                ]
                first += len(held)
        for name_of_field, is_descending in reversed(sort):
            order = partial(_order, name_of_field, self.shape.fields[name_of_field])
            found.sort(key=order, reverse=is_descending)
        selection = Selection(tuple(groups), tuple(where for where, _ in found))
        self._kept[name] = selection
        if len(self._kept) > KEPT_SELECTIONS:
            self._kept.popitem(last=False)
        return selection


def _held(rows: bytes, filters: Sequence[Filter]) -> list[bool]:
    """Whether each row is selected; a filter looks once at each value that a field has."""
    held = [True] * (rows.count(BETWEEN) + 1)
    for item in filters:
        values = read_field(rows, item.field)
        verdicts = {value: item.holds(value) for value in set(values)}
        held = [known and verdicts[value] for known, value in zip(held, values, strict=True)]
    return held


def _order(
    name: str, kind: str, item: tuple[tuple[int, int], dict[str, object]]
) -> tuple[bool, object]:
    """Where a row stands in a sort by one field; rows without a value come last."""
    known = comparable(kind, item[1][name])
    return (known is None, known if known is not None else 0)


def _is_in_order(groups: Sequence[Group], sort: Sort) -> bool:
    """Whether the groups, read one after the other, already ascend as a sort asks."""
    if not sort or not groups:
        return True
    if len(groups) > 1 or any(descending for _, descending in sort):
        return False
    uniform = groups[0].uniform
    asked = [name for name, _ in sort if name not in uniform]
    ascending = [name for name in groups[0].sorted_by if name not in uniform]
    return asked == ascending[: len(asked)]
