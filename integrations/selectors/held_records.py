"""Open records that wait for a member: for which code, in which domain and period, by which run."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Count

from accounts.models import Organization
from integrations.models import ExceptionState, RecordException, RunUnit
from integrations.pipeline.rules import LAST_PERIOD
from integrations.selectors.code_finding import CodeFinder

Place = tuple[str, str]
"""Dimension and code."""
HeldUnit = tuple[str, str, str]
"""Dimension, code and unit."""


class Held(NamedTuple):
    """How many open records of one unit a run holds for a code that had no member."""

    dimension: str
    code: str
    run_id: int
    sync_id: int
    sync: str
    part: str
    records: int
    domain: str = ""
    year_period: int = LAST_PERIOD

    @property
    def place(self) -> Place:
        """Dimension and code."""
        return self.dimension, self.code

    def is_taken(self, finder: CodeFinder) -> bool:
        """Whether somebody takes the code today, where the records are."""
        return bool(
            finder.shares(self.dimension, self.code, domain=self.domain, period=self.year_period)
        )


@dataclass(frozen=True, slots=True)
class HeldBy:
    """A run that holds records for a code, and how many of them are open."""

    run_id: int
    sync_id: int
    sync: str
    records: int


@dataclass(frozen=True, slots=True)
class HeldSync:
    """A sync with open records that have a member by now, and where these are."""

    sync_id: int
    sync: str
    units: frozenset[HeldUnit]


def list_held(organization: Organization) -> list[Held]:
    """Return what open records wait for, newest runs first, inside an open scope."""
    rows = (
        RecordException.objects.filter(
            organization=organization, state=ExceptionState.OPEN, code__startswith="unmapped_"
        )
        .exclude(dimension="")
        .values_list("dimension", "member_code", "run_id", "sync_id", "sync__name", "part")
        .annotate(records=Count("pk"))
        .order_by("dimension", "member_code", "-run_id", "part")
    )
    found = [Held(*row) for row in rows]
    units = _units(organization, {held.run_id for held in found})
    return [
        held._replace(domain=units[place][0], year_period=units[place][1])
        if (place := (held.run_id, held.part)) in units
        else held
        for held in found
    ]


def by_run(held: Collection[Held]) -> list[HeldBy]:
    """Add the units of each run up."""
    sums: dict[tuple[int, int, str], int] = defaultdict(int)
    for each in held:
        sums[each.run_id, each.sync_id, each.sync] += each.records
    return [HeldBy(*run, records) for run, records in sums.items()]


def syncs_that_hold(
    organization: Organization, finder: CodeFinder, codes: Collection[Place] | None
) -> list[HeldSync]:
    """Return the syncs with open records that are taken today, of some codes or of all."""
    units: dict[tuple[str, int], set[HeldUnit]] = defaultdict(set)
    for held in list_held(organization):
        if (codes is None or held.place in codes) and held.is_taken(finder):
            units[held.sync, held.sync_id].add((held.dimension, held.code, held.part))
    return [
        HeldSync(sync_id, name, frozenset(places))
        for (name, sync_id), places in sorted(units.items())
    ]


def count_waiting_codes(organization: Organization) -> int:
    """Return for how many codes open records wait, inside an open scope."""
    return len({held.place for held in list_held(organization)})


def _units(
    organization: Organization, run_ids: Collection[int]
) -> dict[tuple[int, str], tuple[str, int]]:
    """Return domain and period of the units of some runs, by run and unit."""
    rows = RunUnit.objects.filter(organization=organization, run_id__in=run_ids)
    return {
        (unit.run_id, unit.part): (unit.domain, unit.year_period)
        for unit in rows.only("run_id", "domain", "entity", "year_period")
    }
