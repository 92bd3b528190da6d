"""What people do with their accounts, written into the trail."""

from typing import Any

from allauth.usersessions.internal.flows import sessions as session_flows
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from accounts.selectors import list_memberships
from audit.actions import Action
from audit.context import acting
from audit.tenancy import tenant
from audit.trail import record_event


def note_sign_in(user: User) -> None:
    """Write into the trail of each of a person's organizations that they signed in."""
    for membership in list_memberships(user):
        with tenant(membership.organization_id), acting(user.email):
            record_event(
                Action.SIGNED_IN, subject=("user", user.pk), data={"role": membership.role}
            )


def note_account_change(
    *, user: User, action: Action, data: dict[str, Any] | None = None, by: str = ""
) -> None:
    """Write into the trail of each of a person's organizations how their account was changed."""
    for membership in list_memberships(user):
        with tenant(membership.organization_id), acting(by or user.email):
            record_event(action, subject=("user", user.pk), data=data)


def end_other_sessions(*, request: HttpRequest, user: User) -> None:
    """End every session of a person but the one that asks."""
    session_flows.end_other_sessions(request, user)


def end_sessions(user: User) -> int:
    """End every session of a person, in whatever browser it was begun."""
    live = Session.objects.filter(expire_date__gt=timezone.now())
    mine = [
        session.session_key
        for session in live.iterator()
        if session.get_decoded().get(SESSION_KEY) == str(user.pk)
    ]
    ended, _ = Session.objects.filter(session_key__in=mine).delete()
    return ended
