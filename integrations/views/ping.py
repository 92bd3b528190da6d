"""Pings on the page of a connection: the button, the steps as they end, the way to stop."""

import hashlib
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import Refused
from accounts.gate import require
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.views.refusals import tell_refusal
from integrations.selectors.connections import get_connection
from integrations.selectors.ping_words import announcement, headline, letter
from integrations.selectors.pings import get_ping, list_pings
from integrations.services.pinging import asking


@require_POST
def start_ping(request: OrganizationRequest, connection_id: int) -> HttpResponse:
    """Begin a ping, or join the one that runs; with scripts its section is answered at once."""
    require(request, Right.CONNECT)
    connection = get_connection(request.organization, connection_id)
    try:
        asking.start_ping(
            organization=request.organization,
            connection_id=connection_id,
            asked_by=request.user.email,
        )
    except Refused as refused:
        tell_refusal(request, refused)
        if request.htmx:
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    if not request.htmx:
        return _to_section(request, connection_id)
    context = {**ping_section(connection), "takes_focus": True}
    return render(request, "integrations/connection/ping.html", context)


@require_safe
def ping_live(request: OrganizationRequest, connection_id: int) -> HttpResponse:
    """Answer the live part, or 304 where nothing has changed since the last one."""
    context = ping_section(get_connection(request.organization, connection_id))
    if request.headers.get("If-None-Match") == context["etag"]:
        return HttpResponseNotModified(headers={"ETag": context["etag"]})
    answer = render(request, "integrations/connection/ping_live.html", context)
    answer["ETag"] = context["etag"]
    return answer


@require_POST
def cancel_ping(request: OrganizationRequest, connection_id: int, ping_id: int) -> HttpResponse:
    """Ask a ping to stop."""
    require(request, Right.CONNECT)
    get_ping(request.organization, connection_id, ping_id)
    try:
        asking.cancel_ping(
            organization=request.organization,
            connection_id=connection_id,
            ping_id=ping_id,
            asked_by=request.user.email,
        )
    except Refused as refused:
        tell_refusal(request, refused)
    else:
        messages.success(request, "The ping stops before its next step. Nothing was changed.")
    return _to_section(request, connection_id)


def ping_section(connection: Any) -> dict[str, Any]:
    """Return what the section of a connection's page is drawn from."""
    pings = list_pings(connection)
    newest = pings[0] if pings else None
    return {
        "connection": connection,
        "ping": newest,
        "pings": [(ping, headline(ping)) for ping in pings],
        "headline": headline(newest) if newest else None,
        "announcement": announcement(newest),
        "letter": letter(newest) if newest else "",
        "etag": f'"{hashlib.sha256(repr(pings).encode()).hexdigest()[:32]}"',
    }


def _to_section(request: OrganizationRequest, connection_id: int) -> HttpResponse:
    place = reverse("connection", args=[request.organization.slug, connection_id])
    return redirect(f"{place}#ping")
