"""Cells as look-ins show and change them: coordinates by name, values as exact text."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from simulators.anaplan.dimensions import UNKNOWN
from simulators.anaplan.grid import JOINER, LineItem
from simulators.anaplan.world import Module

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


class BadCell(ValueError):
    """A cell that is not there or a value that it cannot take; the text says which."""


@dataclass(frozen=True, slots=True)
class CellRow:
    """All line items at one coordinate."""

    key: int
    coordinates: dict[str, str]
    values: dict[str, str]


def select_rows(
    module: Module, wanted: Mapping[str, str], offset: int, limit: int
) -> tuple[list[CellRow], int]:
    """Some rows whose members are the wanted ones, by dimension name, and how many there are."""
    grid = module.grid
    indexes: dict[int, frozenset[int]] = {}
    for number, dimension in enumerate(grid.dimensions):
        if wanted.get(dimension.name):
            index = dimension.find(wanted[dimension.name])
            if index == UNKNOWN:
                raise BadCell(f"{dimension.name!r} has no member {wanted[dimension.name]!r}")
            indexes[number] = frozenset({index})
    if not indexes:
        every = grid.sorted_keys()
        end = None if limit < 0 else offset + limit
        return [_row(module, key) for key in every[offset:end]], len(every)
    keys = list(grid.select(indexes))
    end = None if limit < 0 else offset + limit
    return [_row(module, key) for key in islice(keys, offset, end)], len(keys)


def _row(module: Module, key: int) -> CellRow:
    return CellRow(key, describe(module, key), module.grid.values(key))


def describe(module: Module, key: int) -> dict[str, str]:
    """The members of a coordinate by dimension name: codes where they have one."""
    indexes = module.grid.coordinates(key)
    pairs = zip(module.dimensions, indexes, strict=True)
    return {dimension.name: dimension.label(index) for dimension, index in pairs}


def find_key(module: Module, coordinates: object) -> int:
    """The key of a coordinate given as members by dimension name; BadCell when it is none."""
    if not isinstance(coordinates, dict):
        raise BadCell("'coordinates' must be an object of members by dimension")
    indexes = []
    for dimension in module.dimensions:
        member = str(coordinates.get(dimension.name, ""))
        index = dimension.find(member)
        if index == UNKNOWN:
            raise BadCell(f"{dimension.name!r} has no member {member!r}")
        indexes.append(index)
    return module.grid.key(indexes)


def set_values(module: Module, key: int, values: Mapping[str, object]) -> None:
    """Write line items of one coordinate as somebody else would; BadCell on a bad value."""
    texts: dict[int, str] = {}
    for name, value in values.items():
        item = _find_item(module, name)
        text = str(value).strip()
        if item.format == "NUMBER" and not NUMBER.fullmatch(text):
            raise BadCell(f"{name!r} takes a plain number, not {text!r}")
        texts[item.slot] = text.replace(JOINER, " ")
    module.grid.write(key, texts)


def swap(module: Module, keys: tuple[int, int], names: list[str]) -> None:
    """Exchange the values of two coordinates, for some line items or for all."""
    items = [_find_item(module, name) for name in names] or list(module.grid.stored)
    first, second = (module.grid.values(key) for key in keys)
    module.grid.write(keys[0], {item.slot: second[item.name] for item in items})
    module.grid.write(keys[1], {item.slot: first[item.name] for item in items})


def _find_item(module: Module, name: str) -> LineItem:
    for item in module.grid.stored:
        if name in (item.id, item.name):
            return item
    raise BadCell(f"The module has no line item {name!r} that can be written")


def iter_json_rows(rows: list[CellRow]) -> Iterator[dict[str, Any]]:
    """Rows as the look-in gives them."""
    for row in rows:
        yield {"coordinates": row.coordinates, "values": row.values}
