"""One's own account: how one signs in, in one place; and signing out."""

from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.selectors import find_sign_in_facts


@never_cache
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Show everything by which a person signs in, each with the way to change it."""
    if not isinstance(request.user, User):
        return redirect("account_login")
    return render(request, "account/security.html", {"facts": find_sign_in_facts(request.user)})


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    auth.logout(request)
    return redirect("account_login")
