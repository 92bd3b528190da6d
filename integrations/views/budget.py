"""How the calls to a connection stand: the part of its page that renews itself."""

import hashlib
from typing import Any

from django.http import HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import OrganizationRequest
from integrations.selectors.connections import get_connection
from integrations.services.throttling import Standing, standing_of


@require_safe
def connection_budget(request: OrganizationRequest, connection_id: int) -> HttpResponse:
    """Answer the part, or 304 where nothing has changed since the last one."""
    connection = get_connection(request.organization, connection_id)
    context = {"connection": connection, **budget_context(standing_of(connection))}
    if request.headers.get("If-None-Match") == context["budget_etag"]:
        return HttpResponseNotModified(headers={"ETag": context["budget_etag"]})
    answer = render(request, "integrations/connection/budget.html", context)
    answer["ETag"] = context["budget_etag"]
    return answer


def budget_context(standing: Standing) -> dict[str, Any]:
    """Return what the part is drawn from."""
    digest = hashlib.sha256(repr(standing).encode()).hexdigest()[:32]
    return {"standing": standing, "budget_etag": f'"{digest}"'}
