"""Gives each request its reference id, and each page of an organization its tenant."""

import uuid
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.http import urlencode

from accounts.bound_sessions import bound_to, is_kept_out
from accounts.error_pages import not_allowed, own_sign_in_needed
from accounts.gate import RightMissing
from accounts.permissions import rights_of
from accounts.requests import PageRequest
from accounts.selectors import find_membership
from accounts.services.members import note_seen
from accounts.services.refusals import note_refusal
from audit.context import acting
from audit.tenancy import tenant

THEMES = ("system", "light", "dark")
GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestMiddleware:
    """Names the request for the trail, logs and error pages, and reads the kept theme.

    No cache keeps an answer, unless a view says otherwise.
    A sign-in redirect that answers an HTMX call moves the whole page, not the part. An address
    that takes no such request says so in words.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request with its reference in `X-Request-ID`."""
        reference = uuid.uuid4().hex
        theme = request.COOKIES.get("theme", "system")
        page = cast(PageRequest, request)
        page.id, page.theme = reference, theme if theme in THEMES else "system"
        with acting(request_id=reference):
            response = self.get_response(request)
        if "HX-Request" in request.headers and _leads_to_sign_in(response):
            response = HttpResponse(status=204, headers={"HX-Redirect": _sign_in_for(request)})
        elif response.status_code == 405 and not response.content:
            response = not_allowed(request, response["Allow"])
        if "Cache-Control" not in response:
            add_never_cache_headers(response)
        response["X-Request-ID"] = reference
        return response


def _leads_to_sign_in(response: HttpResponse) -> bool:
    location = response.get("Location", "")
    return response.status_code == 302 and location.startswith(resolve_url(settings.LOGIN_URL))


def _sign_in_for(request: HttpRequest) -> str:
    """Return the sign-in page that leads back to the page which asked for a part."""
    page = urlsplit(request.headers.get("HX-Current-URL", "")).path or "/"
    return f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': page})}"


class OrganizationMiddleware:
    """Turns `/o/<slug>/…` into `request.organization`, or 404 for everybody but its members.

    The whole view runs in one transaction of that tenant, in its time zone and in the
    person's name; answers are rendered before the transaction ends. A view that waits for
    another system (`accounts.gate.asks_outside`) opens its scopes itself. The view does not get
    the slug. A deed that needs a right which the member lacks is noted in the trail. A session that
    an organization's own sign-in opened reaches that organization and nothing else.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Leave the request as it is until its view is known."""
        return self.get_response(request)

    def process_view(
        self,
        request: Any,
        view: Callable[..., HttpResponse],
        _arguments: tuple[Any, ...],
        keywords: dict[str, Any],
    ) -> HttpResponse | None:
        """Run the view inside its organization; needs `LoginRequiredMiddleware` before it."""
        if not request.path_info.startswith("/o/"):
            return own_sign_in_needed(request) if is_kept_out(request) else None
        membership = find_membership(request.user, keywords.pop("slug", ""))
        if membership is None or bound_to(request) not in (None, membership.organization_id):
            raise Http404("no such organization")
        note_seen(membership)
        organization = membership.organization
        request.organization = organization
        request.role = membership.role
        request.rights = rights_of(membership)
        waits = getattr(view, "asks_outside", False)
        try:
            with (
                timezone.override(ZoneInfo(organization.time_zone)),
                acting(request.user.email),
                nullcontext() if waits else tenant(organization.pk),
            ):
                response = view(request, **keywords)
        except RightMissing as refused:
            note_refusal(
                organization=organization,
                actor=request.user.email,
                right=refused.right,
                address=request.path_info,
            )
            raise
        add_never_cache_headers(response)
        return response
