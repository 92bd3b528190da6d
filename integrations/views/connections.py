"""The connections of an organization: the list, the page of one, and its removal."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import Refused
from accounts.gate import require
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.views.refusals import tell_refusal
from integrations.selectors.connections import (
    SIGN_INS,
    get_connection,
    list_connections,
    way_in,
)
from integrations.selectors.document_checks import get_overview
from integrations.selectors.models import get_model
from integrations.selectors.qad import chosen_workspace
from integrations.selectors.standing import approval_of, sign_in_standing
from integrations.services import connections as service
from integrations.services.throttling import standing_of, throttled
from integrations.views.budget import budget_context
from integrations.views.ping import ping_section

WHAT_REMOVING_MEANS = (
    "Its stored secrets are deleted, with what pings and checks have found.",
    "Runs that have ended stay as they are. Nothing is changed in the other system.",
)


@require_safe
def connection_list(request: OrganizationRequest) -> HttpResponse:
    """Show both sides and how each of them was when it was last asked."""
    lines = list_connections(request.organization)
    context = {"lines": lines, "throttled": throttled(line.connection for line in lines)}
    return render(request, "integrations/connection_list.html", context)


@require_safe
def connection_page(request: OrganizationRequest, connection_id: int) -> HttpResponse:
    """Show one connection: how it signs in, what was chosen there, what its last ping found."""
    connection = get_connection(request.organization, connection_id)
    mode = way_in(connection)
    context = {
        "connection": connection,
        "mode": mode,
        "sign_in": SIGN_INS[mode],
        "sign_in_standing": sign_in_standing(connection),
        "approval": approval_of(connection),
        "workspace": chosen_workspace(connection),
        **budget_context(standing_of(connection)),
        "model": get_model(connection) if connection.system == "anaplan" else None,
        "overview": get_overview(connection),
        **ping_section(connection),
    }
    return render(request, "integrations/connection.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def remove_connection(request: OrganizationRequest, connection_id: int) -> HttpResponse:
    """Say what removing means, then do it."""
    require(request, Right.CONNECT)
    connection = get_connection(request.organization, connection_id)
    if request.method != "POST":
        context = {"connection": connection, "sentences": WHAT_REMOVING_MEANS}
        return render(request, "integrations/connection_remove.html", context)
    try:
        service.remove_connection(organization=request.organization, connection_id=connection_id)
    except Refused as refused:
        tell_refusal(request, refused)
        return redirect("connection", request.organization.slug, connection_id)
    messages.success(request, f"{connection.name} is removed, and its secrets with it.")
    return redirect("connection_list", request.organization.slug)
