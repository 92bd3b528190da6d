"""Sessions that an organization's own sign-in has opened: they open that organization alone.

Whoever runs an organization's provider could sign in as any of its members. So such a session
reaches neither another organization nor the person's own account.
"""

from collections.abc import Iterable

from django.http import HttpRequest

from accounts.models import Membership

ORGANIZATION = "bound_to_organization"
"""The name in the session under which the organization's number stands."""

# Pages without anything of a person, besides those below `/o/`, and the ways in and out.
OPEN_ROUTES = frozenset(
    {
        "home",
        "sign_out",
        "choose_theme",
        "error_list",
        "api_reference",
        "kept_mail",
        "organization_sign_in",
        "organization_sign_in_done",
        # It leads back into the one organization, and looks at the bond itself.
        "anaplan_approved",
    }
)
# Sessions and cookies do not count in the API.
OPEN_BRANCHES = ("/api/",)


def bind_session(request: HttpRequest, organization_id: int | None) -> None:
    """Bind a session that begins to an organization, or to none."""
    request.session.pop(ORGANIZATION, None)
    if organization_id is not None:
        request.session[ORGANIZATION] = organization_id


def bound_to(request: HttpRequest) -> int | None:
    """Return the organization that a session opens alone; nothing for one that opens all."""
    found: int | None = request.session.get(ORGANIZATION)
    return found


def is_kept_out(request: HttpRequest) -> bool:
    """Tell whether a bound session asks for a page that no organization holds."""
    if bound_to(request) is None or request.path_info.startswith(OPEN_BRANCHES):
        return False
    found = request.resolver_match
    return found is None or found.view_name not in OPEN_ROUTES


def narrow(request: HttpRequest, memberships: Iterable[Membership]) -> list[Membership]:
    """Leave those memberships that the session opens."""
    only = bound_to(request)
    return [found for found in memberships if only in (None, found.organization_id)]
