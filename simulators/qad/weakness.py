"""Where the faults that both stand-ins share find the pages and the tokens of QAD."""

from aiohttp import web
from yarl import URL

from simulators.faults import WeakPoints
from simulators.qad.lookins import SIGN_INS


def _other_page(address: URL, step: int) -> URL | None:
    """The same list, so many pages on; a browse says `first` for page 1 and `next` later."""
    text = address.query.get("page", "1")
    number = int(text) + step if text.isdecimal() else 0
    if number < 1:
        return None
    action = {"pageAction": "first" if number == 1 else "next"}
    return address.update_query(
        {"page": str(number), **(action if "pageAction" in address.query else {})}
    )


def _revoke(app: web.Application, refresh: bool) -> int:
    sign_ins = app[SIGN_INS]
    return sign_ins.revoke_all() if refresh else sign_ins.revoke_access()


WEAKNESS = WeakPoints(
    other_page=_other_page,
    revoke=_revoke,
    messages=frozenset({"errors", "message", "error_description"}),
    too_many={"errors": ["Too many requests"]},
)
