"""Making an organization, its settings, and its end."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import Refused
from accounts.gate import require
from accounts.models import User
from accounts.organization_forms import CloseForm, NewOrganizationForm, SettingsForm
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.selectors import list_memberships
from accounts.services.settings import SECOND_PERSON, change_settings
from accounts.views.refusals import sentence, tell_refusal
from accounts.wording import count
from integrations.selectors.organizations import count_holdings
from integrations.services import closing
from integrations.services.organizations import found_organization


@require_http_methods(["GET", "HEAD", "POST"])
def organization_create(request: HttpRequest) -> HttpResponse:
    """Make an organization, whose owner is who made it, and lead to its first steps."""
    form = NewOrganizationForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and isinstance(request.user, User):
        try:
            made = found_organization(owner=request.user, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, sentence(refused))
        else:
            messages.success(request, f"{made.name} is yours. These are the first steps.")
            return redirect("onboarding", made.slug)
    status = 422 if form.errors else 200
    is_first = isinstance(request.user, User) and not list_memberships(request.user)
    context = {"form": form, "is_first": is_first}
    return render(request, "accounts/organization_create.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def organization_settings(request: OrganizationRequest) -> HttpResponse:
    """Show what an organization says of itself, and change it."""
    if request.method != "POST":
        return _settings_page(request, SettingsForm(request.organization))
    require(request, Right.CHANGE_SETTINGS)
    form = SettingsForm(request.organization, request.POST)
    if not form.is_valid():
        return _settings_page(request, form, status=422)
    names = ("name", "time_zone", "base_currency", *SECOND_PERSON)
    try:
        change_settings(
            organization=request.organization,
            actor=request.user,
            **{name: form.cleaned_data[name] for name in names},
        )
    except Refused as refused:
        form.add_error(None, sentence(refused))
        return _settings_page(request, form, status=422)
    messages.success(request, "The settings are saved.")
    return redirect("organization_settings", request.organization.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def close_organization(request: OrganizationRequest) -> HttpResponse:
    """Say in numbers what closing means, and ask for it by the typed name."""
    require(request, Right.CLOSE_ORGANIZATION)
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            closed = closing.ask_to_close(
                organization=request.organization,
                actor=request.user,
                typed_name=form.cleaned_data["typed_name"],
            )
        except Refused as refused:
            form.add_error("typed_name", sentence(refused))
        else:
            messages.success(
                request,
                f"{closed.name} closes in seven days. A receipt is on its way to every owner.",
            )
            return redirect("organization_settings", closed.slug)
    context = {"form": form, "sentences": _effects(request)}
    status = 422 if form.errors else 200
    return render(request, "accounts/organization_close.html", context, status=status)


@require_POST
def keep_organization(request: OrganizationRequest) -> HttpResponse:
    """Take the closing back."""
    require(request, Right.CLOSE_ORGANIZATION)
    try:
        closing.keep_organization(organization=request.organization, actor=request.user)
    except Refused as refused:
        tell_refusal(request, refused)
    else:
        messages.success(request, f"{request.organization.name} stays open.")
    return redirect("organization_settings", request.organization.slug)


def _settings_page(
    request: OrganizationRequest, form: SettingsForm, *, status: int = 200
) -> HttpResponse:
    organization = request.organization
    pairs = [
        ("Name", organization.name),
        ("Time zone", organization.time_zone),
        ("Base currency", organization.base_currency),
        (
            "A second person publishes plans",
            "yes" if organization.second_person_publishes else "no",
        ),
        (
            "A second person approves the mapping",
            "yes" if organization.second_person_maps else "no",
        ),
    ]
    context = {"form": form, "pairs": pairs}
    return render(request, "accounts/organization_settings.html", context, status=status)


def _effects(request: OrganizationRequest) -> list[str]:
    """Say in numbers what closing ends, what it keeps, and how it is taken back."""
    has = count_holdings(request.organization)
    return [
        f"At once: no run is started any more, calls with API keys are refused, and "
        f"{count(has.active_runs, 'run')} under way stop before the next step.",
        f"In {closing.GRACE.days} days, for good: access ends for {count(has.members, 'member')}, "
        f"{count(has.keys, 'API key')} and {count(has.invitations, 'open invitation')} end, and "
        f"the secrets of {count(has.connections, 'connection')} can never be opened again.",
        f"Kept until the time of retention is over: {count(has.runs, 'run')}, "
        f"{count(has.evidence_blocks, 'evidence block')} and {count(has.events, 'event')} of the "
        "audit trail. Nothing is changed in QAD or Anaplan.",
        "Until then any owner may take it back here. Every owner gets a receipt by mail.",
        f"To confirm, type the organization's name: {request.organization.name}",
    ]
