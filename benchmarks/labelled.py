"""Codes whose right member is known: lists written by hand in two halves, and AdventureWorks.

Suggestions were made to fit the half `tuned`; nothing was changed for the half `held_out`.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.stand_ins import CHECKOUT
from integrations.pipeline.suggestions import Code, Member

DATA = Path(__file__).parent / "data"
ADVENTUREWORKS = CHECKOUT / "simulators" / "data" / "adventureworks"
REAL = {
    "gl_account": ("accounts.csv", "list_accounts.csv"),
    "cost_center": ("cost_centers.csv", "list_cost_centers.csv"),
    "entity": ("entities.csv", "list_entities.csv"),
}
"""The books and the list of a dimension."""
TAKEN_OUT = 5


class Labelled(NamedTuple):
    """The codes and members of one dimension; `right` is the member per code, blank for none."""

    half: str
    codes: list[Code]
    members: list[Member]
    known: dict[str, str]
    right: dict[str, str]


def iter_labelled() -> Iterator[Labelled]:
    """Yield every list, each with the half that it is part of."""
    yield from _iter_written()
    for dimension in REAL:
        yield _real(dimension, has_codes=True)
        yield _real(dimension, has_codes=False)


def _iter_written() -> Iterator[Labelled]:
    members: dict[str, list[Member]] = defaultdict(list)
    for row in _rows(DATA / "suggestion_members.csv"):
        members[row["list"]].append(Member(row["text"], row["code"], row["name"], row["parent"]))
    rows: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in _rows(DATA / "suggestion_codes.csv"):
        rows[row["half"], row["list"]].append(row)
    for (half, name), found in rows.items():
        yield Labelled(
            half,
            [Code(row["code"], row["name"], row["parent"]) for row in found],
            members[name],
            {row["code"]: row["member"] for row in found if row["known"]},
            {row["code"]: row["member"] for row in found if not row["known"]},
        )


def _real(dimension: str, *, has_codes: bool) -> Labelled:
    """Return a dimension of AdventureWorks, every fifth member taken out of the list.

    Without codes, the file carries names, and only those can be compared.
    """
    books, list_name = REAL[dimension]
    rows = _rows(ADVENTUREWORKS / "books" / books)
    codes = [Code(row[dimension], row["description"]) for row in rows]
    items = _rows(ADVENTUREWORKS / list_name)
    kept = [item for place, item in enumerate(items, 1) if place % TAKEN_OUT]
    members = [
        Member(item["code"] if has_codes else item["name"], item["code"] * has_codes, item["name"])
        for item in kept
    ]
    texts = {item["code"]: member.text for item, member in zip(kept, members, strict=True)}
    right = {
        row["code"]: texts.get(row["member"], "")
        for row in _rows(ADVENTUREWORKS / "mapping.csv")
        if row["dimension"] == dimension
    }
    half = f"AdventureWorks, {'codes and names' if has_codes else 'names alone'}"
    return Labelled(half, codes, members, {}, right)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
