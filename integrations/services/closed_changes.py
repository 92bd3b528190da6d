"""Changes of closed periods: noticed, held where the sync asks for it, and approved."""

from datetime import date

from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Organization, User
from accounts.permissions import Right
from accounts.services.deeds import check_right, deed
from audit.actions import Action
from audit.context import current_acting
from audit.trail import record_event
from integrations.models import (
    ClosedChange,
    ClosedChangeState,
    Position,
    Run,
    RunGroup,
    Sync,
)
from integrations.pipeline.policies import Policies
from integrations.services.replay import replay_run
from integrations.services.states import Slice
from integrations.transport.errors import IntegrationError


def find_position(run: Run, group: RunGroup) -> Position | None:
    """Return what the group was last believed to hold, inside an open scope."""
    rows = Position.objects.filter(organization_id=run.organization_id, sync_id=run.sync_id)
    return rows.select_related("run").filter(group=group.name).first()


def needs_approval(run: Run, group: RunGroup, position: Position | None) -> bool:
    """Whether a change of this group is held until somebody has approved it.

    What was never loaded has nothing to change.
    """
    asks = Policies.parse(run.sync.policies).closed_changes == "approve"
    return asks and group.is_closed and position is not None


def refuse_unholdable(sync: Sync) -> None:
    """Refuse to hold changes where the target is emptied first; policies_invalid.

    What is held would be gone from Anaplan until somebody approves it.
    """
    asks = Policies.parse(sync.policies).closed_changes == "approve"
    if asks and sync.sends_all:
        raise IntegrationError(
            "policies_invalid",
            place="closed_changes",
            reason="a target that is emptied first cannot keep what it holds until an approval",
        )


def is_approved(run: Run, group: RunGroup, digest: str) -> bool:
    """Whether somebody has approved these very amounts, inside an open scope."""
    return ClosedChange.objects.filter(
        organization_id=run.organization_id,
        sync_id=run.sync_id,
        group=group.name,
        digest=digest,
        state=ClosedChangeState.APPROVED,
    ).exists()


def note_waiting(run: Run, group: RunGroup, digest: str) -> None:
    """Let a change wait for approval, in the open transaction; an older one is superseded."""
    waiting = ClosedChange.objects.select_for_update().filter(
        organization_id=run.organization_id,
        sync_id=run.sync_id,
        group=group.name,
        state=ClosedChangeState.WAITING,
    )
    if waiting.filter(digest=digest).exists():
        return
    waiting.update(state=ClosedChangeState.SUPERSEDED, decided_at=timezone.now())
    change = ClosedChange.objects.create(
        organization_id=run.organization_id,
        sync_id=run.sync_id,
        run_id=run.pk,
        group=group.name,
        digest=digest,
        moved=group.moved,
    )
    record_event(
        Action.CLOSED_CHANGE_HELD,
        subject=("group", group.name),
        data={"change": change.pk, "digest": digest, "moved": group.moved.get("by", {})},
    )


def settle(run: Run, group: RunGroup) -> None:
    """End what waits for a group that is again as it was, in the open transaction."""
    ClosedChange.objects.filter(
        organization_id=run.organization_id,
        sync_id=run.sync_id,
        group=group.name,
        state=ClosedChangeState.WAITING,
    ).update(state=ClosedChangeState.SUPERSEDED, decided_at=timezone.now())


def check_approvable(change: ClosedChange, actor: User) -> None:
    """Refuse an approval that nobody can give any more, or not this person.

    Raises Refused: closed_change_unknown, closed_change_own.
    """
    if change.state != ClosedChangeState.WAITING:
        raise Refused("closed_change_unknown", change=change.pk)
    if change.run.requested_by.casefold() == actor.email.casefold():
        raise Refused("closed_change_own", who=actor.email)


def approve_change(*, organization: Organization, change_id: int, actor: User) -> Run:
    """Approve a change and replay the run that found it; nobody approves a run of their own.

    Raises Refused: right_missing, closed_change_unknown, closed_change_own, and what
    `replay_run` raises.
    """
    through = current_acting().actor
    with deed(organization.pk, actor) as locked:
        check_right(locked, actor, Right.APPROVE_CLOSED_PERIOD)
        change = (
            ClosedChange.objects.select_for_update(of=("self",))
            .select_related("run")
            .filter(organization=locked, pk=change_id)
            .first()
        )
        if change is None:
            raise Refused("closed_change_unknown", change=change_id)
        check_approvable(change, actor)
        change.state = ClosedChangeState.APPROVED
        change.decided_at, change.decided_by = timezone.now(), actor.email
        change.save(update_fields=["state", "decided_at", "decided_by"])
        record_event(
            Action.CLOSED_CHANGE_APPROVED,
            subject=("group", change.group),
            data={
                "change": change.pk,
                "digest": change.digest,
                "run": change.run_id,
                "through": through,
            },
        )
        return replay_run(organization=organization, run_id=change.run_id, requested_by=actor.email)


def warn_of_change(work: Slice, group: RunGroup) -> None:
    """Name on the run what a closed period has moved by."""
    entity, _, period = group.name.partition("|")
    by = group.moved["by"]
    measure = "net" if "net" in by else next(iter(by))
    error = IntegrationError(
        "closed_period_changed",
        entity=entity,
        period=period,
        amount=by[measure],
        cells=group.moved["cells"],
        since=f"{date.fromisoformat(group.moved['since'][:10]):%d %b %Y}",
        first=group.moved["first"][0][0],
    )
    with work.commit() as run:
        warning = {"code": error.code, "message": error.message}
        if warning not in run.warnings:
            Run.objects.filter(pk=run.pk).update(warnings=[*run.warnings, warning])
