"""Signing in through an organization's own provider: to it, and back."""

from dataclasses import asdict

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from accounts.error_pages import too_many_requests
from accounts.errors import Refused
from accounts.services.sessions import sign_in_through
from accounts.throttles import PROVIDER_SIGN_INS_AN_ADDRESS, take_from
from accounts.views.refusals import tell_refusal
from integrations.services import organization_sign_in as service

ATTEMPT = "organization_sign_in"
"""The name in the session under which the one attempt stands that is under way."""


@login_not_required
@never_cache
@require_safe
@sensitive_variables("attempt", "setup")
def begin(request: HttpRequest, short_name: str) -> HttpResponse:
    """Send the browser to the provider of an organization."""
    if wait := take_from(request, PROVIDER_SIGN_INS_AN_ADDRESS).wait:
        return too_many_requests(request, wait)
    setup = _setup(short_name)
    try:
        url, attempt = service.begin(setup)
    except Refused as refused:
        return _refused(request, refused)
    request.session[ATTEMPT] = asdict(attempt)
    return redirect(url)


@login_not_required
@never_cache
@require_safe
@sensitive_variables("attempt", "setup")
def done(request: HttpRequest, short_name: str) -> HttpResponse:
    """Take the provider's answer, once, and sign the member in whom it proves."""
    if wait := take_from(request, PROVIDER_SIGN_INS_AN_ADDRESS).wait:
        return too_many_requests(request, wait)
    setup = _setup(short_name)
    kept = request.session.pop(ATTEMPT, None)
    attempt = service.Attempt(**kept) if kept else None
    try:
        user = service.finish(setup=setup, attempt=attempt, answer=request.GET.dict())
    except Refused as refused:
        return _refused(request, refused)
    return sign_in_through(request=request, user=user, organization=setup.organization)


def _setup(short_name: str) -> service.Setup:
    redirect_uri = reverse("organization_sign_in_done", args=[short_name])
    setup = service.find_setup(short_name, settings.PUBLIC_ORIGIN + redirect_uri)
    if setup is None:
        raise Http404("no such organization, or none with a provider")
    return setup


def _refused(request: HttpRequest, refused: Refused) -> HttpResponse:
    tell_refusal(request, refused)
    return redirect("account_login")
