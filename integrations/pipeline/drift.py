"""What has become of the things of a model that syncs use: accepted and found, compared.

A catalogue is {kind: {id: facts}} with the kinds "imports", "exports" and "lists" and others;
`hidden` lists ids that a process runs although the user is not shown them. Names bind, ids
witness: an object is looked for by the id under which its name was accepted.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Found = Mapping[str, Any]
Facts = Mapping[str, Any]

LAYOUTS = {
    "imports": ("headers", "separator", "delimiter", "encoding", "decimal_separator"),
    "exports": ("headers", "layout", "format", "separator", "delimiter", "encoding"),
    "processes": ("steps",),
}
CODES = {
    ("imports", "renamed"): "anaplan_import_renamed",
    ("imports", "deleted"): "anaplan_import_deleted",
    ("imports", "hidden"): "anaplan_import_hidden",
    ("imports", "replaced"): "anaplan_import_replaced",
    ("imports", "relaid"): "anaplan_import_relaid",
    ("imports", "no file"): "anaplan_import_reads_no_file",
    ("imports", "other file"): "anaplan_import_other_file",
    ("exports", "renamed"): "anaplan_export_renamed",
    ("exports", "deleted"): "anaplan_export_deleted",
    ("exports", "hidden"): "anaplan_export_hidden",
    ("exports", "replaced"): "anaplan_export_replaced",
    ("exports", "relaid"): "anaplan_export_relaid",
    ("processes", "renamed"): "anaplan_process_renamed",
    ("processes", "deleted"): "anaplan_process_deleted",
    ("processes", "hidden"): "anaplan_process_deleted",
    ("processes", "replaced"): "anaplan_process_replaced",
    ("processes", "relaid"): "anaplan_process_changed",
    ("lists", "renamed"): "anaplan_list_renamed",
    ("lists", "deleted"): "anaplan_list_deleted",
}
"""The code of the catalogue of errors for each kind and what has become of it."""

_LOST = ("deleted", "hidden", "no file")
LOST = frozenset(code for (kind, what), code in CODES.items() if what in _LOST and kind != "lists")
"""Codes of what nobody can take as right: there is nothing left to use."""


@dataclass(frozen=True, slots=True)
class Use:
    """An action, or a list, that a sync is bound to by its name.

    `kind` is "imports", "exports", "processes" or "lists".
    """

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Drift:
    """One used thing that is not as it was accepted.

    `code` is of the catalogue of errors, `facts` fill its sentences; `name` is the accepted one.
    """

    code: str
    kind: str
    object_id: str
    name: str
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same trouble the next time."""
        return self.code, self.kind, self.object_id


def find_drifts(uses: Iterable[Use], accepted: Found, found: Found) -> list[Drift]:
    """Compare what is used; what was never accepted has nothing to be compared with."""
    drifts: dict[tuple[str, str, str], Drift] = {}
    for use in uses:
        for drift in _drifts_of(use, accepted, found):
            drifts[drift.key] = drift
    return list(drifts.values())


def id_by_name(catalogue: Found, kind: str, name: str) -> str:
    """Return the id of the one object of this name; "" when there is none, or several."""
    ids = [key for key, facts in catalogue.get(kind, {}).items() if facts["name"] == name]
    return ids[0] if len(ids) == 1 else ""


def witnesses(use: Use, catalogue: Found) -> dict[str, dict[str, Facts]]:
    """Return what a use relies on in a catalogue: the action, and the lists that it shows."""
    if use.kind == "lists":
        list_id = id_by_name(catalogue, "lists", use.name)
        return {"lists": {list_id: catalogue["lists"][list_id]}} if list_id else {}
    action_id = id_by_name(catalogue, use.kind, use.name)
    if not action_id:
        return {}
    action = catalogue[use.kind][action_id]
    lists = {
        list_id: facts
        for list_id, facts in catalogue.get("lists", {}).items()
        if facts["name"] in action.get("lists", ())
    }
    return {use.kind: {action_id: action}, "lists": lists}


def _drifts_of(use: Use, accepted: Found, found: Found) -> Iterator[Drift]:
    if use.kind == "lists":
        yield from _drifts_of_list(use.name, accepted, found)
        return
    action_id = id_by_name(accepted, use.kind, use.name)
    if not action_id:
        return
    before = accepted[use.kind][action_id]
    now = found.get(use.kind, {}).get(action_id)
    bearer = id_by_name(found, use.kind, use.name)
    if bearer and bearer != action_id:
        yield _drift(use.kind, "replaced", action_id, before, was=action_id, now=bearer)
    elif now is None:
        what = "hidden" if action_id in found.get("hidden", ()) else "deleted"
        yield _drift(use.kind, what, action_id, before)
    elif now["name"] != use.name:
        yield _drift(use.kind, "renamed", action_id, before, now=now["name"])
    else:
        yield from _changes_of(use.kind, action_id, before, now)
    for name in before.get("lists", ()):
        yield from _drifts_of_list(name, accepted, found)


def _changes_of(kind: str, action_id: str, before: Facts, now: Facts) -> Iterator[Drift]:
    if before.get("file") and not now.get("file"):
        yield _drift(kind, "no file", action_id, before)
        return
    if before.get("file") != now.get("file"):
        files = {"was": before["file_name"], "now": now["file_name"]}
        yield _drift(kind, "other file", action_id, before, **files)
    change = "; ".join(_layout_changes(kind, before, now))
    if change:
        yield _drift(kind, "relaid", action_id, before, change=change)


def _layout_changes(kind: str, before: Facts, now: Facts) -> Iterator[str]:
    for part in LAYOUTS[kind]:
        was, is_now = before.get(part), now.get(part)
        if was is None or is_now is None or was == is_now:
            continue
        if part == "headers":
            yield from _header_changes(was, is_now)
        elif part == "steps":
            yield f"its steps were {_steps(was)} and are now {_steps(is_now)}"
        else:
            yield f"{part.replace('_', ' ')} {_shown(was)} is now {_shown(is_now)}"


def _header_changes(was: list[str], now: list[str]) -> Iterator[str]:
    added = [header for header in now if header not in was]
    gone = [header for header in was if header not in now]
    if added:
        yield f"new columns {', '.join(added)}"
    if gone:
        yield f"columns {', '.join(gone)} are gone"
    if not added and not gone:
        yield f"the columns now stand as {', '.join(now)}"


def _steps(steps: Mapping[str, str]) -> str:
    return ", ".join(steps.values()) or "none"


def _shown(text: str) -> str:
    return {"\t": "tab", "": "none"}.get(text, f"“{text}”")


def _drifts_of_list(name: str, accepted: Found, found: Found) -> Iterator[Drift]:
    list_id = id_by_name(accepted, "lists", name)
    if not list_id:
        return
    before, now = accepted["lists"][list_id], found.get("lists", {}).get(list_id)
    if now is None:
        yield _drift("lists", "deleted", list_id, before)
    elif now["name"] != name:
        yield _drift("lists", "renamed", list_id, before, now=now["name"])


def _drift(kind: str, what: str, object_id: str, before: Facts, **facts: str) -> Drift:
    name = str(before["name"])
    return Drift(CODES[kind, what], kind, object_id, name, {"name": name, **facts})
