"""Reads of the open draft of the mapping, and how it stands to the newest version."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from django.shortcuts import get_object_or_404

from accounts.models import Organization
from integrations.models import DraftState, MappingChange, MappingDraft, MappingVersion
from integrations.pipeline.mapping_changes import (
    KeyChange,
    Parts,
    apply_changes,
    group_parts,
    parts_from_json,
    same_parts,
)
from integrations.pipeline.rules import Rule, RuleKey
from integrations.selectors.mappings import current_version, read_rules


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest version with its rules and parts by key, and the changes of the open draft."""

    version: MappingVersion | None
    rules: list[Rule]
    approved: dict[RuleKey, Parts]
    draft: MappingDraft | None
    changes: dict[RuleKey, MappingChange]

    def parts(self, key: RuleKey) -> Parts:
        """Return what a key has, the draft included."""
        change = self.changes.get(key)
        return parts_from_json(change.parts) if change else self.approved.get(key, ())

    def rules_with_draft(self) -> list[Rule]:
        """Return the rules as they would be with the draft."""
        return apply_changes(self.rules, map(change_of, self.changes.values()))

    def digest(self) -> str:
        """Return what tells this standing from any other: version, keys, before and after."""
        changes = sorted(
            (list(key), change.before, change.parts) for key, change in self.changes.items()
        )
        text = json.dumps([self.version.pk if self.version else 0, changes], ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def stale_changes(self) -> list[MappingChange]:
        """Return the changes of keys that the newest version has changed since, otherwise."""
        return list(self._stale())

    def _stale(self) -> Iterator[MappingChange]:
        for key, change in self.changes.items():
            now = self.approved.get(key, ())
            is_before = same_parts(now, parts_from_json(change.before))
            if not is_before and not same_parts(now, parts_from_json(change.parts)):
                yield change


def key_of(change: MappingChange) -> RuleKey:
    """Return the key that a change is of."""
    return RuleKey(change.dimension, change.domain, change.kind, change.code, change.code_to)


def change_of(change: MappingChange) -> KeyChange:
    """Return what a change wants."""
    return KeyChange(key_of(change), parts_from_json(change.parts))


def open_draft(organization: Organization) -> MappingDraft | None:
    """Return the open draft, inside an open scope."""
    return MappingDraft.objects.filter(organization=organization, state=DraftState.OPEN).first()


def get_draft(organization: Organization, draft_id: int) -> MappingDraft:
    """Return a draft in whatever state; Http404 where there is none."""
    return get_object_or_404(MappingDraft, organization=organization, pk=draft_id)


def get_change(organization: Organization, change_id: int) -> MappingChange:
    """Return a change of a draft; Http404 where there is none (any more)."""
    return get_object_or_404(MappingChange, organization=organization, pk=change_id)


def count_changes(organization: Organization) -> int:
    """Return how many keys the open draft changes, inside an open scope."""
    return MappingChange.objects.filter(
        organization=organization, draft__state=DraftState.OPEN
    ).count()


def read_standing(organization: Organization) -> Standing:
    """Return how the mapping stands, with its open draft, inside an open scope."""
    version = current_version(organization)
    rules = read_rules(version) if version else []
    draft = open_draft(organization)
    changes = (
        MappingChange.objects.filter(organization=organization, draft=draft).order_by("pk")
        if draft
        else ()
    )
    return Standing(
        version, rules, group_parts(rules), draft, {key_of(row): row for row in changes}
    )
