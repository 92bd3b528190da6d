"""Answers whether this process lives and whether it can serve."""

from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

REDIS_TIMEOUT_SECONDS = 2.0


class HealthMiddleware:
    """Answers /healthz and /readyz before all else: no host check, session or redirect.

    Load balancers ask by address and without TLS, and the answers tell nothing private.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The health of this process, or whatever the site answers."""
        if request.path_info == "/healthz":
            return _uncached(JsonResponse({"status": "ok"}))
        if request.path_info == "/readyz":
            return _uncached(readiness())
        return self.get_response(request)


def readiness() -> JsonResponse:
    """200 when the database answers, else 503.

    Redis carries hints only, so that its loss is told but does not take the pages away.
    """
    has_database = _database_answers()
    answer = {
        "status": "ready" if has_database else "not ready",
        "database": "ok" if has_database else "unreachable",
        "redis": "ok" if _redis_answers() else "unreachable",
    }
    return JsonResponse(answer, status=200 if has_database else 503)


def _uncached(answer: JsonResponse) -> JsonResponse:
    answer["Cache-Control"] = "no-store"
    return answer


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _redis_answers() -> bool:
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
    )
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
