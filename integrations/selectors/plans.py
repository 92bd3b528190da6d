"""Reads of plans: versions as pages and programs list them, and their values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.shortcuts import get_object_or_404

from accounts.errors import Refused
from accounts.models import Organization
from integrations.models import PlanState, PlanValue, PlanVersion, Run, Sync
from integrations.models.syncs import PLAN_DATA_SET

PAGE_SIZE = 25
APPROVED = (PlanState.PUBLISHED, PlanState.SUPERSEDED)
"""States of versions that a person has published; programs see no others."""
PUBLISHABLE = (PlanState.DRAFT, PlanState.HELD)
HEADER = ("entity", "period", "account", "cost_center", "currency", "amount", "version")
AMOUNT_AT = HEADER.index("amount")


@dataclass(frozen=True, slots=True)
class ValueFilter:
    """Which values of a version are wanted; "" and None stand for all."""

    entity: str = ""
    period: int | None = None
    account: str = ""
    cost_center: str | None = None


@dataclass(frozen=True, slots=True)
class VersionPage:
    """One page of versions, newest first; `older` is where the next begins, None at the end."""

    versions: list[PlanVersion]
    older: int | None


@dataclass(frozen=True, slots=True)
class ValuePage:
    """One page of values; `after` is where the next begins, None at the end."""

    values: list[PlanValue]
    after: int | None


def list_versions(
    organization: Organization,
    *,
    states: Sequence[str] | None = None,
    sync_id: int | None = None,
    before: int | None = None,
    size: int = PAGE_SIZE,
) -> VersionPage:
    """Return versions, newest first."""
    rows: Any = PlanVersion.objects.select_related("sync", "run").filter(organization=organization)
    if states is not None:
        rows = rows.filter(state__in=states)
    if sync_id is not None:
        rows = rows.filter(sync_id=sync_id)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: size + 1])
    shown = found[:size]
    return VersionPage(shown, shown[-1].pk if len(found) > len(shown) else None)


def get_version(
    organization: Organization, version_id: int, *, states: Sequence[str] | None = None
) -> PlanVersion:
    """Return a version; 404 for any other, and for one in another state than those asked for."""
    rows: Any = PlanVersion.objects.select_related("sync", "run").filter(organization=organization)
    if states is not None:
        rows = rows.filter(state__in=states)
    found: PlanVersion = get_object_or_404(rows, pk=version_id)
    return found


def find_version(organization: Organization, sync_name: str, number: int | None) -> PlanVersion:
    """Return a version of a sync, or the newest published one, inside an open scope.

    Raises Refused: sync_unknown, sync_brings_no_plan, plan_version_unknown, plan_not_published.
    """
    sync = find_plan_sync(organization, sync_name)
    rows = PlanVersion.objects.select_related("sync").filter(organization=organization, sync=sync)
    if number is not None:
        version = rows.filter(number=number).first()
        if version is None:
            raise Refused("plan_version_unknown", version=number)
        return version
    version = rows.filter(state=PlanState.PUBLISHED).order_by("-approved_at").first()
    if version is None:
        raise Refused("plan_not_published", name=sync_name)
    return version


def find_draft(organization: Organization, sync_name: str, number: int | None) -> PlanVersion:
    """Return a version of a sync, or the newest one that was not published yet.

    Inside an open scope. Raises Refused: sync_unknown, sync_brings_no_plan, plan_version_unknown.
    """
    if number is not None:
        return find_version(organization, sync_name, number)
    sync = find_plan_sync(organization, sync_name)
    rows = PlanVersion.objects.filter(organization=organization, sync=sync)
    version = rows.filter(state__in=PUBLISHABLE).order_by("-number").first()
    if version is None:
        raise Refused("plan_version_unknown", version="to publish")
    return version


def find_plan_sync(organization: Organization, name: str) -> Sync:
    """Return a sync that brings a plan, inside an open scope.

    Raises Refused: sync_unknown, sync_brings_no_plan.
    """
    sync = Sync.objects.filter(organization=organization, name=name).first()
    if sync is None:
        raise Refused("sync_unknown", name=name)
    if not sync.brings_plan:
        raise Refused("sync_brings_no_plan", name=name)
    return sync


def version_of_run(run: Run) -> PlanVersion | None:
    """Return the version that a run brought or sends; None for every other run."""
    rows = PlanVersion.objects.filter(organization_id=run.organization_id)
    if "plan_version" in run.plan:
        return rows.filter(pk=run.plan["plan_version"]).first()
    return rows.filter(run=run).first()


def list_plan_syncs(organization: Organization) -> list[Sync]:
    """Return the syncs that bring a plan back, by name."""
    rows = Sync.objects.filter(organization=organization, data_set=PLAN_DATA_SET)
    return list(rows.order_by("name"))


def list_values(
    version: PlanVersion, chosen: ValueFilter, *, after: int | None, size: int
) -> ValuePage:
    """Return values in the order of their numbers."""
    rows = _chosen(version, chosen)
    if after is not None:
        rows = rows.filter(number__gt=after)
    found = list(rows[: size + 1])
    shown = found[:size]
    return ValuePage(shown, shown[-1].number if len(found) > len(shown) else None)


def iter_rows(version: PlanVersion) -> Iterator[tuple[str, ...]]:
    """Yield a version's values as texts in the order of `HEADER`, inside an open scope."""
    for value in _chosen(version, ValueFilter()).iterator(chunk_size=2_000):
        yield (
            value.entity,
            str(value.year_period),
            value.gl_account,
            value.cost_center,
            value.currency,
            value.amount_text,
            version.reference,
        )


def _chosen(version: PlanVersion, chosen: ValueFilter) -> Any:
    rows: Any = PlanValue.objects.filter(
        organization_id=version.organization_id, version=version
    ).order_by("number")
    if chosen.entity:
        rows = rows.filter(entity=chosen.entity)
    if chosen.period is not None:
        rows = rows.filter(year_period=chosen.period)
    if chosen.account:
        rows = rows.filter(gl_account=chosen.account)
    if chosen.cost_center is not None:
        rows = rows.filter(cost_center=chosen.cost_center)
    return rows
