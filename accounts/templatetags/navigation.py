"""Template tags that draw the navigation of an organization and a person's menu."""

from typing import Any

from django import template
from django.template.context import RequestContext

from accounts import navigation
from accounts.bound_sessions import bound_to, narrow
from accounts.selectors import list_memberships

register = template.Library()


@register.inclusion_tag("partials/navigation.html", takes_context=True)
def organization_navigation(context: RequestContext) -> dict[str, Any]:
    """Show the pages of the organization that the member may see."""
    return {"label": "Main", "entries": _main(context), "in_menu": False}


@register.inclusion_tag("partials/person.html", takes_context=True)
def person_menu(context: RequestContext) -> dict[str, Any]:
    """Show who is signed in, where else they may go, the choice of colours and the way out."""
    request: Any = context["request"]
    organization = getattr(request, "organization", None)
    slug = organization.slug if organization else ""
    is_bound = bound_to(request) is not None
    own = navigation.person_entries(request.path, is_staff=request.user.is_staff)
    memberships = narrow(request, list_memberships(request.user))
    return {
        "request": request,
        "main": _main(context),
        "own": [] if is_bound else own,
        "organizations": navigation.switcher_entries(memberships, slug),
        "sign_out_url": navigation.find_url("sign_out") or navigation.find_url("account_logout"),
    }


def _main(context: RequestContext) -> list[navigation.Entry]:
    request: Any = context["request"]
    if not hasattr(request, "organization"):
        return []
    return navigation.organization_entries(request.organization.slug, request.rights, request.path)
