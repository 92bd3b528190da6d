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

    def validate_after(self, text: str | None) -> int | None:
        """Read the id that `cursor_of` wrote."""
        if text is None:
            return None
        row_id = _read_cursor(text)
        if row_id is None:
            raise serializers.ValidationError("Take it from `next` of the page before.")
        return row_id


def cursor_of(row_id: int) -> str:
    """Write a place in a list as text that callers hand back unread."""
    raw = json.dumps([row_id]).encode("ascii")
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def page_answer(request: Request, items: Any, last_id: int | None) -> Response:
    """Answer one page; `next` is the address of the page after it, null on the last."""
    following = None
    if last_id is not None:
        query = {**request.query_params.dict(), "after": cursor_of(last_id)}
        following = f"{settings.PUBLIC_ORIGIN}{request.path}?{urlencode(query)}"
    return Response({"items": items, "next": following})


def _read_cursor(text: str) -> int | None:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    row_id = found[0] if isinstance(found, list) and len(found) == 1 else None
    return row_id if type(row_id) is int and 0 < row_id <= _LARGEST_ID else None
