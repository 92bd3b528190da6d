"""API keys: the list, making one, showing it once, revoking it."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts.api_keys import USUAL_DAYS, Scope
from accounts.errors import Refused
from accounts.gate import require
from accounts.key_forms import KeyForm
from accounts.key_selectors import get_key, list_keys
from accounts.models import ApiKey
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.services import keys


@require_safe
def key_list(request: OrganizationRequest) -> HttpResponse:
    """Show the keys that are live, and those that are over."""
    live, ended = list_keys(request.organization)
    has_exposed = any(key.exposed_at for key in live)
    context = {"live": live, "ended": ended, "has_exposed": has_exposed}
    return render(request, "accounts/key_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("key", "context")
def create_key(request: OrganizationRequest) -> HttpResponse:
    """Make a key and show it in this one answer.

    The key stands in no session and no address, so that nothing has to be wiped later. Loading
    the answer again asks for the same name, which is refused.
    """
    require(request, Right.MANAGE_KEYS)
    if request.method != "POST":
        usual = request.organization.today() + timedelta(days=USUAL_DAYS)
        return _form_page(request, KeyForm(_scopes(request), initial={"ends_on": usual}))
    form = KeyForm(_scopes(request), request.POST)
    if not form.is_valid():
        return _form_page(request, form)
    try:
        made, key = keys.create_key(
            organization=request.organization,
            maker=request.user,
            rights=request.rights,
            **form.cleaned_data,
        )
    except Refused as refused:
        form.show_refusal(refused)
        return _form_page(request, form)
    address = settings.PUBLIC_ORIGIN + reverse("api_me")
    call = f'curl "{address}" --header "Authorization: Bearer {key.text}"'
    context = {"made": made, "key": key.text, "call": call}
    return render(request, "accounts/key_made.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def revoke_key(request: OrganizationRequest, key_id: int) -> HttpResponse:
    """Ask, then end a key."""
    require(request, Right.MANAGE_KEYS)
    key = get_key(request.organization, key_id)
    if request.method != "POST":
        context = {"key": key, "sentences": _what_revoking_means(key)}
        return render(request, "accounts/key_revoke.html", context)
    try:
        keys.revoke_key(
            organization=request.organization, key_id=key_id, revoked_by=request.user.email
        )
    except Refused as refused:
        messages.error(request, f"{refused.message} {refused.fix}")
    else:
        messages.success(request, f"{key.name} is revoked. Calls with it are refused from now on.")
    return redirect("key_list", request.organization.slug)


def _form_page(request: OrganizationRequest, form: KeyForm) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, "accounts/key_form.html", {"form": form}, status=status)


def _scopes(request: OrganizationRequest) -> list[Scope]:
    return [scope for scope in Scope if scope.right in request.rights]


def _what_revoking_means(key: ApiKey) -> list[str]:
    end = "From the next call on it is refused, wherever it is used. This can't be taken back."
    if key.last_used_at is None:
        return [f"{key.prefix} has never been used.", end]
    used = f"{timezone.localtime(key.last_used_at):%Y-%m-%d %H:%M %Z}"
    return [f"{key.prefix} was used last at {used} from {key.last_used_from}.", end]
