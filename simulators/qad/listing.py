"""Reads one page of a document for any surface: rights, workspace, filters, sort, faults."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from simulators.faults import Fault, fault_of
from simulators.qad.amounts import list_from_json, to_json
from simulators.qad.answers import error_answer
from simulators.qad.books import Books, Entity, Login
from simulators.qad.filters import LENGTH_OF_DATE, NothingMatches, parse_filters, parse_sort
from simulators.qad.ledger import Ledger
from simulators.qad.settings import Settings
from simulators.qad.tables import DOMAIN, ENTITY, NO_ROWS, Selection, Shape, Table
from simulators.recorder import Counters

WORKSPACE_HEADER = "x-qad-workspace-id"
OWN_FAULTS = (
    "empty",
    "row_without_key",
    "amount_text",
    "rename_field",
    "total_off",
    "paging_ignored",
    "date_without_time",
)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, a line each, and where they stand in the whole list."""

    rows: bytes
    page: int
    size: int
    total: int


class Lists:
    """What all surfaces of one running stand-in read from."""

    def __init__(self, ledger: Ledger, settings: Settings, counters: Counters) -> None:
        self.ledger = ledger
        self.settings = settings
        self._counters = counters

    def count_plans(self, created: int, updated: int, unchanged: int, refused: int) -> None:
        """Count what became of the rows of a batch of plan references."""
        numbers = {
            "created": created,
            "updated": updated,
            "unchanged": unchanged,
            "refused": refused,
        }
        for name, number in numbers.items():
            self._counters.add(f"plans_{name}", number)

    async def read(
        self,
        request: web.Request,
        shape: Shape,
        login: Login,
        names: Mapping[str, str] | None = None,
        filters: Iterable[str] = (),
        *,
        obeys_filters: bool = True,
    ) -> Page | web.Response:
        """One page of a document, or the refusal.

        `names` leads from the surface's field names to the document's; `filters` are added to
        those of the query, which may also be left alone.
        """
        if shape.name in login.forbidden:
            return error_answer(403, f"User {login.user} has no access to {shape.name}")
        header = request.headers.get(WORKSPACE_HEADER)
        entity = find_workspace(self.ledger.books, login, header, self.settings)
        if entity is None:
            return error_answer(403, "The workspace is unknown or not allowed for this user")
        if self.settings.page_seconds:
            await asyncio.sleep(self.settings.page_seconds)
        asked = request.query.getall("filter", []) if obeys_filters else []
        if self.settings.several_filters == "first":
            asked = asked[:1]
        wanted = [*asked, *filters]
        try:
            selection = self._select(request, shape, entity, names, wanted)
        except NothingMatches as reason:
            if self.settings.unknown_filter == "400":
                return error_answer(400, str(reason))
            selection = NO_ROWS
        return self._cut(request, shape, selection)

    def _select(
        self,
        request: web.Request,
        shape: Shape,
        entity: Entity,
        names: Mapping[str, str] | None,
        wanted: list[str],
    ) -> Selection:
        table: Table = self.ledger.table(
            shape.name,
            carried=self.settings.opening_balances,
            resting=self.settings.resting_balances,
        )
        names = names or {name: name for name in table.shape.fields}
        owner = {DOMAIN: entity.domain, ENTITY: entity.code}.get(shape.scope, "")
        ignores_case = self.settings.filter_ignores_case
        filters = parse_filters(wanted, table.shape.fields, names, ignores_case=ignores_case)
        asked = request.query.getall("sort", []) if self.settings.sort_offered else []
        return table.select(owner, filters, parse_sort(asked, names))

    def _cut(self, request: web.Request, shape: Shape, selection: Selection) -> Page | web.Response:
        query = request.query
        try:
            page = max(int(query.get("page", "1")), 1)
            size = int(query.get("pageSize", str(self.settings.default_page_size)))
        except ValueError:
            return error_answer(400, "page and pageSize are whole numbers")
        size = min(max(size, 1), self.settings.largest_page_size)
        fault = fault_of(request, *OWN_FAULTS)
        if fault is not None and fault.kind == "paging_ignored":
            page = 1
        rows = selection.read((page - 1) * size, size)
        total = selection.rows
        if fault is not None:
            rows, total = spoil(fault, shape, rows, total)
        self._counters.add("pages")
        self._counters.add(f"pages_{shape.name}")
        return Page(rows, page, size, total)


def find_workspace(
    books: Books, login: Login, header: str | None, settings: Settings
) -> Entity | None:
    """The entity of a workspace header; None when the call is to be refused.

    Without a header it is the user's default: the first that the user may use.
    """
    if not header and settings.missing_workspace == "403":
        return None
    allowed = workspaces_of(books, login)
    default = next((allowed[name] for name in login.workspaces if name in allowed), None)
    default = default or next(iter(allowed.values()), None)
    if not header:
        return default
    return allowed.get(header, default if settings.unknown_workspace == "default" else None)


def workspaces_of(books: Books, login: Login) -> dict[str, Entity]:
    """The workspaces that a user may use."""
    return {
        name: entity
        for entity in books.entities.values()
        for name in [f"{entity.domain}_{entity.code}"]
        if not login.workspaces or name in login.workspaces
    }


def spoil(fault: Fault, shape: Shape, rows: bytes, total: int) -> tuple[bytes, int]:
    """The rows and the total of a page under one of the stand-in's own faults."""
    if fault.kind == "empty":
        return b"", 0
    if fault.kind == "total_off":
        return rows, total + int(fault.params.get("by", 1))
    if fault.kind == "paging_ignored" or not rows:
        return rows, total
    records = _spoil_records(fault, shape, list_from_json(rows))
    return "\n".join(to_json(item) for item in records).encode(), total


def _spoil_records(
    fault: Fault, shape: Shape, records: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    record = records[min(int(fault.params.get("row", 0)), len(records) - 1)]
    field = fault.params.get("field")
    if fault.kind == "rename_field":
        old = str(field or shape.key[-1])
        new = str(fault.params.get("to", f"{old}New"))
        return [_renamed(item, old, new) for item in records]
    if fault.kind == "row_without_key":
        name = str(field or shape.key[1])
        record[name] = None
        if fault.params.get("as") != "null":
            del record[name]
    elif fault.kind == "date_without_time":
        for item in records:
            names = [str(field)] if field else shape.dates
            item.update({n: str(item[n])[:LENGTH_OF_DATE] for n in names if item.get(n)})
    elif fault.kind == "amount_text":
        names = [str(field)] if field else shape.amounts
        record.update({name: str(record[name]) for name in names if name in record})
    return records


def _renamed(record: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    return {new if name == old else name: value for name, value in record.items()}
