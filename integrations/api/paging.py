"""Lists a page at a time, by the key of the last row: no page shifts while rows come in."""

import base64
import json
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.fields import StrictSerializer

USUAL_LIMIT = 50
LARGEST_LIMIT = 200
_LARGEST_ID = 2**63 - 1


class PageQuery(StrictSerializer):
    """The parameters of every list."""

    limit = serializers.IntegerField(
        required=False,
        default=USUAL_LIMIT,
        min_value=1,
        max_value=LARGEST_LIMIT,
        help_text="How many items a page has.",
    )
    after = serializers.CharField(
        required=False,
        default=None,
        max_length=80,
        help_text="Where the page begins; taken from `next` of the page before.",
    )

    def validate_after(self, text: str | None) -> Any:
        """Read the place that `cursor_of` wrote."""
        if text is None:
            return None
        place = self.read_place(_read_cursor(text))
        if place is None:
            raise serializers.ValidationError("Take it from `next` of the page before.")
        return place

    def read_place(self, found: list[Any]) -> Any:
        """Return the id of a row, or None where it is something else."""
        row_id = found[0] if len(found) == 1 else None
        return row_id if type(row_id) is int and 0 < row_id <= _LARGEST_ID else None


class NamedPageQuery(PageQuery):
    """The parameters of a list whose rows have no id, but two texts that name them."""

    after = serializers.CharField(
        required=False,
        default=None,
        max_length=800,
        help_text="Where the page begins; taken from `next` of the page before.",
    )

    def read_place(self, found: list[Any]) -> Any:
        """Return two texts, or None where it is something else."""
        is_named = len(found) == 2 and all(isinstance(part, str) for part in found)
        return tuple(found) if is_named else None


def cursor_of(*place: int | str) -> str:
    """Write a place in a list as text that callers hand back unread."""
    raw = json.dumps(place).encode("ascii")
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def page_answer(
    request: Request, items: Any, last: int | tuple[str, ...] | None, **pinned: int | None
) -> Response:
    """Answer one page; `next` is the address of the page after it, null on the last.

    What is pinned stands in the answer and holds for the next page too.
    """
    following = None
    if last is not None:
        place = (last,) if isinstance(last, int) else last
        query = {**request.query_params.dict(), **pinned, "after": cursor_of(*place)}
        following = f"{settings.PUBLIC_ORIGIN}{request.path}?{urlencode(query)}"
    return Response({**pinned, "items": items, "next": following})


def _read_cursor(text: str) -> list[Any]:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return []
    return found if isinstance(found, list) else []
