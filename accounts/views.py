"""Signing in and out, the way to one's organization, and the choice of colours."""

from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.error_pages import too_many_tries
from accounts.forms import SignInForm
from accounts.middleware import THEMES
from accounts.models import User
from accounts.selectors import list_memberships
from accounts.services import note_sign_in
from accounts.throttles import SignInTries, tries_of

THEME_SECONDS = 365 * 24 * 3600


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the person's organization, or let them choose among several."""
    if not isinstance(request.user, User):
        return redirect("sign_in")
    memberships = list_memberships(request.user)
    if len(memberships) == 1:
        return redirect("run_list", memberships[0].organization.slug)
    return render(request, "accounts/organizations.html", {"memberships": memberships})


@login_not_required
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign a person in and lead them to where they wanted to go."""
    goal = _safe_goal(request)
    if request.user.is_authenticated:
        return redirect(goal)
    if request.method != "POST":
        return render(request, "accounts/sign_in.html", {"form": SignInForm(request), "next": goal})
    tries = tries_of(request, request.POST.get("email", ""))
    wait = tries.seconds_to_wait()
    if wait:
        return too_many_tries(request, wait)
    form = SignInForm(request, request.POST)
    if form.is_valid() and form.user is not None:
        note_sign_in(form.user)
        auth.login(request, form.user)
        return redirect(goal)
    _count_wrong_pair(form, tries)
    return render(request, "accounts/sign_in.html", {"form": form, "next": goal}, status=422)


def _count_wrong_pair(form: SignInForm, tries: SignInTries) -> None:
    if form.has_error("__all__", code="wrong_pair"):
        tries.note_failure()


def _safe_goal(request: HttpRequest) -> str:
    """Return the wanted page of this site; another site's address is never followed."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else resolve_url("home")


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    auth.logout(request)
    return redirect("sign_in")


@login_not_required
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep the choice of light, dark or the system's own colours in a cookie."""
    theme = request.POST.get("theme", "")
    answer = HttpResponseRedirect(_safe_goal(request))
    if theme in THEMES:
        answer.set_cookie(
            "theme",
            theme,
            max_age=THEME_SECONDS,
            secure=request.is_secure(),
            samesite="Lax",
        )
    return answer
