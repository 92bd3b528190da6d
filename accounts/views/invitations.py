"""Inviting by mail, and the page that an invitation's link opens."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.error_pages import too_many_requests
from accounts.errors import Refused
from accounts.gate import require
from accounts.member_forms import InviteForm
from accounts.models import Invitation, User
from accounts.navigation import find_url
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.selectors import find_invitation, find_membership, get_invitation, is_address_of
from accounts.services import invitations
from accounts.throttles import INVITATIONS_AN_ADDRESS, take_from
from accounts.views.members import list_page
from accounts.views.refusals import sentence, tell_refusal


@require_POST
def invite_member(request: OrganizationRequest) -> HttpResponse:
    """Invite an address, known or not, in the same words."""
    require(request, Right.MANAGE_MEMBERS)
    form = InviteForm(request.organization, request.role, request.POST)
    if not form.is_valid():
        return list_page(request, form, status=422)
    if wait := take_from(request, INVITATIONS_AN_ADDRESS).wait:
        return too_many_requests(request, wait)
    email = form.cleaned_data["email"]
    try:
        invitations.invite(
            organization=request.organization,
            actor=request.user,
            email=email,
            terms=form.terms(),
        )
    except Refused as refused:
        form.add_error("email", sentence(refused))
        return list_page(request, form, status=422)
    messages.success(request, f"{email.lower()} is invited. A mail with a link is on its way.")
    return redirect("member_list", request.organization.slug)


@require_POST
def resend_invitation(request: OrganizationRequest, invitation_id: int) -> HttpResponse:
    """Send an invitation again with a new link."""
    require(request, Right.MANAGE_MEMBERS)
    get_invitation(request.organization, invitation_id)
    if wait := take_from(request, INVITATIONS_AN_ADDRESS).wait:
        return too_many_requests(request, wait)
    try:
        sent = invitations.resend_invitation(
            organization=request.organization, invitation_id=invitation_id, actor=request.user
        )
    except Refused as refused:
        tell_refusal(request, refused)
    else:
        messages.success(
            request, f"A new link is on its way to {sent.email}. The old one stopped working."
        )
    return redirect("member_list", request.organization.slug)


@require_POST
def withdraw_invitation(request: OrganizationRequest, invitation_id: int) -> HttpResponse:
    """Withdraw an invitation."""
    require(request, Right.MANAGE_MEMBERS)
    get_invitation(request.organization, invitation_id)
    try:
        gone = invitations.withdraw_invitation(
            organization=request.organization, invitation_id=invitation_id, actor=request.user
        )
    except Refused as refused:
        tell_refusal(request, refused)
    else:
        messages.success(request, f"The invitation of {gone.email} is withdrawn.")
    return redirect("member_list", request.organization.slug)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show what an invitation offers, and take it up."""
    found = find_invitation(token)
    if found is None:
        raise Http404("no such invitation")
    if isinstance(request.user, User):
        return _for_person(request, request.user, found, token)
    if request.method == "POST":
        return redirect("invitation", token)
    return _page(request, found, 200 if found.is_open else 410)


def _for_person(request: HttpRequest, user: User, found: Invitation, token: str) -> HttpResponse:
    slug = found.organization.slug
    if find_membership(user, slug) is not None:
        return redirect("organization_home", slug)
    if not found.is_open:
        return _page(request, found, 410)
    if not is_address_of(user, found.email):
        return _page(request, found, 403, is_for_another=True)
    if request.method != "POST":
        return _page(request, found)
    try:
        invitations.accept_invitation(token=token, user=user)
    except Refused as refused:
        tell_refusal(request, refused)
        return redirect("invitation", token)
    messages.success(request, f"Welcome to {found.organization.name}.")
    return redirect("organization_home", slug)


def _page(request: HttpRequest, found: Invitation, status: int = 200, **more: Any) -> HttpResponse:
    way_back = {"email": found.email, "next": request.path}
    ways = {
        "sign_in_url": f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': request.path})}",
        "sign_up_url": f"{find_url('account_signup')}?{urlencode(way_back)}",
    }
    context = {"invitation": found, "organization": found.organization, **ways, **more}
    return render(request, "accounts/invitation.html", context, status=status)
