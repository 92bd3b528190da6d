"""The operator's admin: behind the same sign-in as everything else, and a second factor."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypeVar, cast

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver

from accounts.models import User

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

NEEDS_FACTOR = "Staff pages need a second factor. Add an authenticator app or a passkey first."
# Signing in and out and passwords are the site's own; the rest leads nowhere here.
_NOT_ROUTED = frozenset(
    {"login", "logout", "password_change", "password_change_done", "autocomplete", "view_on_site"}
)


class StaffSite(AdminSite):
    """Shows people and organizations to staff; nothing that belongs to an organization."""

    site_header = "ml-connector staff"
    site_title = "ml-connector staff"
    index_title = "People and organizations"
    enable_nav_sidebar = False
    final_catch_all_view = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Let staff in who sign in by two factors."""
        user = request.user
        return isinstance(user, User) and super().has_permission(request) and is_mfa_enabled(user)

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Lead staff to a second factor; for everybody else there is no such page."""
        guarded = super().admin_view(view, cacheable)

        def inner(request: HttpRequest, *arguments: Any, **keywords: Any) -> HttpResponseBase:
            if self.has_permission(request):
                answer: HttpResponseBase = guarded(request, *arguments, **keywords)
                return answer
            if not super(StaffSite, self).has_permission(request):
                raise Http404("not staff")
            messages.warning(request, NEEDS_FACTOR)
            return redirect("mfa_index")

        return cast(View, update_wrapper(inner, guarded))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Route only what is used; who is not signed in goes to the site's own sign-in."""
        used = [route for route in super().get_urls() if _name(route) not in _NOT_ROUTED]
        for route in used:
            if isinstance(route, URLPattern):
                vars(route.callback).pop("login_url", None)
        return used


def _name(route: URLPattern | URLResolver) -> str:
    return str(route.name) if isinstance(route, URLPattern) else ""


staff_site = StaffSite(name="admin")
