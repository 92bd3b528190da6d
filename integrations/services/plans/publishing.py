"""Publishing a plan: a person's approval, and the swap by which a new version answers."""

from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Organization, User
from accounts.permissions import Right
from accounts.services.deeds import check_right, deed
from audit.actions import Action
from audit.trail import record_event
from integrations.models import PlanState, PlanVersion, Run
from integrations.selectors.plans import PUBLISHABLE
from integrations.services.plans.pushing import start_push, takes_plans


def publish_plan(
    *, organization: Organization, version_id: int, actor: User, accepts_shrink: bool = False
) -> PlanVersion:
    """Let a version answer from now on in the place of the one before, in one step.

    Where QAD has a document for plans, a run is started that sends it there.
    Raises Refused: right_missing, plan_version_unknown, plan_not_publishable,
    plan_version_empty, plan_version_outdated, plan_has_shrunk, plan_second_person, and what
    `start_push` raises.
    """
    with deed(organization.pk, actor) as locked:
        check_right(locked, actor, Right.PUBLISH_PLAN)
        rows = PlanVersion.objects.select_for_update(of=("self",)).select_related("sync", "run")
        version = rows.filter(organization=locked, pk=version_id).first()
        if version is None:
            raise Refused("plan_version_unknown", version=version_id)
        before = PlanVersion.objects.filter(
            organization=locked,
            sync_id=version.sync_id,
            name=version.name,
            state=PlanState.PUBLISHED,
        ).first()
        _check(version, before)
        _check_person(locked, version, actor)
        if version.state == PlanState.HELD:
            if not accepts_shrink:
                raise Refused("plan_has_shrunk", **_facts(version), lost=lost_words(version.lost))
            check_right(locked, actor, Right.APPROVE_SHRUNKEN_PLAN)
        _swap(version, before, actor)
        if takes_plans(version.sync.source):
            start_push(sync=version.sync, version=version, requested_by=actor.email)
        return version


def lost_words(lost: dict[str, list[object]]) -> str:
    """Say in words what a version has lost."""
    words = []
    if "rows" in lost:
        before, now = lost["rows"]
        words.append(f"{now} instead of {before} rows")
    for name, word in (("entities", "entity"), ("periods", "period")):
        if name in lost:
            words.append(f"no {word} {', '.join(map(str, lost[name]))}")
    return "; ".join(words)


def _facts(version: PlanVersion) -> dict[str, str | int]:
    return {"version": version.number, "name": version.name}


def _check(version: PlanVersion, before: PlanVersion | None) -> None:
    if version.state not in PUBLISHABLE:
        state = version.get_state_display().lower()
        raise Refused("plan_not_publishable", **_facts(version), state=state)
    if not version.rows:
        raise Refused("plan_version_empty", **_facts(version))
    if before is not None and before.exported_at > version.exported_at:
        raise Refused("plan_version_outdated", **_facts(version), newer=before.number)


def _check_person(organization: Organization, version: PlanVersion, actor: User) -> None:
    """Ask for another person than those who asked for the plan, where that is the policy."""
    run: Run | None = version.run
    while organization.second_person_publishes and run is not None:
        if run.requested_by == actor.email:
            raise Refused("plan_second_person", person=actor.email)
        run = run.parent


def _swap(version: PlanVersion, before: PlanVersion | None, actor: User) -> None:
    if before is not None:
        PlanVersion.objects.filter(pk=before.pk).update(state=PlanState.SUPERSEDED)
    was, version.state = version.state, PlanState.PUBLISHED
    version.approved_by, version.approved_at = actor.email, timezone.now()
    version.save(update_fields=["state", "approved_by", "approved_at"])
    record_event(
        Action.PLAN_PUBLISHED,
        subject=("plan", version.reference),
        data={
            "sync": version.sync.name,
            "sha256": version.sha256,
            "rows": version.rows,
            "held": version.held_rows,
            "instead_of": before.number if before else None,
            "shrink_accepted": was == PlanState.HELD,
        },
    )
