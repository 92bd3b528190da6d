"""Every error below /api/ as a problem document (RFC 9457), from the one catalogue."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied as PagePermissionDenied
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.utils.cache import add_never_cache_headers
from rest_framework import exceptions
from rest_framework.response import Response

from accounts import error_pages
from accounts.authentication import REALM
from accounts.errors import Refused

logger = logging.getLogger(__name__)

PREFIX = "/api/"
PROBLEM = "application/problem+json"

# What a code says in HTTP. All other refusals are conflicts with what is there: 409.
STATUS: dict[str, int] = {
    "api_bad_request": 400,
    "api_body_unreadable": 400,
    "api_key_missing": 401,
    "api_key_unknown": 401,
    "api_key_expired": 401,
    "api_key_revoked": 401,
    "api_key_maker_gone": 401,
    "api_key_wrong_address": 401,
    "api_key_in_url": 401,
    "api_organization_closing": 401,
    "api_scope_missing": 403,
    "api_path_unknown": 404,
    "api_not_found": 404,
    "run_unknown": 404,
    "connection_unknown": 404,
    "ping_unknown": 404,
    "api_method_not_allowed": 405,
    "api_not_acceptable": 406,
    "api_body_too_large": 413,
    "api_media_type": 415,
    "api_input_invalid": 422,
    "api_idempotency_key_reused": 422,
    "sync_unknown": 422,
    "api_too_many_calls": 429,
    "internal": 500,
}


# What frameworks raise; the first line that fits counts, and all else is a bug.
CODES: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (exceptions.ValidationError, "api_input_invalid"),
    ((Http404, exceptions.NotFound), "api_not_found"),
    (exceptions.MethodNotAllowed, "api_method_not_allowed"),
    (exceptions.NotAcceptable, "api_not_acceptable"),
    (exceptions.UnsupportedMediaType, "api_media_type"),
    (exceptions.ParseError, "api_body_unreadable"),
    ((exceptions.NotAuthenticated, exceptions.AuthenticationFailed), "api_key_missing"),
    ((exceptions.PermissionDenied, PagePermissionDenied), "api_scope_missing"),
    (RequestDataTooBig, "api_body_too_large"),
    ((SuspiciousOperation, UnreadablePostError), "api_bad_request"),
)


def answer_problem(error: Exception, context: Mapping[str, Any]) -> Response:
    """Turn whatever an endpoint raised into its problem document."""
    request = context["request"]
    refused = _refusal(error, request)
    if refused.code == "internal":
        logger.error("a call of the API met a bug", exc_info=error)
    fields = [{"field": place, "problem": problem} for place, problem in refused.fields]
    if isinstance(error, exceptions.ValidationError):
        fields = list(_fields(error.detail))
    body = _body(refused, request, fields)
    return Response(body, body["status"], headers=_headers(refused), content_type=PROBLEM)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400."""
    return _outside(request, "api_bad_request") or error_pages.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403."""
    return _outside(request, "api_scope_missing", scope="of nobody") or error_pages.forbidden(
        request, exception
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404."""
    return _outside(request, "api_path_unknown") or error_pages.not_found(request, exception)


def failure(request: HttpRequest) -> HttpResponse:
    """Answer 500 without asking the database for anything."""
    return _outside(request, "internal", reference=_reference(request)) or error_pages.failure(
        request
    )


def _outside(request: HttpRequest, code: str, **facts: str) -> HttpResponse | None:
    """Answer below /api/ what went wrong before an endpoint was reached; pages have their own."""
    if not request.path_info.startswith(PREFIX):
        return None
    body = _body(Refused(code, **facts), request, [])
    answer = JsonResponse(body, status=body["status"], content_type=PROBLEM)
    add_never_cache_headers(answer)
    return answer


def _refusal(error: Exception, request: Any) -> Refused:
    if isinstance(error, Refused):
        return error
    code = next((code for kinds, code in CODES if isinstance(error, kinds)), "internal")
    facts: dict[str, str | int] = {
        "method": str(request.method),
        "problem": str(getattr(error, "detail", "")),
        "limit": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        "scope": "of nobody",
        "reference": _reference(request),
    }
    return Refused(code, **facts)


def _body(refused: Refused, request: Any, fields: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "type": f"{settings.PUBLIC_ORIGIN}/errors/#{refused.code}",
        "title": refused.entry.title,
        "status": STATUS.get(refused.code, 409),
        "detail": f"{refused.message} {refused.fix}",
        "code": refused.code,
        "fields": fields,
        "request_id": _reference(request),
    }


def _headers(refused: Refused) -> dict[str, str]:
    status = STATUS.get(refused.code)
    if status == 401:
        return {"WWW-Authenticate": REALM}
    if status == 429:
        return {"Retry-After": str(refused.facts["seconds"])}
    return {}


def _reference(request: Any) -> str:
    return str(getattr(request, "id", ""))


def _fields(detail: Any, place: str = "") -> Iterator[dict[str, str]]:
    """Flatten what serializers complain about: one line for each field and problem."""
    if isinstance(detail, Mapping):
        for name, part in detail.items():
            yield from _fields(part, f"{place}.{name}" if place else str(name))
    elif isinstance(detail, list):
        for part in detail:
            yield from _fields(part, place)
    else:
        yield {"field": place, "problem": str(detail)}
