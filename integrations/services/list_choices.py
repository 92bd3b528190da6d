"""Which Anaplan list the members of a dimension stand on: guessed where it is plain, or chosen."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from accounts.errors import Refused
from accounts.models import Organization
from audit.actions import Action
from audit.tenancy import reading, tenant
from audit.trail import record_event
from integrations import queue
from integrations.anaplan.client import AnaplanClient
from integrations.encryption import SealBroken
from integrations.models import ListMember, MappingRule, MemberCarries, MemberList, Sync
from integrations.pipeline.headers import field_of
from integrations.pipeline.streams import DATA_SETS
from integrations.selectors.mappings import current_version
from integrations.selectors.models import read_catalogue
from integrations.selectors.references import list_lacking
from integrations.services.member_reading import open_model, read_ids
from integrations.transport.errors import IntegrationError

ENOUGH_PERCENT = 95
MOST_LISTS_READ = 12


class ListChoice(NamedTuple):
    """A list of a model that a connection leads to, and by what an import knows its members."""

    target_id: int
    model_id: str
    list_name: str
    carries: str


def guess_lists(organization: Organization) -> int:
    """Choose the list of each dimension that has none, where one alone can be meant.

    That is the list of a sync of that list, or the one list that holds nearly all mapped
    members. Calls Anaplan; what fails is guessed another time. Returns how many were chosen.
    """
    with reading(organization.pk):
        lacking = list_lacking(organization)
        mapped = {dimension: _mapped_members(organization, dimension) for dimension in lacking}
    chosen = 0
    for dimension, sync in lacking.items():
        try:
            found = _guess(dimension, sync, mapped[dimension])
        except (IntegrationError, SealBroken):
            continue
        if found is not None:
            chosen += _keep(organization, dimension, sync, found)
    return chosen


def choose_list(*, organization: Organization, dimension: str, choice: ListChoice) -> MemberList:
    """Take a list as the one of a dimension; it is read soon, and another one's members go.

    Raises Refused: member_list_unknown.
    """
    with tenant(organization.pk):
        row = MemberList.objects.select_for_update().filter(
            organization=organization, dimension=dimension
        ).first() or MemberList(organization=organization, dimension=dimension)
        sync = Sync.objects.filter(
            organization=organization, target=choice.target_id, model_id=choice.model_id
        ).first()
        if sync is None:
            raise Refused("member_list_unknown", name=choice.list_name)
        before = (row.target_id, row.model_id, row.list_name, row.carries)
        if before != choice:
            if row.pk:
                ListMember.objects.filter(organization=organization, member_list=row).delete()
            row.target_id, row.model_id, row.list_name, row.carries = choice
            row.workspace_id = sync.workspace_id
            row.read_at, row.tried_at, row.error_code = None, None, ""
            row.save()
            _tell(row)
        queue.hint_lists(organization.pk)
        return row


def _keep(organization: Organization, dimension: str, sync: Sync, found: tuple[str, str]) -> int:
    list_name, carries = found
    with tenant(organization.pk):
        row, is_new = MemberList.objects.get_or_create(
            organization=organization,
            dimension=dimension,
            defaults={
                "target_id": sync.target_id,
                "workspace_id": sync.workspace_id,
                "model_id": sync.model_id,
                "list_name": list_name,
                "carries": carries,
            },
        )
        if is_new:
            _tell(row)
    return int(is_new)


def _tell(row: MemberList) -> None:
    record_event(
        Action.LIST_CHOSEN,
        subject=("list", row.list_name),
        data={"dimension": row.dimension, "model": row.model_id, "carries": row.carries},
    )


def _mapped_members(organization: Organization, dimension: str) -> set[str]:
    version = current_version(organization)
    rows = MappingRule.objects.filter(
        organization=organization, version=version, dimension=dimension
    )
    return set(rows.exclude(member="").values_list("member", flat=True))


def _guess(dimension: str, sync: Sync, mapped: Collection[str]) -> tuple[str, str] | None:
    """Return the list that is meant and what its import carries; None where nobody can tell."""
    data_set = DATA_SETS[sync.data_set]
    is_sure = data_set.mapped_as == dimension
    if not is_sure and not mapped:
        return None
    client = open_model(sync.target, sync.workspace_id, sync.model_id)
    ids = {name: list_id for name, list_id in read_ids(client).items() if list_id}
    if is_sure:
        return (sync.export_name, MemberCarries.CODE) if sync.export_name in ids else None
    names = _likely(dimension, sync, ids)
    holding = [
        (name, carries)
        for name in names
        if (carries := _held_by(client, ids[name], mapped)) is not None
    ]
    return holding[0] if len(holding) == 1 else None


def _likely(dimension: str, sync: Sync, names: Iterable[str]) -> list[str]:
    """Return the lists that the dimension may stand on: by their names, and those exported."""
    with reading(sync.organization_id):
        row = read_catalogue(sync.target, sync.model_id)
    exports = row.found.get("exports", {}).values() if row else ()
    shown = {name for facts in exports for name in facts.get("lists") or ()}
    speaking = [name for name in names if field_of(name) == dimension]
    others = [name for name in names if name in shown and name not in speaking]
    return [*speaking, *others][:MOST_LISTS_READ]


def _held_by(client: AnaplanClient, list_id: str, mapped: Collection[str]) -> str | None:
    """Return by what a list holds nearly all mapped members; None where it does not."""
    items = client.list_items(list_id)
    codes, names = {item.code or item.name for item in items}, {item.name for item in items}
    by_code, by_name = len(codes.intersection(mapped)), len(names.intersection(mapped))
    if 100 * max(by_code, by_name) < ENOUGH_PERCENT * len(mapped):
        return None
    return MemberCarries.CODE if by_code >= by_name else MemberCarries.NAME
