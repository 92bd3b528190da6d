"""`Idempotency-Key`: a call that is sent twice is done once and answered twice alike."""

import re
from collections.abc import Callable

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Organization
from integrations.services.idempotency import Wish, begin_wish, end_wish

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_KEY = re.compile(r"[\x21-\x7e]{1,128}")
# What an answer says beside its body; all other headers are made anew.
_KEPT_HEADERS = ("Location", "Retry-After")


def answer_once(
    call: Request, organization: Organization, work: Callable[[], Response]
) -> Response:
    """Do the work of a POST with a key once a day, and give its answer again after that.

    An error is not kept: it has changed nothing, so that the same call may be sent again.
    """
    key = call.headers.get(HEADER)
    if key is None or call.method != "POST":
        return work()
    if not _KEY.fullmatch(key):
        raise ValidationError({HEADER: "Use 1 to 128 visible ASCII characters, such as a UUID."})
    wish = Wish(key, "POST", call.get_full_path(), call._request.body)
    kept = begin_wish(organization=organization, wish=wish)
    if kept is not None:
        return Response(kept.body, kept.status, headers={**kept.headers, REPLAYED: "true"})
    answer = work()
    headers = {name: answer[name] for name in _KEPT_HEADERS if name in answer}
    end_wish(
        organization=organization,
        wish=wish,
        status=answer.status_code,
        headers=headers,
        body=answer.data,
    )
    return answer
