"""What people do with their accounts, written into the trail."""

from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.login import perform_login
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from allauth.account.models import Login
from allauth.usersessions.internal.flows import sessions as session_flows
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts.bound_sessions import ORGANIZATION
from accounts.models import Organization, User
from accounts.selectors import list_memberships
from audit.actions import Action
from audit.context import acting
from audit.tenancy import tenant
from audit.trail import record_event


def sign_in_through(
    *, request: HttpRequest, user: User, organization: Organization
) -> HttpResponse:
    """Sign a member in whom the organization's own sign-in has proved, for it alone.

    Second factors are asked for as after a password. A session that was there ends.
    """
    logout(request)
    login = Login(
        user=user,
        redirect_url=reverse("organization_home", args=[organization.slug]),
        signal_kwargs={"organization_id": organization.pk},
    )
    return perform_login(request, login)


def note_sign_in(user: User, *, only: int | None = None) -> None:
    """Write into the trail of a person's organizations that they signed in.

    Where the sign-in of one organization proved it, `only` is that one.
    """
    for membership in list_memberships(user):
        if only not in (None, membership.organization_id):
            continue
        with tenant(membership.organization_id), acting(user.email):
            through = {} if only is None else {"through": "provider"}
            data = {"role": membership.role, **through}
            record_event(Action.SIGNED_IN, subject=("user", user.pk), data=data)


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
    return _end_where(lambda held: held.get(SESSION_KEY) == str(user.pk))


def end_bound_sessions(organization_id: int) -> int:
    """End every session that an organization's own sign-in has opened, or is about to open."""

    def is_of_it(held: dict[str, Any]) -> bool:
        begun = (held.get(LOGIN_SESSION_KEY) or {}).get("signal_kwargs") or {}
        return organization_id in (held.get(ORGANIZATION), begun.get("organization_id"))

    return _end_where(is_of_it)


def _end_where(is_over: Callable[[dict[str, Any]], bool]) -> int:
    live = Session.objects.filter(expire_date__gt=timezone.now())
    found = [session.session_key for session in live.iterator() if is_over(session.get_decoded())]
    ended, _ = Session.objects.filter(session_key__in=found).delete()
    return ended
