"""The entity API, `api/erp/<plural>`, and the metadata of entities."""

import hashlib

from aiohttp import web

from simulators.qad.answers import (
    allowed_verbs,
    entity_answer,
    error_answer,
    json_answer,
    wrong_verb,
)
from simulators.qad.books import Login
from simulators.qad.filters import AMOUNT, TEXT
from simulators.qad.listing import Lists
from simulators.qad.surfaces import BY_ENTITY_URI, BY_PLURAL, Surface, pascal
from simulators.qad.wording import DATA_TYPES, label

METADATA_RIGHT = "metadata"
LONGEST_TEXT = 80
HASH_LENGTH = 32


async def answer_entity(
    request: web.Request, path: str, lists: Lists, login: Login
) -> web.Response:
    """Rows at `data.<plural>`; key fields in the query choose among them.

    A record that is not there is an empty list with status 200.
    """
    surface = BY_PLURAL.get(path.removeprefix("api/erp/"))
    if surface is None:
        return error_answer(404, f"No service at {path}")
    if request.method == "OPTIONS":
        return allowed_verbs("GET,HEAD,OPTIONS")
    if request.method not in ("GET", "HEAD"):
        return wrong_verb(request.method, lists.settings.wrong_verb)
    query = request.query
    if lists.settings.entity_needs_view_uri and query.get("viewUri") != surface.entity_uri:
        return error_answer(400, "viewUri does not name this entity")
    keys = [f"{name},eq,{query[name]},literal" for name in surface.shape.fields if name in query]
    found = await lists.read(request, surface.shape, login, filters=keys)
    if isinstance(found, web.Response):
        return found
    rows = [_with_hash(row) for row in found.rows.split(b"\n") if row]
    return entity_answer(surface.plural, b"\n".join(rows))


def concurrency_hash(row: bytes) -> str:
    """The optimistic lock of a record: another text once anything in it has changed."""
    return hashlib.sha256(row).hexdigest()[:HASH_LENGTH]


def _with_hash(row: bytes) -> bytes:
    lock = concurrency_hash(row)
    return row[:-1] + f',"dataOperation":"U","concurrencyHash":"{lock}"}}'.encode()


def answer_metadata(request: web.Request, lists: Lists, login: Login) -> web.Response:
    """The fields of an entity, their codes with a capital as the metadata has them."""
    if request.method == "OPTIONS":
        return allowed_verbs("GET,HEAD,OPTIONS")
    if request.method not in ("GET", "HEAD"):
        return wrong_verb(request.method, lists.settings.wrong_verb)
    if METADATA_RIGHT in login.forbidden:
        return error_answer(403, f"User {login.user} has no access to entity metadata")
    surface = BY_ENTITY_URI.get(request.query.get("entityURI", ""))
    found = {"entityMetadatas": [_metadata(surface)] if surface is not None else []}
    return json_answer(found if lists.settings.metadata_at == "top" else {"data": found})


def _metadata(surface: Surface) -> dict[str, object]:
    shape = surface.shape
    fields = [
        {
            "entityFieldCode": pascal(name),
            "fieldLabel": label(name),
            "dataType": DATA_TYPES[kind],
            "maxLength": LONGEST_TEXT if kind == TEXT else 0,
            "displayFormat": "->>,>>>,>>>,>>9.99" if kind == AMOUNT else "",
            "currencyField": "CurrencyCode" if kind == AMOUNT else "",
            "isRequired": name in shape.key,
            "primaryKey": name in shape.key,
        }
        for name, kind in shape.fields.items()
    ]
    return {
        "entityURI": surface.entity_uri,
        "isBusinessDocument": True,
        "bdocumentCode": shape.name,
        "bdocumentURI": surface.document_uri,
        "bdocumentBrowseURI": surface.browse_id,
        "apiUrl": f"api/erp/{surface.plural}",
        "isUseOptimisticLocking": True,
        "entityFields": fields,
    }
