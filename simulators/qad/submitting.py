"""Writing plan references over HTTP: a batch is posted, and 200 may well be a refusal."""

import json

from aiohttp import web

from simulators.qad.amounts import Number, to_json
from simulators.qad.answers import error_answer, json_answer, submit_answer
from simulators.qad.books import Login
from simulators.qad.listing import WORKSPACE_HEADER, Lists, find_workspace, workspaces_of
from simulators.qad.plans import Outcome, Rules
from simulators.qad.shapes import PLANS


async def answer_plans(request: web.Request, lists: Lists, login: Login) -> web.Response:
    """Take a batch: 201 when it stands, 200 with `submitResult` when rows of it are refused."""
    if PLANS.name in login.forbidden:
        return error_answer(403, f"User {login.user} has no access to {PLANS.name}")
    settings, books = lists.settings, lists.ledger.books
    workspace = find_workspace(books, login, request.headers.get(WORKSPACE_HEADER), settings)
    if workspace is None:
        return error_answer(403, "The workspace is unknown or not allowed for this user")
    try:
        rows = json.loads(await request.read(), parse_float=Number, parse_int=Number)
    except (RecursionError, ValueError) as error:
        return error_answer(400, f"The body is not JSON: {error}")
    if not isinstance(rows, list):
        return error_answer(400, "The body is an array of plan references")
    if len(rows) > settings.largest_plan_batch:
        return error_answer(400, f"At most {settings.largest_plan_batch} plan references at once")
    own = {workspace.code} if settings.plan_entities == "workspace" else None
    outcome = lists.ledger.plans.submit(
        rows,
        own or {entity.code for entity in workspaces_of(books, login).values()},
        Rules(
            partial=settings.plan_batches == "partial",
            upsert=settings.plan_upsert,
            any_period=settings.plan_periods == "any",
            any_currency=settings.plan_currencies == "any",
        ),
    )
    lists.count_plans(outcome.created, outcome.updated, outcome.unchanged, len(outcome.errors))
    return _answer(outcome)


def _answer(outcome: Outcome) -> web.Response:
    """QAD's own form of a refusal; a batch that stands answers with its kept records."""
    if outcome.errors:
        errors = [
            {"message": error.message, "fieldName": error.field, "row": error.row}
            for error in outcome.errors
        ]
        result = {"success": False, "errorSeverity": 1, "errors": errors}
        return json_answer({"submitResult": result})
    rows = "\n".join(to_json(record) for record in outcome.kept).encode()
    return submit_answer(rows)
