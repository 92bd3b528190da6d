"""Loading past periods one after the other: what is green already is known by its runs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from accounts.errors import Refused
from accounts.models import Organization
from audit.tenancy import tenant
from integrations.models import Position, Run, RunState, Sync
from integrations.models.runs import ACTIVE
from integrations.pipeline.conventions import Conventions
from integrations.qad.types import Workspace
from integrations.services.asking import refusing
from integrations.services.clients import build_qad
from integrations.services.syncs import has_periods, start_run

Place = tuple[str, str]
"""Domain and entity."""
Calendar = Mapping[int, frozenset[Place]]
"""Which entities have a period, by year*100+period, in order."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of one period; `is_skipped` where an earlier run has proved it already."""

    period: int
    run_id: int
    state: str
    is_skipped: bool = False

    @property
    def is_green(self) -> bool:
        """Whether it was proved to the cent."""
        return self.state == RunState.RECONCILED


def read_calendar(sync: Sync, *, first: int, last: int) -> Calendar:
    """Ask QAD which periods there are from `first` to `last`, of the types that the sync reads.

    Raises Refused: backfill_without_calendar, backfill_without_periods and what the client names.
    """
    if not has_periods(sync):
        raise Refused("backfill_without_calendar", name=sync.name)
    found: dict[int, set[Place]] = {}
    with refusing():
        kinds = {kind.upper() for kind in Conventions.parse(sync.conventions).period_types}
        qad = build_qad(sync.source)
        for place in sync.entities:
            workspace = Workspace(place["domain"], place["entity"])
            for row in qad.read_all("gl_period", workspace=workspace):
                period = int(row.year_period)
                if first <= period <= last and str(row.period_type).upper() in kinds:
                    found.setdefault(period, set()).add((place["domain"], place["entity"]))
    if not found:
        raise Refused("backfill_without_periods", first=first, last=last)
    return {period: frozenset(found[period]) for period in sorted(found)}


def backfill(
    *,
    organization: Organization,
    sync: Sync,
    calendar: Calendar,
    requested_by: str,
    see_through: Callable[[int], None],
    again: bool = False,
) -> Iterator[Loaded]:
    """Load each period by a run of its own, the oldest first, up to the first that is not green.

    A period that was proved and is believed to be as it was then is skipped, unless it is
    wanted `again`; a run that is under way for it is gone on with. `see_through` waits for a
    run's end.
    Raises Refused: sync_is_busy and what `start_run` names.
    """
    for period, places in calendar.items():
        green = None if again else find_green(organization, sync, period, places)
        if green is not None:
            yield Loaded(period, green, RunState.RECONCILED, is_skipped=True)
            continue
        run = start_run(
            organization=organization,
            sync_id=sync.pk,
            periods=[period],
            requested_by=requested_by,
        )
        if run.periods != [period]:
            raise Refused("sync_is_busy", run=run.pk)
        see_through(run.pk)
        with tenant(organization.pk):
            run.refresh_from_db()
        loaded = Loaded(period, run.pk, run.state)
        yield loaded
        if not loaded.is_green:
            return


def find_green(
    organization: Organization, sync: Sync, period: int, places: frozenset[Place]
) -> int | None:
    """Return the run that has proved a period for all its entities, if nothing came after it.

    Where positions were forgotten, since the sync aims elsewhere now, nothing is proved.
    """
    with tenant(organization.pk):
        runs = Run.objects.filter(organization=organization, sync=sync, units__year_period=period)
        run = runs.exclude(state__in=ACTIVE).order_by("-pk").first()
        if run is None or run.state != RunState.RECONCILED:
            return None
        units = list(run.units.filter(year_period=period))
        if not places <= {(unit.domain, unit.entity) for unit in units}:
            return None
        groups = {unit.group for unit in units}
        held = Position.objects.filter(organization=organization, sync=sync, group__in=groups)
        return run.pk if held.filter(run__gte=run.pk).count() == len(groups) else None
