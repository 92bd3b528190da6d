"""Members: added, changed, removed, leaving; each with the rules and its line in the trail."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.utils import timezone

from accounts.models import Membership, Organization, Role, User
from accounts.permissions import Right
from accounts.selectors import get_member
from accounts.services.deeds import (
    check_not_upward,
    check_owner_left,
    check_owners,
    check_right,
    deed,
    lock_organization,
)
from accounts.services.departures import (
    Ended,
    end_belongings,
    end_invitations_beyond,
    end_lonely_sessions,
)
from accounts.terms import Terms, checked, terms_of
from audit.actions import Action
from audit.tenancy import tenant
from audit.trail import record_event

SEEN_EVERY = timedelta(minutes=5)


def add_member(
    *,
    organization: Organization,
    user: User,
    role: Role,
    ends_on: date | None = None,
    extra_rights: Iterable[Right] = (),
) -> Membership:
    """Give a person a role; who is a member already has just the new one from now on.

    Raises Refused: auditor_without_end, right_not_grantable, last_day_past.
    """
    terms = checked(Terms(role, frozenset(extra_rights), ends_on), organization)
    with tenant(organization.pk):
        lock_organization(organization.pk)
        membership, _ = Membership.objects.update_or_create(
            organization=organization, user=user, defaults=terms.as_fields()
        )
        record_event(
            Action.MEMBER_ADDED,
            subject=("member", user.email),
            data={"user": user.pk, **terms.as_data()},
        )
    return membership


def change_member(
    *, organization: Organization, member_id: int, actor: User, terms: Terms
) -> Membership:
    """Give a member another role, other rights beyond it, or another last day.

    Raises Refused: right_missing, owners_only, own_rights_upward, last_owner,
    auditor_without_end, right_not_grantable, last_day_past.
    """
    with deed(organization.pk, actor) as locked:
        mine = check_right(locked, actor, Right.MANAGE_MEMBERS)
        member = get_member(locked, member_id)
        before, after = terms_of(member), checked(terms, locked)
        check_owners(mine, before.role, after.role)
        if member.pk == mine.pk:
            check_not_upward(before, after)
        if after == before:
            return member
        Membership.objects.filter(pk=member.pk).update(**after.as_fields())
        if before.role == Role.OWNER:
            check_owner_left(locked)
        record_event(
            Action.MEMBER_CHANGED,
            subject=("member", member.user.email),
            data={"user": member.user_id, **after.as_data(), "before": before.as_data()},
        )
        end_invitations_beyond(locked, member.user, after)
        return get_member(locked, member_id)


def remove_member(*, organization: Organization, member_id: int, actor: User) -> Ended:
    """Remove a member: from the next request on they are a stranger.

    Their keys are revoked, their open invitations withdrawn, and their sessions ended where
    these served this organization alone. Raises Refused: right_missing, owners_only, last_owner.
    """
    with deed(organization.pk, actor) as locked:
        mine = check_right(locked, actor, Right.MANAGE_MEMBERS)
        member = get_member(locked, member_id)
        check_owners(mine, member.role)
        ended = _end_membership(locked, member, Action.MEMBER_REMOVED, by=actor)
        if member.pk != mine.pk:
            end_lonely_sessions(member.user)
        return ended


def leave_organization(*, organization: Organization, actor: User) -> Ended:
    """End one's own membership, with the keys and open invitations that one has made.

    Raises Refused: right_missing, last_owner.
    """
    with deed(organization.pk, actor) as locked:
        mine = check_right(locked, actor, Right.VIEW)
        return _end_membership(locked, mine, Action.MEMBER_LEFT, by=actor)


def _end_membership(
    organization: Organization, member: Membership, action: Action, *, by: User
) -> Ended:
    terms = terms_of(member)
    Membership.objects.filter(pk=member.pk).delete()
    if terms.role == Role.OWNER:
        check_owner_left(organization)
    ended = end_belongings(organization, member.user, by=by.email)
    record_event(
        action,
        subject=("member", member.user.email),
        data={
            "user": member.user_id,
            "before": terms.as_data(),
            "keys_revoked": ended.keys,
            "invitations_withdrawn": ended.invitations,
        },
    )
    return ended


def note_seen(membership: Membership) -> None:
    """Note that a member was here, at most once in five minutes."""
    before, now = membership.last_seen_at, timezone.now()
    if before is None or before < now - SEEN_EVERY:
        Membership.objects.filter(pk=membership.pk, last_seen_at=before).update(last_seen_at=now)
