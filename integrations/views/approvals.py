"""Approving a connection at Anaplan: there and back in this browser, or by a device's code."""

from dataclasses import asdict, replace
from datetime import UTC, datetime

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from accounts.bound_sessions import bound_to
from accounts.errors import Refused
from accounts.gate import asks_outside, require
from accounts.permissions import Right, rights_of
from accounts.requests import OrganizationRequest
from accounts.selectors import find_membership
from accounts.views.refusals import tell_refusal
from audit.context import acting
from audit.tenancy import reading
from integrations.selectors.connections import get_connection
from integrations.services import approvals as service

ATTEMPT, DEVICE = "anaplan_approval", "anaplan_device"
"""The names in the session under which an approval stands that is under way."""


@never_cache
@require_safe
def approve_anaplan(request: OrganizationRequest, connection_id: int) -> HttpResponse:
    """Send the browser to Anaplan's page of consent."""
    require(request, Right.CONNECT)
    try:
        url, attempt = service.begin_approval(
            organization=request.organization,
            connection_id=connection_id,
            redirect_uri=_redirect_uri(),
        )
    except Refused as refused:
        tell_refusal(request, refused)
        return redirect("connection", request.organization.slug, connection_id)
    request.session[ATTEMPT] = asdict(attempt)
    return redirect(url)


@never_cache
@require_safe
@sensitive_variables("answer")
def anaplan_approved(request: HttpRequest) -> HttpResponse:
    """Take Anaplan's answer, once, for the connection that this browser has begun to approve."""
    kept, answer = request.session.get(ATTEMPT), request.GET.dict()
    attempt = service.Attempt(**kept) if kept else None
    if attempt is None or not service.is_answer_to(attempt, answer):
        lost = Refused("anaplan_approval_lost", minutes=service.LONGEST_MINUTES)
        tell_refusal(request, lost)
        return redirect("home")
    del request.session[ATTEMPT]
    mine = find_membership(request.user, attempt.slug)
    if mine is None or bound_to(request) not in (None, mine.organization_id):
        raise Http404("no such organization")
    try:
        if Right.CONNECT not in rights_of(mine):
            raise Refused("right_missing", right=Right.CONNECT.words)
        with acting(mine.user.email):
            row = service.finish_approval(
                organization=mine.organization,
                connection_id=attempt.connection_id,
                answer=answer,
                redirect_uri=_redirect_uri(),
            )
    except Refused as refused:
        tell_refusal(request, refused)
    else:
        messages.success(request, f"{row.name} is approved. A ping tells whether it works.")
    return redirect("connection", attempt.slug, attempt.connection_id)


@asks_outside
@require_POST
def begin_device(request: OrganizationRequest, connection_id: int) -> HttpResponse:
    """Ask Anaplan for a code, and lead to the page that shows it."""
    require(request, Right.CONNECT)
    try:
        waiting = service.begin_device(
            organization=request.organization, connection_id=connection_id
        )
    except Refused as refused:
        tell_refusal(request, refused)
        return redirect("connection", request.organization.slug, connection_id)
    request.session[DEVICE] = asdict(waiting)
    return redirect("device_code", request.organization.slug, connection_id)


@never_cache
@require_safe
def device_code(request: OrganizationRequest, connection_id: int) -> HttpResponse:
    """Show the code that has to be entered at Anaplan, until it was or is over."""
    require(request, Right.CONNECT)
    connection = get_connection(request.organization, connection_id)
    waiting = _waiting(request, connection_id)
    if waiting is None:
        return redirect("connection", request.organization.slug, connection_id)
    context = {"connection": connection, **_shown(waiting)}
    return render(request, "integrations/anaplan/device.html", context)


@asks_outside
@require_POST
@sensitive_variables("waiting")
def poll_device(request: OrganizationRequest, connection_id: int) -> HttpResponse:
    """Ask Anaplan whether the code was entered; too early a question is not passed on."""
    require(request, Right.CONNECT)
    with reading(request.organization.pk):
        connection = get_connection(request.organization, connection_id)
    waiting = _waiting(request, connection_id)
    if waiting is None:
        return _leave(request, connection_id)
    try:
        seconds = (
            waiting.interval
            if waiting.is_early
            else service.poll_device(organization=request.organization, waiting=waiting)
        )
    except Refused as refused:
        tell_refusal(request, refused)
        del request.session[DEVICE]
        return _leave(request, connection_id)
    if not seconds:
        messages.success(request, f"{connection.name} is approved. A ping tells whether it works.")
        del request.session[DEVICE]
        return _leave(request, connection_id)
    if not waiting.is_early:
        waiting = replace(waiting, interval=seconds, asked_at=datetime.now(UTC).timestamp())
        request.session[DEVICE] = asdict(waiting)
    if not request.htmx:
        return redirect("device_code", request.organization.slug, connection_id)
    context = {"connection": connection, **_shown(waiting)}
    return render(request, "integrations/anaplan/device_waiting.html", context)


def _waiting(request: OrganizationRequest, connection_id: int) -> service.Waiting | None:
    """The code that this browser waits for, if it is one for this connection."""
    kept = request.session.get(DEVICE)
    waiting = service.Waiting(**kept) if kept else None
    return waiting if waiting and waiting.connection_id == connection_id else None


def _shown(waiting: service.Waiting) -> dict[str, object]:
    return {
        "user_code": waiting.user_code,
        "address": waiting.address,
        "full_address": waiting.full_address,
        "interval": waiting.interval,
        "ends_at": datetime.fromtimestamp(waiting.ends_at, UTC),
        "has_ended": waiting.has_ended,
    }


def _leave(request: OrganizationRequest, connection_id: int) -> HttpResponse:
    """Lead to the connection's page, from a page or from a part of one."""
    page = reverse("connection", args=[request.organization.slug, connection_id])
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": page})
    return redirect(page)


def _redirect_uri() -> str:
    """The one address of this installation that every OAuth client registers."""
    return settings.PUBLIC_ORIGIN + reverse("anaplan_approved")
