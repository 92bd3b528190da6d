"""Look-ins of the stand-in QAD that the real one has not: books, journals, periods, settings."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from simulators import server
from simulators.forms import read_form
from simulators.qad.amounts import Number, from_json
from simulators.qad.answers import json_answer
from simulators.qad.corrections import change_entity, reverse, transfer
from simulators.qad.cost_center_changes import (
    add_cost_center,
    change_cost_center,
    remove_cost_center,
)
from simulators.qad.journals import JournalRefused
from simulators.qad.ledger import Ledger
from simulators.qad.listing import Lists
from simulators.qad.pages import books_page, journal_from_form
from simulators.qad.settings import BadSetting, Settings
from simulators.qad.shapes import BALANCES, PLANS
from simulators.qad.signin import SignIns

FOLDER = web.AppKey("folder", Path)
SETTINGS = web.AppKey("settings", Settings)
LISTS = web.AppKey("lists", Lists)
SIGN_INS = web.AppKey("sign_ins", SignIns)
UNREADABLE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_look_ins(app: web.Application) -> None:
    """Put the look-ins under `/_sim/`."""
    routes: tuple[tuple[str, str, Answer], ...] = (
        ("GET", "", _page),
        ("POST", "journal", _post_form),
        ("POST", "journals", _refusable(_post_journal)),
        ("GET", "balances", _refusable(_get_balances)),
        ("DELETE", "balances", _refusable(_delete_balances)),
        ("POST", "periods", _refusable(_post_period)),
        ("POST", "reversals", _refusable(_changing(reverse))),
        ("POST", "layers", _refusable(_changing(transfer))),
        ("POST", "entities", _refusable(_changing(change_entity))),
        ("POST", "cost_centers", _refusable(_changing(change_cost_center))),
        ("PUT", "cost_centers", _refusable(_changing(add_cost_center))),
        ("DELETE", "cost_centers", _refusable(_changing(remove_cost_center))),
        ("GET", "plans", _get_plans),
        ("GET", "settings", _get_settings),
        ("POST", "settings", _refusable(_post_settings)),
        ("POST", "tokens/revoke", _refusable(_revoke_tokens)),
        ("POST", "reset", _reset),
    )
    for method, name, handler in routes:
        app.router.add_route(method, f"{server.LOOK_IN}{name}", handler)


def _refusable(handler: Answer) -> Answer:
    """The handler with refusals and broken JSON answered as 400."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except (JournalRefused, BadSetting) as refusal:
            return json_answer({"error": str(refusal)}, 400)
        except UNREADABLE as error:
            return json_answer({"error": f"The call cannot be read: {error}"}, 400)

    return answer


def _changing(change: Callable[[Ledger, dict[str, Any]], dict[str, Any]]) -> Answer:
    """A look-in that changes the ledger as its JSON object says and tells what it did."""

    async def answer(request: web.Request) -> web.StreamResponse:
        raw = await request.json(loads=_exact)
        if not isinstance(raw, dict):
            raise JournalRefused("The call is a JSON object.")
        return json_answer(change(_ledger(request), raw))

    return answer


def _exact(text: str) -> Any:
    """JSON whose amounts keep their digits."""
    return json.loads(text, parse_float=Number)


def _ledger(request: web.Request) -> Ledger:
    return request.app[LISTS].ledger


async def _page(request: web.Request) -> web.Response:
    text = books_page(_ledger(request), request.query)
    return web.Response(text=text, content_type="text/html")


async def _post_form(request: web.Request) -> web.Response:
    """The button "Post a late journal"; comes back to the page with what happened."""
    form = await read_form(request)
    back = {"entity": form.get("entity", ""), "period": form.get("year_period", "")}
    try:
        made = _ledger(request).post(journal_from_form(form))
        back["posted"] = f"{made['daybook']}/{made['voucher']}"
    except (JournalRefused, ArithmeticError) as refusal:
        back["refused"] = str(refusal)
    target = request.url.with_path(server.LOOK_IN).with_query(back)
    return web.Response(status=303, headers={"Location": str(target.relative())})


async def _post_journal(request: web.Request) -> web.Response:
    return json_answer(_ledger(request).post(await request.json(loads=_exact)), 201)


async def _get_balances(request: web.Request) -> web.Response:
    """The balances of `?entity=…&year_period=…`, amounts as text."""
    query = request.query
    found = _ledger(request).balances(query.get("entity", ""), int(query.get("year_period", "0")))
    return json_answer({"balances": found, "count": len(found)})


async def _delete_balances(request: web.Request) -> web.Response:
    """Take balances out: `{"entity", "year_period", …wire names and their values}`."""
    wanted = {name: str(value) for name, value in (await request.json()).items()}
    entity, year_period = wanted.pop("entity"), int(wanted.pop("year_period"))
    for name in wanted:
        if name not in BALANCES.fields:
            raise JournalRefused(f"Balances have no field '{name}'.")
    return json_answer({"removed": _ledger(request).remove_balances(entity, year_period, wanted)})


async def _post_period(request: web.Request) -> web.Response:
    """Close or reopen a period: `{"entity", "year_period", "status"}`."""
    raw = await request.json()
    period = _ledger(request).set_status(
        str(raw["entity"]), int(raw["year_period"]), str(raw["status"]).upper()
    )
    return json_answer(
        {"entity": period.entity, "year_period": period.year_period, "status": period.status}
    )


async def _get_plans(request: web.Request) -> web.Response:
    """Every plan reference, amounts as text; the query chooses by wire names."""
    groups = _ledger(request).table(PLANS.name).groups.values()
    found = [from_json(raw) for group in groups for raw in group.iter_rows()]
    wanted = request.query
    found = [item for item in found if all(str(item.get(n)) == v for n, v in wanted.items())]
    return json_answer({"plans": found, "count": len(found)})


async def _get_settings(request: web.Request) -> web.Response:
    return json_answer(request.app[SETTINGS].describe())


async def _post_settings(request: web.Request) -> web.Response:
    request.app[SETTINGS].change(await request.json())
    return json_answer(request.app[SETTINGS].describe())


async def _revoke_tokens(request: web.Request) -> web.Response:
    """End all access tokens; with `{"refresh": true}` the refresh tokens as well."""
    raw = await request.json() if request.can_read_body else {}
    sign_ins = request.app[SIGN_INS]
    revoked = sign_ins.revoke_all() if raw.get("refresh") else sign_ins.revoke_access()
    return json_answer({"revoked": revoked})


async def _reset(request: web.Request) -> web.Response:
    """Everything as at the start: books from their files, settings, faults, counters, records."""
    app = request.app
    fresh = Ledger(app[FOLDER])
    app[LISTS].ledger.close()
    app[LISTS].ledger = fresh
    app[SETTINGS].change(Settings().describe())
    app[SIGN_INS].revoke_all()
    app[server.FAULTS].clear()
    app[server.COUNTERS].clear()
    app[server.RECORDER].clear()
    return web.Response(status=204)
