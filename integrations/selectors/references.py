"""Which lists of both systems the syncs of an organization use, and when they were read."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from accounts.models import Organization
from integrations.models import CodeList, Connection, MemberList, ModelCatalogue, Sync
from integrations.models.syncs import PLAN_DATA_SET
from integrations.pipeline.code_lists import LISTED
from integrations.pipeline.drift import id_by_name
from integrations.pipeline.headers import default_bindings
from integrations.pipeline.streams import DATA_SETS
from integrations.selectors.document_checks import enabled_documents


class CodePlace(NamedTuple):
    """A list of QAD: the codes of a dimension in a domain, read through one of its entities."""

    dimension: str
    domain: str
    entity: str


def list_loads(organization: Organization) -> list[Sync]:
    """Return the syncs that load something into Anaplan, oldest first."""
    rows = Sync.objects.select_related("source__organization", "target__organization")
    return list(
        rows.filter(organization=organization).exclude(data_set=PLAN_DATA_SET).order_by("pk")
    )


def used_dimensions(syncs: Iterable[Sync]) -> dict[int, frozenset[str]]:
    """Return per sync the dimensions of its file whose codes stand on lists."""
    catalogues: dict[tuple[int, str], Mapping[str, Any]] = {}
    used = {}
    for sync in syncs:
        place = sync.target_id, sync.model_id
        if place not in catalogues:
            catalogues[place] = _find_catalogue(sync)
        used[sync.pk] = frozenset(_fields(sync, catalogues[place])).intersection(LISTED)
    return used


def list_code_places(source: Connection, syncs: Iterable[Sync]) -> list[CodePlace]:
    """Return the lists of a QAD that syncs use, as far as its profile has their documents."""
    mine = [sync for sync in syncs if sync.source_id == source.pk]
    used = used_dimensions(mine)
    wanted = {name for names in used.values() for name in names}
    offered = wanted.intersection(enabled_documents(source))
    domains: dict[str, str] = {}
    for sync in mine:
        for place in sync.entities:
            domains.setdefault(place["domain"], place["entity"])
    return [
        CodePlace(dimension, domain, entity)
        for dimension in LISTED
        if dimension in offered
        for domain, entity in domains.items()
    ]


def find_due(source: Connection, places: Iterable[CodePlace], before: datetime) -> list[CodePlace]:
    """Return the lists that were not tried since a moment, those that waited longest first."""
    rows = CodeList.objects.filter(organization=source.organization, source=source)
    tried = {(row.dimension, row.domain): row.tried_at for row in rows}
    due = [(tried.get(place[:2]), place) for place in places]
    never = [place for moment, place in due if moment is None]
    late = sorted((moment, place) for moment, place in due if moment and moment < before)
    return [*never, *(place for _, place in late)]


def list_due_members(organization: Organization, before: datetime) -> list[MemberList]:
    """Return the lists of Anaplan that were not tried since a moment."""
    rows = MemberList.objects.select_related("target__organization")
    found = rows.filter(organization=organization).order_by("pk")
    return [row for row in found if row.tried_at is None or row.tried_at < before]


def list_lacking(organization: Organization) -> dict[str, Sync]:
    """Return the dimensions for which no list of Anaplan is known, each with a sync that uses it.

    A sync of the list itself comes before all others.
    """
    known = set(
        MemberList.objects.filter(organization=organization).values_list("dimension", flat=True)
    )
    syncs = sorted(list_loads(organization), key=lambda sync: not DATA_SETS[sync.data_set].is_list)
    used = used_dimensions(syncs)
    lacking: dict[str, Sync] = {}
    for sync in syncs:
        for dimension in used[sync.pk] - known:
            lacking.setdefault(dimension, sync)
    return lacking


def _find_catalogue(sync: Sync) -> Mapping[str, Any]:
    rows = ModelCatalogue.objects.filter(organization=sync.organization_id)
    row = rows.filter(connection=sync.target_id, model_id=sync.model_id).first()
    return row.found if row else {}


def _fields(sync: Sync, found: Mapping[str, Any]) -> Iterable[str]:
    """Return what a sync's columns hold; while they are not known, all that they could."""
    data_set = DATA_SETS[sync.data_set]
    if data_set.is_list:
        return (data_set.mapped_as,)
    import_id = id_by_name(found, "imports", sync.import_name)
    headers = found["imports"][import_id].get("headers") if import_id else None
    if headers is None:
        return data_set.dimensions
    return {**default_bindings(headers, data_set), **sync.bindings}.values()
