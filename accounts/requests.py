"""A request as the middleware hands it to pages, for type checkers and readers."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import Organization, User
from accounts.permissions import Right


class PageRequest(HttpRequest):
    """Any request: `id` is its reference in the trail and in logs, `theme` the kept choice."""

    id: str
    theme: str
    htmx: HtmxDetails


class OrganizationRequest(PageRequest):
    """A request below `/o/<slug>/` by a member, inside the tenant's scope."""

    user: User
    organization: Organization
    role: str
    rights: frozenset[Right]
