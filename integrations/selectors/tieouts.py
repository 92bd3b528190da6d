"""Reads of the proof: sums per place, totals, the accounts of one unit, differing cells."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from audit.catalogue import CATALOGUE, ErrorCode
from integrations.models import CellDifference, Run
from integrations.selectors.figures import (
    QUANTITY,
    Figures,
    add_up,
    figures_of,
    lines_of,
    rank,
    sums,
)

ACCOUNTS_A_PAGE = 100
CELLS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class PlaceSum:
    """The figures of one entity, period, currency and measure over all accounts."""

    entity: str
    period: str
    currency: str
    measure: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Total:
    """The figures of one currency and measure over the whole run."""

    currency: str
    measure: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Account:
    """One account and currency of a unit; lines that are zero throughout are left out."""

    account: str
    currency: str
    is_mapped: bool
    lines: list[Total]


@dataclass(frozen=True, slots=True)
class AccountPage:
    """A stretch of a unit's accounts, how many there are and how many of them differ.

    `after` is where the next stretch begins, "" at the end.
    """

    accounts: list[Account]
    after: str
    total: int
    differing: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One differing cell: its members in the order of the file's columns, and its figures.

    `entry` is what the cell shows by itself, in the catalogue's words.
    """

    members: list[str]
    row: CellDifference
    entry: ErrorCode | None


def sum_places(run: Run) -> list[PlaceSum]:
    """Add a run's lines up per entity, period, currency and measure, in one query."""
    rows = (
        lines_of(run)
        .values("entity", "period", "currency", "measure")
        .annotate(**sums())
        .order_by()
    )
    # Sorting a few sums here is cheaper than sorting all lines there.
    return sorted(
        (
            PlaceSum(row["entity"], row["period"], row["currency"], row["measure"], figures_of(row))
            for row in rows
        ),
        key=lambda place: (place.entity, place.period, place.currency, rank(place.measure)),
    )


def list_totals(places: Iterable[PlaceSum]) -> list[Total]:
    """Return the totals per currency and measure; quantities stand apart, without a currency."""
    found: dict[tuple[str, str], list[Figures]] = {}
    for place in places:
        currency = "" if place.measure == QUANTITY else place.currency
        found.setdefault((currency, place.measure), []).append(place.figures)
    totals = [
        Total(currency, measure, add_up(parts)) for (currency, measure), parts in found.items()
    ]
    shown = [total for total in totals if not total.figures.is_void]
    return sorted(shown, key=lambda t: (t.measure == QUANTITY, t.currency, rank(t.measure)))


def list_accounts(
    run: Run, *, entity: str, period: str, only_differing: bool = False, after: str = ""
) -> AccountPage:
    """Return the accounts of one unit by name, a page at a time."""
    lines = lines_of(run).filter(entity=entity, period=period)
    counts = lines.aggregate(
        total=Count("account", distinct=True),
        differing=Count("account", distinct=True, filter=Q(is_equal=False)),
    )
    wanted = lines.filter(is_equal=False) if only_differing else lines
    names = wanted.values_list("account", flat=True).distinct().order_by("account")
    if after:
        names = names.filter(account__gt=after)
    found = list(names[: ACCOUNTS_A_PAGE + 1])
    shown = found[:ACCOUNTS_A_PAGE]
    rows = (
        lines.filter(account__in=shown)
        .values("account", "currency", "is_mapped", "measure")
        .annotate(**sums())
    )
    more = shown[-1] if len(found) > len(shown) else ""
    return AccountPage(_accounts(rows), more, counts["total"], counts["differing"])


def _accounts(rows: Iterable[dict[str, Any]]) -> list[Account]:
    found: dict[tuple[str, str, bool], list[Total]] = {}
    for row in rows:
        key = (row["account"], row["currency"], row["is_mapped"])
        found.setdefault(key, []).append(Total(row["currency"], row["measure"], figures_of(row)))
    return [Account(*key, _shown(lines)) for key, lines in sorted(found.items())]


def _shown(lines: Sequence[Total]) -> list[Total]:
    ordered = sorted(lines, key=lambda line: rank(line.measure))
    return [line for line in ordered if not line.figures.is_void] or ordered[:1]


def list_differences(run: Run) -> list[Cell]:
    """Return the first differing cells, those that nothing explains before the others."""
    rows = CellDifference.objects.filter(organization_id=run.organization_id, run=run)
    ordered = rows.order_by("is_explained", "cell_key", "pk")[:CELLS_SHOWN]
    separator = run.plan.get("separator") or ","
    return [
        Cell(
            next(csv.reader([row.cell_key], delimiter=separator), []), row, CATALOGUE.get(row.code)
        )
        for row in ordered
    ]
