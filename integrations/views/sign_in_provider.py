"""Through which provider members sign in: setting it, trying it, removing it."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import Refused
from accounts.gate import asks_outside, require
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.views.refusals import sentence, tell_refusal
from integrations.forms.sign_in import SignInProviderForm
from integrations.selectors.sign_in import find_provider
from integrations.services import sign_in_provider as service

WHAT_REMOVING_MEANS = (
    "Nobody signs in through it any more, and sessions that it has opened end at once.",
    "The stored secret is deleted. Members sign in with password or passkey as before.",
)


@sensitive_post_parameters("secret")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_provider(request: OrganizationRequest) -> HttpResponse:
    """Show how the provider is set, and set it."""
    require(request, Right.SET_SIGN_IN)
    row = find_provider(request.organization)
    if request.method != "POST":
        names = ("issuer", "client_id") if row else ()
        initial = {name: getattr(row, name) for name in names}
        initial["domains"] = "\n".join(row.domains if row else [])
        return _page(request, SignInProviderForm(initial=initial, has_secret=row is not None))
    form = SignInProviderForm(request.POST, has_secret=row is not None)
    if not form.is_valid():
        return _page(request, form)
    try:
        service.save_provider(
            organization=request.organization, actor=request.user, **form.cleaned_data
        )
    except Refused as refused:
        form.show_refusal(refused.code, sentence(refused))
        return _page(request, form)
    messages.success(request, "The provider is saved. Try it before you tell your colleagues.")
    return redirect("sign_in_provider", request.organization.slug)


@require_POST
@asks_outside
def try_provider(request: OrganizationRequest) -> HttpResponse:
    """Ask the provider for what it says of itself, and tell what came of it."""
    require(request, Right.SET_SIGN_IN)
    try:
        found = service.try_provider(organization=request.organization)
    except Refused as refused:
        tell_refusal(request, refused)
    else:
        messages.success(
            request,
            f"{found.issuer} was reached and names all it has to. Client id and secret are first "
            "proved by a sign-in: open the sign-in address in another browser.",
        )
    return redirect("sign_in_provider", request.organization.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def remove_provider(request: OrganizationRequest) -> HttpResponse:
    """Ask, then remove the provider."""
    require(request, Right.SET_SIGN_IN)
    if request.method != "POST":
        context = {"sentences": WHAT_REMOVING_MEANS}
        return render(request, "integrations/sign_in_remove.html", context)
    try:
        service.remove_provider(organization=request.organization, actor=request.user)
    except Refused as refused:
        tell_refusal(request, refused)
    else:
        messages.success(request, "The provider is removed.")
    return redirect("sign_in_provider", request.organization.slug)


def _page(request: OrganizationRequest, form: SignInProviderForm) -> HttpResponse:
    slug = request.organization.slug
    context = {
        "form": form,
        "provider": find_provider(request.organization),
        "address": settings.PUBLIC_ORIGIN + reverse("organization_sign_in", args=[slug]),
        "redirect_uri": settings.PUBLIC_ORIGIN + reverse("organization_sign_in_done", args=[slug]),
    }
    status = 422 if form.errors else 200
    return render(request, "integrations/sign_in_provider.html", context, status=status)
