"""Reads of syncs and runs: the list, one run, and what may be asked for."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import Organization
from integrations.models import Run, RunState, RunUnit, Sync
from integrations.models.runs import ACTIVE

PAGE_SIZE = 25
PERIODS_OFFERED = 60
ANY_ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class RunFilter:
    """What the list shows: one state or all active ones, one sync or all."""

    state: str = ""
    sync_id: int | None = None

    @property
    def is_set(self) -> bool:
        """Whether the filter leaves anything out."""
        return bool(self.state or self.sync_id)


@dataclass(frozen=True, slots=True)
class RunPage:
    """One page of the list, newest first, and the ids from which the neighbours go on."""

    runs: list[Run]
    newer: int | None
    older: int | None

    @property
    def has_active(self) -> bool:
        """Whether a run of this page may still move."""
        return any(run.is_active for run in self.runs)


def state_choices() -> list[tuple[str, str]]:
    """Return the states that a list can be narrowed to, with their words."""
    return [(ANY_ACTIVE, "Under way"), *RunState.choices]


def list_syncs(organization: Organization) -> list[Sync]:
    """Return the syncs by name."""
    return list(Sync.objects.filter(organization=organization).order_by("name"))


def list_runs(
    organization: Organization,
    chosen: RunFilter,
    *,
    before: int | None = None,
    after: int | None = None,
    size: int | None = None,
) -> RunPage:
    """Return one page of runs: those older than `before`, or the next newer than `after`."""
    runs, size = _filtered(organization, chosen), size or PAGE_SIZE
    if after is not None:
        rows = list(runs.filter(pk__gt=after).order_by("pk")[: size + 1])
        shown = rows[:size][::-1]
        return RunPage(shown, _edge(shown, 0, exists=len(rows) > size), _edge(shown, -1))
    if before is not None:
        runs = runs.filter(pk__lt=before)
    rows = list(runs.order_by("-pk")[: size + 1])
    shown = rows[:size]
    return RunPage(
        shown,
        _edge(shown, 0, exists=before is not None),
        _edge(shown, -1, exists=len(rows) > size),
    )


def _filtered(organization: Organization, chosen: RunFilter) -> QuerySet[Run]:
    runs = Run.objects.select_related("sync").filter(organization=organization)
    if chosen.state == ANY_ACTIVE:
        runs = runs.filter(state__in=ACTIVE)
    elif chosen.state:
        runs = runs.filter(state=chosen.state)
    if chosen.sync_id:
        runs = runs.filter(sync_id=chosen.sync_id)
    return runs


def _edge(runs: list[Run], place: int, *, exists: bool = True) -> int | None:
    return runs[place].pk if runs and exists else None


def get_run(organization: Organization, run_id: int) -> Run:
    """Return a run with its sync, mapping version and parent; 404 where it is not theirs."""
    runs = Run.objects.select_related("sync", "mapping_version", "parent")
    return get_object_or_404(runs, organization=organization, pk=run_id)


def known_periods(organization: Organization) -> list[int]:
    """Return the fiscal periods that runs have met so far, newest first."""
    met = RunUnit.objects.filter(organization=organization).values_list("year_period", flat=True)
    return list(met.distinct().order_by("-year_period")[:PERIODS_OFFERED])
