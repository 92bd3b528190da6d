"""Reading the members of the Anaplan lists that dimensions are mapped to."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Organization
from audit.actions import Action
from audit.tenancy import reading, tenant
from audit.trail import record_event
from integrations.anaplan.client import AnaplanClient
from integrations.anaplan.types import ListItem
from integrations.encryption import SealBroken
from integrations.models import Connection, ListMember, MemberCarries, MemberList
from integrations.pipeline.code_lists import FIRST
from integrations.selectors.references import list_due_members
from integrations.services.bulk import copy_rows
from integrations.services.clients import build_anaplan, identity_of
from integrations.transport.errors import IntegrationError

Place = tuple[int, str, str]
LONGEST = 200


def refresh_members(organization: Organization, *, before: datetime) -> None:
    """Read every chosen list of Anaplan that nobody has tried to read since a moment.

    Calls Anaplan, so it is never used inside a transaction. What fails is noted on the list,
    whose members stay as they are.
    """
    with reading(organization.pk):
        due = list_due_members(organization, before)
    for _, group in groupby(sorted(due, key=_place), key=_place):
        _read_model(list(group))


def open_model(target: Connection, workspace_id: str, model_id: str) -> AnaplanClient:
    """Return a client of a model; whose budget its calls use is asked first."""
    client = build_anaplan(target)
    identity_of(target, client)
    return client.in_model(workspace_id, model_id)


def read_ids(client: AnaplanClient) -> dict[str, str]:
    """Return the ids of a model's lists by name; of a name that several have, ""."""
    ids: dict[str, str] = {}
    for found in client.lists():
        ids[found.name] = "" if found.name in ids else found.id
    return ids


def text_of(item: ListItem, carries: str) -> str:
    """Return what an import's file carries for a member; without a code that is its name."""
    return item.name if carries == MemberCarries.NAME else item.code or item.name


def _place(row: MemberList) -> Place:
    return row.target_id, row.workspace_id, row.model_id


def _read_model(rows: Sequence[MemberList]) -> None:
    """Read the lists of one model; what is wrong with all of it is met once."""
    first = rows[0]
    try:
        client = open_model(first.target, first.workspace_id, first.model_id)
        ids = read_ids(client)
    except (IntegrationError, SealBroken) as error:
        _note_failures(rows, error)
        return
    for row in rows:
        began = timezone.now()
        try:
            if not ids.get(row.list_name):
                raise IntegrationError("anaplan_list_missing", name=row.list_name)
            _keep(row, client.list_items(ids[row.list_name]), began)
        except IntegrationError as error:
            _note_failures([row], error)


def _note_failures(rows: Iterable[MemberList], error: Exception) -> None:
    code = error.code if isinstance(error, IntegrationError) else "secret_unreadable"
    for row in rows:
        with tenant(row.organization_id):
            _same(row).update(tried_at=timezone.now(), error_code=code)


def _keep(row: MemberList, items: Iterable[ListItem], began: datetime) -> None:
    """Bring the kept members up to date, where the same list is still chosen."""
    with tenant(row.organization_id):
        locked = _same(row).select_for_update().first()
        if locked is None or (locked.read_at is not None and locked.read_at > began):
            return
        seen = {
            text_of(item, locked.carries)[:LONGEST]: (
                item.code[:LONGEST], item.name[:LONGEST], item.parent[:LONGEST]
            )
            for item in items
        }  # fmt: skip
        changed, gone, back = _compare(locked, seen, began)
        new = sorted(seen)
        ListMember.objects.bulk_update(
            changed, ["code", "name", "parent", "missing_since"], batch_size=1_000
        )
        _add(locked, seen, began)
        locked.read_at, locked.tried_at, locked.error_code = began, began, ""
        locked.save(update_fields=["read_at", "tried_at", "error_code"])
        _tell(locked, {"new": new, "gone": gone, "back": back})


def _same(row: MemberList) -> QuerySet[MemberList]:
    """The row, unless another list was chosen meanwhile."""
    return MemberList.objects.filter(
        organization=row.organization_id,
        pk=row.pk,
        list_name=row.list_name,
        carries=row.carries,
        model_id=row.model_id,
    )


def _compare(
    row: MemberList, seen: dict[str, tuple[str, str, str]], now: datetime
) -> tuple[list[ListMember], list[str], list[str]]:
    """Return the members that are no longer as they are kept, those gone and those back.

    Leaves in `seen` the members that are new.
    """
    changed, gone, back = [], [], []
    kept = ListMember.objects.filter(organization=row.organization_id, member_list=row)
    for member in kept.iterator():
        found = seen.pop(member.text, None)
        if found is None:
            if member.missing_since is None:
                member.missing_since = now
                gone.append(member.text)
                changed.append(member)
            continue
        if member.missing_since is not None:
            back.append(member.text)
        if (member.code, member.name, member.parent) != found or member.missing_since is not None:
            member.code, member.name, member.parent = found
            member.missing_since = None
            changed.append(member)
    return changed, gone, back


def _add(row: MemberList, new: dict[str, tuple[str, str, str]], now: datetime) -> None:
    same = (row.organization_id, row.pk)
    copy_rows(
        ListMember,
        (
            "organization_id", "member_list_id", "text", "code", "name", "parent",
            "first_seen_at",
        ),
        ((*same, text, *found, now) for text, found in new.items()),
    )  # fmt: skip


def _tell(row: MemberList, kinds: dict[str, list[str]]) -> None:
    found = {
        kind: {"count": len(texts), "first": sorted(texts)[:FIRST]}
        for kind, texts in kinds.items()
        if texts
    }
    if found:
        record_event(
            Action.LIST_CHANGED,
            subject=("list", row.list_name),
            data={"dimension": row.dimension, "model": row.model_id, **found},
        )
