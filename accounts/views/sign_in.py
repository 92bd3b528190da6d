"""Signing in and out."""

from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.error_pages import too_many_tries
from accounts.forms import SignInForm
from accounts.services.sessions import note_sign_in
from accounts.throttles import SignInTries, tries_of
from accounts.views.goals import safe_goal


@login_not_required
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign a person in and lead them to where they wanted to go."""
    goal = safe_goal(request)
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


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    auth.logout(request)
    return redirect("sign_in")
