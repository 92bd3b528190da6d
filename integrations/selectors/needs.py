"""What a model has to have for syncs to work, and which of it was found there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from integrations.models import Connection, Sync
from integrations.pipeline.drift import id_by_name
from integrations.pipeline.headers import default_bindings
from integrations.pipeline.streams import DATA_SETS, GL_BALANCES, DataSet
from integrations.selectors.mappings import DIMENSIONS
from integrations.selectors.models import read_catalogue

FIELDS = dict(
    (
        *DIMENSIONS,
        ("debit", "Debit"),
        ("credit", "Credit"),
        ("net", "Net"),
        ("quantity", "Statistical quantity"),
        ("amount", "Invoice amount"),
        ("code", "Member code"),
        ("name", "Member name"),
    )
)
"""The fields of all data sets as people call them."""

WHAT_FIELDS_HOLD = {
    "entity": "Member of the entity list, by code or name. Needed.",
    "gl_account": "Member of the account list. Needed.",
    "cost_center": "Member of the cost center list. Without it rows are added up.",
    "supplier": "Member of the supplier list, by code or name. Needed for invoices.",
    "sub_account": "Member of a list of sub-accounts. Without it rows are added up.",
    "project": "Member of a list of projects. Without it rows are added up.",
    "period": "Member of Time as your model writes it, for example Oct 26. Needed.",
    "currency": "The base currency of the entity. Without it no two currencies may meet in a cell.",
    "debit": "Number; negative where QAD corrects a posting on the same side.",
    "credit": "Number, as debit. Debit and credit, or net, are needed.",
    "net": "Number: debit less credit.",
    "amount": "Number: invoices less credit notes.",
    "code": "Code of the list's member. Needed for a list.",
    "name": "Name of the list's member.",
    "quantity": "Number of statistical accounts, such as headcount.",
}


class NeedState(StrEnum):
    """Whether something that is needed was found."""

    FOUND = "found"
    MISSING = "missing"
    UNKNOWN = "unknown"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: its header, the field that goes into it, and what it holds."""

    header: str
    field: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that the model builder provides."""

    title: str
    state: NeedState
    note: str
    points: Sequence[str] = ()
    columns: Sequence[Column] = ()


def list_needs(connection: Connection) -> list[Need]:
    """Return what the chosen model needs, inside an open scope."""
    model_id = connection.place.get("model_id", "")
    row = read_catalogue(connection, model_id) if model_id else None
    found = row.found if row else {}
    syncs = list(
        Sync.objects.filter(organization=connection.organization, target=connection)
        .filter(model_id=model_id)
        .order_by("name")
    )
    plans = [sync for sync in syncs if sync.brings_plan]
    syncs = [sync for sync in syncs if not sync.brings_plan]
    return [
        *(_imports(found, syncs)),
        *(_exports(found, syncs)),
        *(_plan_exports(found, plans)),
        _list_imports(found),
        _user(connection, found),
    ]


def needs_as_text(connection: Connection, needs: Sequence[Need]) -> str:
    """Return the needs as lines to be sent to a model builder."""
    place = connection.place
    model = place.get("model_name", "the model")
    lines = [f"What {model} needs so that ml-connector can load actuals from QAD"]
    for number, need in enumerate(needs, 1):
        lines += ["", f"{number}. {need.title} [{need.state}]", f"   {need.note}"]
        lines += [f"   - {point}" for point in need.points]
        lines += [
            f"   - column {column.header}: {column.field}. {column.meaning}"
            for column in need.columns
        ]
    return "\n".join(lines)


_FILE_POINTS = (
    "Its source is a file that you upload once with these headers in the first line: CSV, UTF-8, "
    "comma, text in double quotes.",
    "Map each column to a list, to Time or to a line item. Match lists by code.",
    "No step before it clears the module: files hold what has changed, each cell with its full "
    "value.",
)
_EXPORT_POINTS = (
    "Layout: tabular multiple column, as CSV. The same columns as the import, one row per cell.",
    "It shows all entities, accounts and periods that are loaded: no filter, no summaries.",
)


_PLAN_POINTS = (
    "Layout: tabular multiple column, as CSV; UTF-8 or UTF-16LE, comma or tab. One row per cell, "
    "dimensions on pages as columns.",
    "Columns: entity, account and period are needed; cost center and currency where the plan has "
    "them; one line item with the amount, debit less credit.",
    "No totals: a member without a code of QAD is held. One version only.",
)


def _imports(found: Mapping[str, Any], syncs: Sequence[Sync]) -> Iterator[Need]:
    for sync in syncs:
        title = f"Import action “{sync.import_name}”, for {sync.name}"
        data_set = DATA_SETS[sync.data_set]
        columns = _columns(found, "imports", sync.import_name, sync.bindings, data_set)
        yield Need(title, *_named(found, "imports", sync.import_name), _FILE_POINTS, columns)
    if not syncs:
        of_files = [a["name"] for a in found.get("imports", {}).values() if a["file"]]
        note = "None was seen that reads a file."
        if of_files:
            note = f"Seen that read a file: {_listed(of_files)}. No sync uses one yet."
        yield Need(
            "An import action that reads a file",
            _state(found, bool(of_files)),
            note if found else "The model was not looked at yet.",
            _FILE_POINTS,
            [
                Column(FIELDS[field], FIELDS[field], WHAT_FIELDS_HOLD[field])
                for field in (*GL_BALANCES.dimensions[:5], *GL_BALANCES.measures)
            ],
        )


def _exports(found: Mapping[str, Any], syncs: Sequence[Sync]) -> Iterator[Need]:
    named = [s for s in syncs if s.export_name and not DATA_SETS[s.data_set].is_list]
    for sync in named:
        title = f"Export action “{sync.export_name}”, for {sync.name}"
        bindings = {**sync.bindings, **sync.export_bindings}
        columns = _columns(found, "exports", sync.export_name, bindings, DATA_SETS[sync.data_set])
        yield Need(title, *_named(found, "exports", sync.export_name), _EXPORT_POINTS, columns)
    if any(not sync.export_name for sync in syncs) or not syncs:
        names = [action["name"] for action in found.get("exports", {}).values()]
        seen = f" Seen: {_listed(names)}." if names else ""
        yield Need(
            "An export action of the same module, for reading back",
            _state(found, bool(names)),
            f"Without it no run can be proved: it ends as unverified, not green.{seen}",
            _EXPORT_POINTS,
        )


def _plan_exports(found: Mapping[str, Any], plans: Sequence[Sync]) -> Iterator[Need]:
    """What has to be there for a plan to come back."""
    for sync in plans:
        title = f"Export action “{sync.export_name}” of the plan, for {sync.name}"
        yield Need(title, *_named(found, "exports", sync.export_name), _PLAN_POINTS)


def _list_imports(found: Mapping[str, Any]) -> Need:
    into_lists = [
        action["name"]
        for action in found.get("imports", {}).values()
        if action["type"] == "HIERARCHY_DATA" and action["file"]
    ]
    note = f"Seen: {_listed(into_lists)}." if into_lists else "None was seen."
    return Need(
        "List imports for accounts and cost centers",
        NeedState.FOUND if into_lists else NeedState.OPTIONAL,
        f"For syncs of lists; without one, members are kept in the model by its builder. {note}",
        ("Their source is a file with the columns Code and Name, and what else is always alike.",),
    )


def _user(connection: Connection, found: Mapping[str, Any]) -> Need:
    user = connection.address.get("user") or "the user of the connection"
    imports, exports = (len(found.get(kind, {})) for kind in ("imports", "exports"))
    note = "The model was not looked at yet."
    if found:
        note = f"Seen by it: imports {imports}, exports {exports}."
    return Need(
        f"A model role for {user}",
        _state(found, bool(found.get("imports"))),
        note,
        (
            "Actions: the import, the export, and no others.",
            "Modules: write to the one that is loaded. Lists: read those on its columns.",
            "Not a workspace administrator, and a role in this model only.",
        ),
    )


def _named(found: Mapping[str, Any], kind: str, name: str) -> tuple[NeedState, str]:
    if not found:
        return NeedState.UNKNOWN, "The model was not looked at yet."
    object_id = id_by_name(found, kind, name)
    if not object_id:
        return NeedState.MISSING, "Not found under this name when the model was last looked at."
    facts = found[kind][object_id]
    if kind == "imports" and not facts["file"]:
        return NeedState.MISSING, f"Found as {object_id}, but it reads no file."
    reads = f", reads {facts['file_name']}" if kind == "imports" else ""
    return NeedState.FOUND, f"Found as {object_id}{reads}."


def _columns(
    found: Mapping[str, Any],
    kind: str,
    name: str,
    bindings: Mapping[str, str],
    data_set: DataSet,
) -> list[Column]:
    object_id = id_by_name(found, kind, name) if found else ""
    headers = (found[kind][object_id].get("headers") or []) if object_id else []
    bound = {**default_bindings(headers, data_set), **bindings}
    return [
        Column(
            header,
            _field_name(bound.get(header, "")),
            WHAT_FIELDS_HOLD.get(bound.get(header, ""), ""),
        )
        for header in headers
    ]


def _field_name(binding: str) -> str:
    if binding.startswith("="):
        return f"always “{binding[1:]}”"
    return FIELDS.get(binding, "not bound yet")


def _state(found: Mapping[str, Any], is_there: bool) -> NeedState:
    if not found:
        return NeedState.UNKNOWN
    return NeedState.FOUND if is_there else NeedState.MISSING


def _listed(names: Sequence[str]) -> str:
    return ", ".join(sorted(names)[:8]) + ("…" if len(names) > 8 else "")
