"""Reads of the proof: totals, the accounts of one unit, and the cells that differ."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, F, Value, When

from integrations.models import CellDifference, Run
from integrations.selectors.figures import (
    QUANTITY,
    Figures,
    figures_of,
    lines_of,
    rank,
    sums,
)

ACCOUNTS_A_PAGE = 100
CELLS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Account:
    """One account and currency of a unit; lines that are zero throughout are left out."""

    account: str
    currency: str
    is_mapped: bool
    lines: list[Figures]
    state: str


@dataclass(frozen=True, slots=True)
class AccountPage:
    """A stretch of a unit's accounts; `after` is where the next one begins, "" at the end."""

    accounts: list[Account]
    after: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One differing cell: its members in the order of the file's columns, and its figures."""

    members: list[str]
    row: CellDifference


def has_tie_out(run: Run) -> bool:
    """Tell whether the run has compared anything yet."""
    return bool(lines_of(run).exists())


def list_totals(run: Run) -> list[Figures]:
    """Return the sums per currency and measure; quantities stand apart and have no currency."""
    unit = Case(
        When(measure=QUANTITY, then=Value("")), default=F("currency"), output_field=CharField()
    )
    groups = lines_of(run).annotate(unit=unit).values("unit", "measure").annotate(**sums())
    found = [figures_of(group, group["unit"]) for group in groups]
    shown = [figures for figures in found if not figures.is_void]
    return sorted(shown, key=lambda f: (f.measure == QUANTITY, f.currency, rank(f.measure)))


def list_accounts(
    run: Run, *, entity: str, period: str, only_differing: bool = False, after: str = ""
) -> AccountPage:
    """Return the accounts of one unit by name, a page at a time."""
    lines = lines_of(run).filter(entity=entity, period=period)
    wanted = lines.filter(is_equal=False) if only_differing else lines
    names = wanted.values_list("account", flat=True).distinct().order_by("account")
    if after:
        names = names.filter(account__gt=after)
    found = list(names[: ACCOUNTS_A_PAGE + 1])
    shown = found[:ACCOUNTS_A_PAGE]
    groups = (
        lines.filter(account__in=shown)
        .values("account", "currency", "is_mapped", "measure")
        .annotate(**sums())
    )
    return AccountPage(_accounts(groups), shown[-1] if len(found) > len(shown) else "")


def _accounts(groups: Iterable[dict[str, Any]]) -> list[Account]:
    found: dict[tuple[str, str, bool], list[Figures]] = {}
    for group in groups:
        key = (group["account"], group["currency"], group["is_mapped"])
        found.setdefault(key, []).append(figures_of(group, group["currency"]))
    accounts = []
    for (account, currency, is_mapped), lines in sorted(found.items()):
        lines.sort(key=lambda figures: rank(figures.measure))
        shown = [figures for figures in lines if not figures.is_void] or lines[:1]
        accounts.append(Account(account, currency, is_mapped, shown, _worst(lines)))
    return accounts


def _worst(lines: list[Figures]) -> str:
    order = ("differs", "unread", "explained", "equal")
    return min((figures.state for figures in lines), key=order.index)


def list_differences(run: Run) -> list[Cell]:
    """Return the first differing cells, those that nothing explains before the others."""
    rows = CellDifference.objects.filter(organization_id=run.organization_id, run=run)
    ordered = rows.order_by("is_explained", "cell_key", "pk")[:CELLS_SHOWN]
    return [Cell(members_of(run, row.cell_key), row) for row in ordered]


def members_of(run: Run, cell_key: str) -> list[str]:
    """Return the member texts of a cell's key, as they stand in the file's columns."""
    separator = run.plan.get("separator") or ","
    return next(csv.reader([cell_key], delimiter=separator), [])
