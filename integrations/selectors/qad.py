"""A QAD connection as its pages show it: the chosen workspace, and what QAD offers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.http import Http404

from accounts.models import Organization
from integrations.models import Connection, System
from integrations.selectors.connections import get_connection


@dataclass(frozen=True, slots=True)
class Space:
    """A workspace of QAD. `missing_since` is set once QAD has stopped naming a chosen one."""

    domain: str
    entity: str
    description: str = ""
    base_currency: str = ""
    is_chosen: bool = False
    by_hand: bool = False
    missing_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What QAD offered `at` a moment, None when it was never asked: workspaces by domain.

    `total` counts all of them, `shown` those that fit what was searched for.
    """

    at: datetime | None
    total: int
    shown: int
    domains: list[tuple[str, list[Space]]]


def get_qad(organization: Organization, connection_id: int) -> Connection:
    """Return a connection to a QAD, inside an open scope; 404 for any other."""
    connection = get_connection(organization, connection_id)
    if connection.system != System.QAD:
        raise Http404
    return connection


def chosen_workspace(connection: Connection) -> Space | None:
    """Return what was chosen from what QAD offers; None where nothing was."""
    place = connection.place
    return _space(place, is_chosen=True) if place.get("entity") else None


def list_offer(connection: Connection, text: str = "") -> Offer:
    """Return the workspaces that QAD offered last, those alone whose codes or words hold a text."""
    chosen = (connection.place.get("domain"), connection.place.get("entity"))
    offered = connection.offered.get("workspaces", [])
    spaces = [
        _space(row, is_chosen=(row["domain"], row["entity"]) == chosen)
        for row in offered
        if text.casefold() in " ".join(map(str, row.values())).casefold()
    ]
    spaces.sort(key=lambda space: (space.domain, space.entity))
    return Offer(
        at=_moment(connection.offered.get("at")),
        total=len(offered),
        shown=len(spaces),
        domains=[(name, list(group)) for name, group in groupby(spaces, lambda s: s.domain)],
    )


def _space(row: Mapping[str, Any], *, is_chosen: bool) -> Space:
    return Space(
        domain=row.get("domain", ""),
        entity=row["entity"],
        description=row.get("description", ""),
        base_currency=row.get("base_currency", ""),
        is_chosen=is_chosen,
        by_hand=bool(row.get("by_hand")),
        missing_since=_moment(row.get("missing_since")),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
