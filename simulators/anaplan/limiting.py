"""The limit of requests that all clients of the customer share, and how it is told to them."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from aiohttp import web

from simulators.anaplan.answers import ApiError, error_answer
from simulators.anaplan.world import World, count

HTML = (
    "<html><head><title>429 Too Many Requests</title></head><body>Too many requests</body></html>"
)


def take_from_bucket(request: web.Request, world: World) -> web.Response | None:
    """Count one request; the answer to give when the bucket, refilled evenly, is empty."""
    limit = world.settings.requests_per_minute
    window = world.settings.rate_window_seconds
    if limit <= 0 or window <= 0:
        return None
    now, per_second = world.clock.now(), limit / window
    if world.bucket < 0:
        world.bucket = float(limit)
    filled = world.bucket + (now - world.bucket_at) * per_second
    world.bucket, world.bucket_at = min(float(limit), filled), now
    if world.bucket < 1:
        count(request.app, "too_many_requests")
        return _too_many(request, world, max(1, round((1 - world.bucket) / per_second)))
    world.bucket -= 1
    return None


def _too_many(request: web.Request, world: World, wait: int) -> web.Response:
    body = world.settings.too_many_body
    if body == "json":
        answer = error_answer(request, ApiError(429, "Too Many Requests"))
    elif body == "html":
        answer = web.Response(status=429, text=HTML, content_type="text/html")
    else:
        answer = web.Response(status=429)
    if world.settings.retry_after == "seconds":
        answer.headers["Retry-After"] = str(wait)
    elif world.settings.retry_after == "date":
        when = datetime.now(UTC) + timedelta(seconds=wait)
        answer.headers["Retry-After"] = format_datetime(when, usegmt=True)
    return answer
