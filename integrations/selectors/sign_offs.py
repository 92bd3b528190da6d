"""Preliminary or final, signed or open again: how each entity and period of a run stands."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Max

from audit.catalogue import CATALOGUE, ErrorCode
from integrations.models import Run, RunGroup, RunState, RunUnit, TieOutSignOff

FINAL_STATUSES = frozenset({"REPORTED", "FROZEN"})
FINAL, PRELIMINARY = "final", "preliminary"
FLAWS = ("held", "held_cells", "rejected", "ignored", "differences", "unexplained")


@dataclass(frozen=True, slots=True)
class Standing:
    """One entity and period of a run.

    `finality` is "final" where QAD calls all units behind it reported or frozen, "preliminary"
    where any is not, and "" for lists, which have no periods. `sign_off` is the newest one.
    `blocker` is the code of what forbids to sign this run's tie-out, "" where nothing does;
    `newest_run` the newest run that has compared it.
    """

    number: int
    group: str
    entity: str
    period: str
    finality: str
    statuses: tuple[str, ...]
    units: tuple[str, ...]
    sign_off: TieOutSignOff | None
    blocker: str
    newest_run: int

    @property
    def is_signed(self) -> bool:
        """Whether a sign-off holds."""
        return self.sign_off is not None and self.sign_off.reopened_at is None

    @property
    def reopened(self) -> ErrorCode | None:
        """Why the newest sign-off holds no more."""
        if self.sign_off is None or self.is_signed:
            return None
        return CATALOGUE[self.sign_off.reopened_code]


def finality_of(statuses: Iterable[str]) -> str:
    """Return what QAD's words make of the figures; a word that is not known makes none final."""
    known = set(statuses)
    if not known - {""}:
        return ""
    return FINAL if known <= FINAL_STATUSES else PRELIMINARY


def list_standings(run: Run) -> list[Standing]:
    """Return how each entity and period of a run stands, in the run's order."""
    groups = list(RunGroup.objects.filter(organization_id=run.organization_id, run=run))
    units: dict[str, list[RunUnit]] = defaultdict(list)
    for unit in RunUnit.objects.filter(organization_id=run.organization_id, run=run):
        units[unit.group].append(unit)
    names = [group.name for group in groups]
    signed = {
        row.group: row
        for row in TieOutSignOff.objects.filter(
            organization_id=run.organization_id, sync_id=run.sync_id, group__in=names
        ).order_by("pk")
    }
    newest: dict[str, int] = dict(
        RunGroup.objects.filter(
            organization_id=run.organization_id, run__sync_id=run.sync_id, name__in=names
        )
        .order_by()
        .values_list("name")
        .annotate(newest=Max("run_id"))
    )
    return [
        _standing(run, group, units[group.name], signed.get(group.name), newest[group.name])
        for group in groups
    ]


def find_standing(run: Run, group: str) -> Standing | None:
    """Return how one group of a run stands."""
    return next((found for found in list_standings(run) if found.group == group), None)


def map_finality(run: Run) -> dict[tuple[str, str], str]:
    """Return per entity and period, as the tie-out names them, whether figures are final."""
    return finality_of_places(
        RunGroup.objects.filter(organization_id=run.organization_id, run=run),
        RunUnit.objects.filter(organization_id=run.organization_id, run=run),
    )


def finality_of_places(
    groups: Iterable[RunGroup], units: Iterable[RunUnit]
) -> dict[tuple[str, str], str]:
    """Return the same of groups and units that were read already."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    named = {group.name: group for group in groups}
    for unit in units:
        group = named.get(unit.group)
        entity = (group.entity if group else "") or unit.entity
        period = (group.period if group else "") or str(unit.year_period)
        found[entity, period].append(unit.period_status)
    return {place: finality_of(statuses) for place, statuses in found.items()}


def _standing(
    run: Run,
    group: RunGroup,
    units: list[RunUnit],
    sign_off: TieOutSignOff | None,
    newest_run: int,
) -> Standing:
    statuses = [unit.period_status for unit in units]
    finality = finality_of(statuses)
    blocker = ""
    if newest_run != run.pk:
        blocker = "sign_off_not_newest"
    elif finality != FINAL:
        blocker = "sign_off_not_final"
    elif not _is_green(run, group):
        blocker = "sign_off_not_green"
    elif sign_off is not None and sign_off.reopened_at is None:
        blocker = "sign_off_exists"
    return Standing(
        number=group.number,
        group=group.name,
        entity=group.entity or (units[0].entity if units else group.name),
        period=group.period or (str(units[0].year_period) if units else ""),
        finality=finality,
        statuses=tuple(sorted(set(statuses))),
        units=tuple(unit.part for unit in units),
        sign_off=sign_off,
        blocker=blocker,
        newest_run=newest_run,
    )


def _is_green(run: Run, group: RunGroup) -> bool:
    """Whether the run is reconciled and nothing of the group differs or is missing."""
    is_read = run.plan.get("read_back") is not None
    return (
        run.state == RunState.RECONCILED
        and group.is_tied_out
        and is_read
        and not any(group.counts.get(name) for name in FLAWS)
    )
