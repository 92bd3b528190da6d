"""What has changed on a list since it was read last: of QAD's codes, and of Anaplan's members."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

LISTED = ("entity", "gl_account", "cost_center", "supplier", "sub_account", "project")
"""Dimensions whose codes stand on lists in both systems."""

FIRST = 20
"""How many codes the trail names of each kind of change."""


class Seen(NamedTuple):
    """A code as a list has it now."""

    name: str
    parent: str
    is_active: bool


class Known(NamedTuple):
    """A code as it is kept; see `QadCode`."""

    code: str
    name: str
    parent: str
    is_active: bool
    former_name: str
    renamed_at: datetime | None
    first_seen_at: datetime
    inactive_since: datetime | None
    missing_since: datetime | None


@dataclass(slots=True)
class Changes:
    """The codes of each kind of change, and the rows that are no longer as they are kept."""

    new: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    deactivated: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    back: list[str] = field(default_factory=list)
    rows: list[Known] = field(default_factory=list)

    def facts(self) -> dict[str, dict[str, object]]:
        """Return each kind with how many codes it has, and the first of them."""
        kinds = ("new", "renamed", "deactivated", "gone", "back")
        codes: dict[str, list[str]] = {kind: getattr(self, kind) for kind in kinds}
        return {
            kind: {"count": len(found), "first": sorted(found)[:FIRST]}
            for kind, found in codes.items()
            if found
        }


def compare(known: Iterable[Known], seen: dict[str, Seen], now: datetime) -> Changes:
    """Compare a list, read whole, with what is kept; leaves in `seen` the codes that are new."""
    changes = Changes()
    for row in known:
        found = seen.pop(row.code, None)
        after = _without(row, changes, now) if found is None else _with(row, found, changes, now)
        if after != row:
            changes.rows.append(after)
    changes.new = list(seen)
    return changes


def _without(row: Known, changes: Changes, now: datetime) -> Known:
    if row.missing_since is not None:
        return row
    changes.gone.append(row.code)
    return row._replace(missing_since=now)


def _with(row: Known, found: Seen, changes: Changes, now: datetime) -> Known:
    """Return a row as it is now; a name that was not known before makes no rename."""
    after = row._replace(
        name=found.name, parent=found.parent, is_active=found.is_active, missing_since=None
    )
    if row.missing_since is not None:
        changes.back.append(row.code)
    if row.name and found.name and row.name != found.name:
        changes.renamed.append(row.code)
        after = after._replace(former_name=row.name, renamed_at=now)
    if found.is_active:
        return after._replace(inactive_since=None)
    if row.is_active:
        changes.deactivated.append(row.code)
        return after._replace(inactive_since=now)
    return after
