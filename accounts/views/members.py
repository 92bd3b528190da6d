"""The members of an organization: the list, one member, and leaving."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import Refused
from accounts.gate import require
from accounts.member_forms import InviteForm, TermsForm, may_give
from accounts.models import Membership, Role
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.selectors import (
    count_belongings,
    find_membership,
    get_member,
    list_invitations,
    list_members,
)
from accounts.services import members
from accounts.terms import Terms, terms_of
from accounts.views.refusals import sentence, tell_refusal
from accounts.wording import count


@require_safe
def member_list(request: OrganizationRequest) -> HttpResponse:
    """Show who belongs to the organization, and to those who may, who is invited."""
    form = InviteForm(request.organization, request.role, initial={"role": Role.VIEWER})
    return list_page(request, form)


def list_page(request: OrganizationRequest, form: InviteForm, *, status: int = 200) -> HttpResponse:
    """Render the list with a form that invites."""
    may_manage = Right.MANAGE_MEMBERS in request.rights
    context = {
        "rows": list_members(request.organization),
        "invitations": list_invitations(request.organization) if may_manage else [],
        "form": form,
    }
    return render(request, "accounts/members.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def member_page(request: OrganizationRequest, member_id: int) -> HttpResponse:
    """Show a member's terms, and change them."""
    require(request, Right.MANAGE_MEMBERS)
    member = get_member(request.organization, member_id)
    if request.method != "POST":
        initial = terms_of(member).as_fields()
        form = TermsForm(request.organization, request.role, initial=initial)
        return _member_page(request, member, form)
    form = TermsForm(request.organization, request.role, request.POST)
    if form.is_valid():
        try:
            changed = members.change_member(
                organization=request.organization,
                member_id=member_id,
                actor=request.user,
                terms=form.terms(),
            )
        except Refused as refused:
            form.add_error(None, sentence(refused))
        else:
            messages.success(request, f"{member.user.email}: {describe(terms_of(changed))}.")
            return redirect("member_list", request.organization.slug)
    return _member_page(request, member, form, status=422)


def describe(terms: Terms) -> str:
    """Say terms in a few words: "viewer until 2026-11-30, with 2 rights beyond the role"."""
    words = terms.role.label.lower()
    if terms.ends_on:
        words += f" until {terms.ends_on.isoformat()}"
    if terms.extra_rights:
        words += f", with {count(len(terms.extra_rights), 'right')} beyond the role"
    return words


def _member_page(
    request: OrganizationRequest, member: Membership, form: TermsForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "member": member,
        "form": form,
        "may_change": may_give(request.role, member.role),
        "is_self": member.user_id == request.user.pk,
    }
    return render(request, "accounts/member.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def remove_member(request: OrganizationRequest, member_id: int) -> HttpResponse:
    """Say what removing a member ends, and do it."""
    require(request, Right.MANAGE_MEMBERS)
    member = get_member(request.organization, member_id)
    email, is_self = member.user.email, member.user_id == request.user.pk
    if request.method != "POST":
        context = {"member": member, "sentences": _effects(member)}
        return render(request, "accounts/member_remove.html", context)
    try:
        ended = members.remove_member(
            organization=request.organization, member_id=member_id, actor=request.user
        )
    except Refused as refused:
        tell_refusal(request, refused)
        return redirect("member_page", request.organization.slug, member_id)
    messages.success(
        request,
        f"{email} was removed from {request.organization.name}. "
        f"{count(ended.keys, 'API key')} revoked, "
        f"{count(ended.invitations, 'invitation')} withdrawn.",
    )
    if is_self:
        return redirect("home")
    return redirect("member_list", request.organization.slug)


def _effects(member: Membership) -> list[str]:
    """Say in numbers what ends together with a membership."""
    belongings = count_belongings(member)
    name = member.organization.name
    effects = [
        f"From the next request on, {name} is not there any more for {member.user.email}.",
        f"Ends at once: {count(belongings.keys, 'API key')} that they made, and "
        f"{count(belongings.invitations, 'open invitation')} that they sent.",
    ]
    if not belongings.organizations_left:
        effects.append("They belong to no other organization, so their sessions end as well.")
    return [*effects, "Runs, mapping versions and the audit trail stay as they are."]


@require_http_methods(["GET", "HEAD", "POST"])
def leave_organization(request: OrganizationRequest) -> HttpResponse:
    """Say what leaving ends, and end one's own membership."""
    if request.method != "POST":
        mine = find_membership(request.user, request.organization.slug)
        context = {"sentences": _effects(mine) if mine else []}
        return render(request, "accounts/organization_leave.html", context)
    try:
        members.leave_organization(organization=request.organization, actor=request.user)
    except Refused as refused:
        tell_refusal(request, refused)
        return redirect("organization_settings", request.organization.slug)
    messages.success(request, f"You have left {request.organization.name}.")
    return redirect("home")
