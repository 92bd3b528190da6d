"""Business documents: `api/bdoc/…` lists the rows of each, and takes plan references."""

from aiohttp import web

from simulators.qad.answers import allowed_verbs, error_answer, list_answer, wrong_verb
from simulators.qad.books import Login
from simulators.qad.listing import Lists
from simulators.qad.shapes import PLANS
from simulators.qad.submitting import answer_plans
from simulators.qad.surfaces import BY_APP_PATH, BY_PATH

READ_VERBS = "GET,HEAD,OPTIONS"
WRITE_VERBS = "GET,HEAD,POST,OPTIONS"


async def answer_document(
    request: web.Request, path: str, lists: Lists, login: Login
) -> web.Response:
    """Answer a call on a document's path; unknown paths are 404, wrong verbs 500."""
    paths = BY_APP_PATH if lists.settings.document_paths == "apps" else BY_PATH
    surface = paths.get(path)
    if surface is None:
        return error_answer(404, f"No business document at {path}")
    if request.method == "OPTIONS":
        return allowed_verbs(WRITE_VERBS if surface.shape is PLANS else READ_VERBS)
    if request.method == "POST" and surface.shape is PLANS:
        return await answer_plans(request, lists, login)
    if request.method not in ("GET", "HEAD"):
        return wrong_verb(request.method, lists.settings.wrong_verb)
    settings = lists.settings
    query = request.query
    if settings.documents_need_paging and not ("page" in query and "pageAction" in query):
        return list_answer(b"", 1, settings.default_page_size, 0 if settings.total_count else None)
    found = await lists.read(request, surface.shape, login, obeys_filters=settings.document_filters)
    if isinstance(found, web.Response):
        return found
    total = found.total if settings.total_count else None
    return list_answer(found.rows, found.page, found.size, total)
