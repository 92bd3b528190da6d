"""What checks of an instance profile have found: the page, its live part, asking and accepting."""

import hashlib
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import Refused
from accounts.gate import require
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.views.refusals import tell_refusal
from integrations.selectors.connections import get_connection
from integrations.selectors.document_checks import Overview, get_overview
from integrations.services import document_checks as service


@require_safe
def document_checks(request: OrganizationRequest, connection_id: int) -> HttpResponse:
    """Show how each document of the profile stands, with its cause and what to do."""
    overview = get_overview(get_connection(request.organization, connection_id))
    return render(request, "integrations/document_checks.html", _context(overview))


@require_safe
def check_results(request: OrganizationRequest, connection_id: int) -> HttpResponse:
    """Answer the live part, or 304 where nothing has changed since the last one."""
    overview = get_overview(get_connection(request.organization, connection_id))
    context = _context(overview)
    if request.headers.get("If-None-Match") == context["etag"]:
        return HttpResponseNotModified(headers={"ETag": context["etag"]})
    answer = render(request, "integrations/checks/results.html", context)
    answer["ETag"] = context["etag"]
    return answer


@require_POST
def ask_for_check(request: OrganizationRequest, connection_id: int) -> HttpResponse:
    """Let the workers check the profile, and lead to the page that follows them."""
    require(request, Right.CONNECT)
    get_connection(request.organization, connection_id)
    try:
        service.ask_for_check(
            organization=request.organization,
            connection_id=connection_id,
            asked_by=request.user.email,
        )
    except Refused as refused:
        tell_refusal(request, refused)
        return redirect("connection", request.organization.slug, connection_id)
    return redirect("document_checks", request.organization.slug, connection_id)


@require_POST
def accept_warning(request: OrganizationRequest, connection_id: int, document: str) -> HttpResponse:
    """Take a document's warning as good until something changes."""
    require(request, Right.CONNECT)
    get_connection(request.organization, connection_id)
    try:
        service.accept_warning(
            organization=request.organization,
            connection_id=connection_id,
            document=document,
            accepted_by=request.user.email,
        )
    except Refused as refused:
        tell_refusal(request, refused)
    else:
        messages.success(
            request,
            f"The warning of {document} is accepted in your name, until the profile changes "
            "or a check finds something else. Syncs may read it.",
        )
    return redirect("document_checks", request.organization.slug, connection_id)


def _context(overview: Overview) -> dict[str, Any]:
    seen = [(line.document, line.state, line.looked_at) for line in overview.lines]
    digest = hashlib.sha256(repr((seen, overview.is_under_way)).encode()).hexdigest()
    return {"connection": overview.connection, "overview": overview, "etag": f'"{digest[:32]}"'}
