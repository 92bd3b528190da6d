"""Signing off what an entity and period tie out to, and opening it again."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Organization, User
from accounts.permissions import Right
from accounts.selectors import find_member_by_address
from accounts.services.deeds import check_right, lock_organization
from audit.actions import Action
from audit.context import acting, current_acting
from audit.tenancy import tenant
from audit.trail import record_event
from integrations.models import (
    EvidenceKind,
    Run,
    RunGroup,
    RunUnit,
    Sync,
    TieOutLine,
    TieOutSignOff,
)
from integrations.models.runs import ACTIVE
from integrations.pipeline.amounts import canonical_all
from integrations.selectors.sign_offs import (
    FINAL,
    FLAWS,
    Standing,
    finality_of,
    find_standing,
)
from integrations.services.evidence import Place, iter_cells
from integrations.services.parts import group_units
from integrations.services.reports import plain
from integrations.services.states import lock_sync

NOTE_LENGTH = 500


def sign_off(
    *, organization: Organization, actor: User, run_id: int, group: str, note: str = ""
) -> TieOutSignOff:
    """Sign a run's tie-out of one group in the name of a member.

    No run of the sync may be under way meanwhile, so that none can find something else unseen.
    Raises Refused: right_missing, run_unknown, sync_is_busy, sign_off_unknown,
    sign_off_not_newest, sign_off_not_final, sign_off_not_green, sign_off_exists.
    """
    through = current_acting().actor
    with tenant(organization.pk), acting(actor.email):
        runs = Run.objects.select_related("sync").filter(organization=organization)
        run = runs.filter(pk=run_id).first()
        if run is None:
            raise Refused("run_unknown", run=run_id)
        lock_sync(run.sync_id)
        check_right(lock_organization(organization.pk), actor, Right.SIGN_OFF)
        active = runs.filter(sync_id=run.sync_id, state__in=ACTIVE).first()
        if active is not None:
            raise Refused("sync_is_busy", run=active.pk)
        standing = find_standing(run, group)
        if standing is None:
            raise Refused("sign_off_unknown", sync=run.sync.name, entity=group, period="")
        _check(run, standing)
        return _write(run, standing, actor, note, through)


def sign_off_unit(
    *,
    organization: Organization,
    sync: Sync,
    entity: str,
    year_period: int,
    email: str,
    note: str = "",
) -> TieOutSignOff:
    """Sign the newest tie-out of an entity and period, named by QAD's codes.

    Raises Refused: what `sign_off` raises.
    """
    with tenant(organization.pk):
        actor = find_member_by_address(organization, email)
        unit = (
            RunUnit.objects.filter(
                organization=organization, run__sync=sync, entity=entity, year_period=year_period
            )
            .exclude(group="")
            .order_by("-run_id")
            .first()
        )
    if actor is None:
        raise Refused("right_missing", right=Right.SIGN_OFF.words)
    if unit is None:
        raise Refused("sign_off_unknown", sync=sync.name, entity=entity, period=year_period)
    return sign_off(
        organization=organization, actor=actor, run_id=unit.run_id, group=unit.group, note=note
    )


def _check(run: Run, standing: Standing) -> None:
    """Refuse what may not be signed, in the words of its reason."""
    if not standing.blocker:
        return
    facts: dict[str, str | int] = {"entity": standing.entity, "period": standing.period}
    signed = standing.sign_off
    more: Mapping[str, dict[str, str | int]] = {
        "sign_off_not_newest": {"run": standing.newest_run},
        "sign_off_not_final": {
            "run": run.pk,
            "status": ", ".join(standing.statuses).strip(", ") or "without a status",
        },
        "sign_off_not_green": {"run": run.pk, "state": run.state},
        "sign_off_exists": {"by": signed.signed_by, "run": signed.run_id} if signed else {},
    }
    raise Refused(standing.blocker, **facts, **more[standing.blocker])


def _write(run: Run, standing: Standing, actor: User, note: str, through: str) -> TieOutSignOff:
    place = Place(run.organization_id, run.pk, EvidenceKind.CELLS, standing.group)
    row = TieOutSignOff.objects.create(
        organization_id=run.organization_id,
        sync_id=run.sync_id,
        run=run,
        group=standing.group,
        entity=standing.entity,
        period=standing.period,
        signed_by=actor.email,
        digest=digest_amounts(place),
        totals=_totals(run, standing.number),
        note=note.strip()[:NOTE_LENGTH],
    )
    with acting(run_id=run.pk):
        record_event(
            Action.SIGNED_OFF,
            subject=("tie_out", standing.group),
            data={
                "sync": run.sync.name,
                "run": run.pk,
                "digest": row.digest,
                "totals": row.totals,
                "note": row.note,
                "through": through,
            },
        )
    return row


def digest_amounts(place: Place) -> str:
    """Return a digest over every amount of every cell; how they are written does not count.

    Cells that are zero throughout are as if they were not there.
    """
    digest = hashlib.sha256()
    for frame in iter_cells(place):
        columns = map(canonical_all, frame.columns)
        for key, *values in zip(frame.keys, *columns, strict=True):
            if any(value != "0" for value in values):
                digest.update("\x1f".join([key, *values, "\n"]).encode())
    return digest.hexdigest()


def _totals(run: Run, number: int) -> list[dict[str, Any]]:
    lines = TieOutLine.objects.filter(organization_id=run.organization_id, run=run, group=number)
    sums = lines.values("currency", "measure").annotate(amount=Sum("source"))
    return [
        {"currency": row["currency"], "measure": row["measure"], "amount": plain(row["amount"])}
        for row in sums.order_by("currency", "measure")
    ]


def find_reopened(run: Run) -> dict[int, str]:
    """Return the sign-offs that a run's findings contradict, each with the code of why.

    Asked for when every group is mapped, since amounts and the period's status are known then,
    and once more when every group is tied out.
    """
    with tenant(run.organization_id):
        groups = {group.name: group for group in run.groups.all()}
        live = list(
            TieOutSignOff.objects.filter(
                organization_id=run.organization_id,
                sync_id=run.sync_id,
                group__in=groups,
                reopened_at=None,
            )
        )
    found = {row.pk: _contradiction(run, groups[row.group], row) for row in live}
    return {pk: code for pk, code in found.items() if code}


def _contradiction(run: Run, group: RunGroup, row: TieOutSignOff) -> str:
    with tenant(run.organization_id):
        statuses = [unit.period_status for unit in group_units(group)]
    if finality_of(statuses) != FINAL:
        return "sign_off_period_open"
    if any(group.counts.get(name) for name in FLAWS):
        return "sign_off_differs"
    place = Place(run.organization_id, run.pk, EvidenceKind.CELLS, group.name)
    return "" if digest_amounts(place) == row.digest else "sign_off_amounts_changed"


def reopen(run: Run, found: Mapping[int, str]) -> None:
    """End sign-offs in the open scope; the rows stay, with when, why and by which run."""
    for row in TieOutSignOff.objects.filter(pk__in=found, reopened_at=None).order_by("pk"):
        code = found[row.pk]
        ended = TieOutSignOff.objects.filter(pk=row.pk, reopened_at=None)
        if ended.update(reopened_at=timezone.now(), reopened_code=code, reopened_by=run):
            record_event(
                Action.SIGN_OFF_REOPENED,
                subject=("tie_out", row.group),
                data={"code": code, "signed_by": row.signed_by, "signed_run": row.run_id},
            )
