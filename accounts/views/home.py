"""The way to one's organization, and the choice of colours."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.bound_sessions import narrow
from accounts.middleware import THEMES
from accounts.models import User
from accounts.selectors import has_open_invitation, list_memberships
from accounts.views.goals import safe_goal

THEME_SECONDS = 365 * 24 * 3600


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show strangers what this is; lead members to their organization, or let them choose."""
    if not isinstance(request.user, User):
        return render(request, "landing.html")
    memberships = narrow(request, list_memberships(request.user))
    if len(memberships) == 1:
        return redirect("organization_home", memberships[0].organization.slug)
    if not memberships and not has_open_invitation(request.user):
        return redirect("organization_create")
    return render(request, "accounts/organizations.html", {"memberships": memberships})


@login_not_required
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep the choice of light, dark or the system's own colours in a cookie."""
    theme = request.POST.get("theme", "")
    answer = HttpResponseRedirect(safe_goal(request))
    if theme in THEMES:
        answer.set_cookie(
            "theme",
            theme,
            max_age=THEME_SECONDS,
            secure=request.is_secure(),
            samesite="Lax",
        )
    return answer
