"""Changes of closed periods as pages and commands show them: by how much, where, who decided."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import Organization
from integrations.models import ClosedChange, ClosedChangeState, Run, RunGroup, TieOutPlace
from integrations.selectors.movements import Columns, Movement, read_movement

DECIDED_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a closed period with what moved in it."""

    row: ClosedChange
    entity: str
    period: str
    movement: Movement

    @property
    def name(self) -> str:
        """The group as people say it."""
        return f"{self.entity}, {self.period}"

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has decided yet."""
        return self.row.state == ClosedChangeState.WAITING

    @property
    def is_approved(self) -> bool:
        """Whether somebody has approved it."""
        return self.row.state == ClosedChangeState.APPROVED

    def is_of(self, email: str) -> bool:
        """Whether this person asked for the run that found it, and so cannot approve it."""
        return self.row.run.requested_by.casefold() == email.casefold()


def list_waiting(organization: Organization) -> list[Change]:
    """Return the changes that wait, the oldest first."""
    return _read(_rows(organization).filter(state=ClosedChangeState.WAITING).order_by("pk"))


def list_decided(organization: Organization) -> list[Change]:
    """Return the changes that were decided last, the newest first."""
    rows = _rows(organization).exclude(state=ClosedChangeState.WAITING)
    return _read(rows.order_by("-decided_at", "-pk")[:DECIDED_SHOWN])


def count_waiting(organization: Organization) -> int:
    """Count the changes that wait."""
    rows = ClosedChange.objects.filter(organization=organization)
    return rows.filter(state=ClosedChangeState.WAITING).count()


def get_change(organization: Organization, change_id: int) -> Change:
    """Return a change; 404 where it is not theirs."""
    return _read([get_object_or_404(_rows(organization), pk=change_id)])[0]


def list_changes_of(run: Run) -> list[Change]:
    """Return the changes that a run has met: those of the very amounts that it read.

    A later run meets a change that waits already.
    """
    groups = RunGroup.objects.filter(organization_id=run.organization_id, run=run, is_closed=True)
    met = dict(groups.exclude(moved={}).values_list("name", "digest"))
    if not met:
        return []
    rows = _rows(run.organization).filter(
        sync_id=run.sync_id, group__in=met, digest__in=set(met.values())
    )
    newest = {row.group: row for row in rows.order_by("pk") if met[row.group] == row.digest}
    return _read(list(newest.values()))


def find_movement(run: Run, entity: str, period: str) -> tuple[RunGroup, Movement] | None:
    """Return how a group of a run has moved since what was held before; None where it has not."""
    group = RunGroup.objects.filter(
        organization_id=run.organization_id, run=run, entity=entity, period=period
    ).first()
    if group is None or not group.moved:
        return None
    currencies = _currencies(run.organization_id, {run.pk}, {entity}, {period})
    columns = Columns.of(run.plan, group.moved)
    return group, read_movement(group.moved, columns, currencies.get((run.pk, group.name), set()))


def _rows(organization: Organization) -> QuerySet[ClosedChange]:
    rows = ClosedChange.objects.filter(organization=organization)
    # A plan may name each account of the books.
    return rows.select_related("run", "sync").defer("run__plan")


def _read(rows: Iterable[ClosedChange]) -> list[Change]:
    found = list(rows)
    if not found:
        return []
    plans = _plans(found[0].organization_id, {row.run_id for row in found})
    places = [row.group.partition("|") for row in found]
    currencies = _currencies(
        found[0].organization_id,
        set(plans),
        {entity for entity, _, _ in places},
        {period for _, _, period in places},
    )
    return [
        Change(
            row,
            entity,
            period,
            read_movement(
                row.moved,
                Columns.of(plans[row.run_id], row.moved),
                currencies.get((row.run_id, row.group), set()),
            ),
        )
        for row, (entity, _, period) in zip(found, places, strict=True)
    ]


def _plans(organization_id: int, runs: set[int]) -> dict[int, Mapping[str, Any]]:
    """Return what the plans of runs say of their files."""
    names = ("headers", "bindings", "separator", "delimiter")
    rows = Run.objects.filter(organization_id=organization_id, pk__in=runs)
    found = rows.values_list("pk", *(f"plan__{name}" for name in names))
    return {pk: dict(zip(names, values, strict=True)) for pk, *values in found}


def _currencies(
    organization_id: int, runs: set[int], entities: set[str], periods: set[str]
) -> dict[tuple[int, str], set[str]]:
    """Return the currencies that were met per run and group."""
    rows = TieOutPlace.objects.filter(
        organization_id=organization_id, run__in=runs, entity__in=entities, period__in=periods
    )
    found: dict[tuple[int, str], set[str]] = {}
    for run_id, entity, period, currency in rows.values_list(
        "run_id", "entity", "period", "currency"
    ).distinct():
        found.setdefault((run_id, f"{entity}|{period}"), set()).add(currency)
    return found
