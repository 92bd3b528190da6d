"""Drafts of the mapping: changed key by key, approved as a whole, by a second person if asked."""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Organization, User
from accounts.permissions import Right
from accounts.services.deeds import check_right, deed
from audit.actions import Action
from audit.trail import record_event
from integrations.models import DraftState, MappingChange, MappingDraft, MappingVersion
from integrations.pipeline.mapping_changes import (
    KeyChange,
    Parts,
    apply_changes,
    parts_in_words,
    parts_to_json,
    same_parts,
)
from integrations.pipeline.rule_checks import describe, find_trouble
from integrations.pipeline.rules import RuleKey
from integrations.selectors.drafts import (
    Standing,
    change_of,
    key_of,
    open_draft,
    read_standing,
)
from integrations.selectors.lost_updates import find_lost
from integrations.services.bulk import copy_rows
from integrations.services.mappings import approve_rules, editing

KEYS_TOLD = 20


class Wish(NamedTuple):
    """A change that somebody wants; `seen` is what they saw the key have, None if nothing."""

    change: KeyChange
    seen: Parts | None = None


def change_draft(
    *,
    organization: Organization,
    wishes: Sequence[Wish],
    requested_by: str,
    made_for: Collection[str] = (),
) -> MappingDraft:
    """Put changes in the open draft, all or none; a draft is begun where none is open.

    A change back to what the newest version has leaves the draft. People that it is `made_for`
    count as its authors too: a program's changes are those of the member who made its key.
    Raises Refused: mapping_changed_meanwhile where keys no longer have what was seen, each with
    its place among the wishes, and what `approve_rules` raises of rules that are not clear.
    """
    with editing(organization) as locked:
        standing = read_standing(organization)
        _check_seen(standing, wishes)
        for wish in wishes:
            _check_clear(wish.change)
        draft = standing.draft or MappingDraft.objects.create(
            organization=organization,
            begun_by=requested_by,
            asks_second=locked.second_person_maps,
        )
        wanted = {wish.change.key: wish.change for wish in wishes}
        _put(draft, standing, wanted, [*made_for, requested_by])
        record_event(
            Action.MAPPING_DRAFTED,
            subject=("draft", draft.pk),
            data={
                "keys": len(wishes),
                "first": [
                    f"{describe(wish.change.key)}: {parts_in_words(wish.change.parts)}"
                    for wish in wishes[:KEYS_TOLD]
                ],
            },
        )
        return draft


def drop_changes(
    *, organization: Organization, change_ids: Collection[int], requested_by: str
) -> int:
    """Take changes out of the open draft; return how many there were.

    Raises Refused: mapping_draft_gone.
    """
    with editing(organization):
        draft = _open(organization)
        found = MappingChange.objects.filter(
            organization=organization, draft=draft, pk__in=change_ids
        )
        keys = [describe(key_of(change)) for change in found[:KEYS_TOLD]]
        dropped, _ = found.delete()
        if dropped:
            record_event(
                Action.MAPPING_DRAFTED,
                subject=("draft", draft.pk),
                data={"dropped": dropped, "first": keys, "by": requested_by},
            )
        return dropped


def keep_changes(*, organization: Organization, seen: str, requested_by: str) -> int:
    """Hold on to changes of keys that the newest version has changed as well; return how many.

    Whoever does it has seen both values, as the digest of what was `seen` proves, and counts as
    one who has changed the key. Raises Refused: mapping_draft_gone, mapping_draft_changed.
    """
    with editing(organization):
        draft, standing = _open(organization), read_standing(organization)
        _check_digest(standing, seen)
        stale = standing.stale_changes()
        for change in stale:
            change.before = parts_to_json(standing.approved.get(key_of(change), ()))
            change.changed_by = _with_authors(change.changed_by, [requested_by])
            change.save(update_fields=["before", "changed_by", "changed_at"])
        if stale:
            record_event(
                Action.MAPPING_DRAFTED,
                subject=("draft", draft.pk),
                data={
                    "kept": len(stale),
                    "first": [describe(key_of(change)) for change in stale[:KEYS_TOLD]],
                },
            )
        return len(stale)


def discard_draft(*, organization: Organization, draft_id: int, actor: User) -> None:
    """Give an open draft up; it stays to be read, and nothing has changed.

    Raises Refused: right_missing, mapping_draft_gone.
    """
    with deed(organization.pk, actor) as locked:
        check_right(locked, actor, Right.MAP)
        draft = _open(locked, draft_id)
        _decide(draft, DraftState.DISCARDED, actor)
        record_event(
            Action.MAPPING_DISCARDED,
            subject=("draft", draft.pk),
            data={"keys": draft.changes.count()},
        )


def approve_draft(
    *, organization: Organization, draft_id: int, seen: str, actor: User, note: str = ""
) -> MappingVersion:
    """Make the newest version with a draft's changes the next one; `seen` is its digest.

    Where the organization asks for a second person, or asked when the draft was begun, it is
    nobody who has changed the draft, and somebody with that right. Raises Refused:
    right_missing, mapping_draft_gone, mapping_draft_empty, mapping_own_draft,
    mapping_draft_changed, mapping_draft_stale where the newest version has changed a key of the
    draft as well, and what `approve_rules` raises.
    """
    with deed(organization.pk, actor) as locked:
        draft = _open(locked, draft_id)
        asks_second = locked.second_person_maps or draft.asks_second
        check_right(locked, actor, Right.APPROVE_MAPPING if asks_second else Right.MAP)
        standing = read_standing(locked)
        _check_digest(standing, seen)
        changes = standing.changes
        if not changes:
            raise Refused("mapping_draft_empty")
        authors = {author for change in changes.values() for author in change.changed_by}
        if asks_second and actor.email in authors:
            raise Refused("mapping_own_draft")
        stale = standing.stale_changes()
        if stale:
            keys = ", ".join(describe(key_of(change)) for change in stale[:KEYS_TOLD])
            raise Refused("mapping_draft_stale", count=len(stale), keys=keys)
        version = approve_rules(
            organization=locked,
            rules=apply_changes(standing.rules, map(change_of, changes.values())),
            requested_by=actor.email,
            note=note or draft.note or f"{len(changes)} keys changed",
        )
        draft.version = version
        _decide(draft, DraftState.APPROVED, actor)
        return version


def _open(organization: Organization, draft_id: int | None = None) -> MappingDraft:
    draft = open_draft(organization)
    if draft is None or draft_id not in (None, draft.pk):
        raise Refused("mapping_draft_gone")
    return draft


def _check_digest(standing: Standing, seen: str) -> None:
    """Refuse a decision on something else than what is there now."""
    if standing.digest() != seen:
        raise Refused("mapping_draft_changed")


def _decide(draft: MappingDraft, state: DraftState, actor: User) -> None:
    draft.state, draft.decided_by, draft.decided_at = state, actor.email, timezone.now()
    draft.save(update_fields=["state", "decided_by", "decided_at", "version"])


def check_wish(standing: Standing, wish: Wish) -> None:
    """Refuse a change of what is there no more as it was seen, or one that is not clear.

    Raises Refused: mapping_changed_meanwhile, and what `approve_rules` raises.
    """
    _check_seen(standing, [wish])
    _check_clear(wish.change)


def _check_seen(standing: Standing, wishes: Sequence[Wish]) -> None:
    lost = find_lost(standing, wishes)
    if lost is not None:
        raise lost


def _check_clear(change: KeyChange) -> None:
    trouble = find_trouble(change.rules())
    if trouble is not None:
        raise Refused(trouble.code, **trouble.facts)


def _put(
    draft: MappingDraft,
    standing: Standing,
    wanted: dict[RuleKey, KeyChange],
    authors: Sequence[str],
) -> None:
    """Write the changes of some keys, and take those out that change nothing any more."""
    idle, new, changed = [], [], []
    for key, change in wanted.items():
        had = standing.changes.get(key)
        approved = standing.approved.get(key, ())
        if same_parts(change.parts, approved):
            idle += [had.pk] if had else []
        elif had is None:
            new.append((key, change.parts, approved))
        else:
            had.parts, had.changed_at = parts_to_json(change.parts), timezone.now()
            had.changed_by = _with_authors(had.changed_by, authors)
            changed.append(had)
    MappingChange.objects.filter(
        organization_id=draft.organization_id, draft=draft, pk__in=idle
    ).delete()
    MappingChange.objects.bulk_update(changed, ["parts", "changed_by", "changed_at"], 1_000)
    _add(draft, new, authors)


def _add(
    draft: MappingDraft, new: Iterable[tuple[RuleKey, Parts, Parts]], authors: Sequence[str]
) -> None:
    """Write changes of keys that the draft has not changed yet, in one round trip."""
    place, now = (draft.organization_id, draft.pk), timezone.now()
    changed_by = json.dumps(_with_authors([], authors))
    copy_rows(
        MappingChange,
        (
            *("organization_id", "draft_id", *RuleKey._fields),
            *("parts", "before", "changed_by", "changed_at"),
        ),
        (
            (*place, *key, _to_text(parts), _to_text(before), changed_by, now)
            for key, parts, before in new
        ),
    )


def _to_text(parts: Parts) -> str:
    return json.dumps(parts_to_json(parts))


def _with_authors(before: Sequence[str], authors: Sequence[str]) -> list[str]:
    return [*(name for name in before if name not in authors), *authors]
