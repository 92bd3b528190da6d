"""All that the page of a draft shows: its changes, what they move, and what stands against them."""

from dataclasses import dataclass

from accounts.models import Organization
from integrations.models import MappingChange, MappingDraft, MappingVersion
from integrations.pipeline.mapping_changes import parts_from_json, parts_in_words
from integrations.selectors.drafts import read_standing
from integrations.selectors.mapping_effects import Effect, read_effect
from integrations.selectors.rule_diffs import KeyDiff


@dataclass(frozen=True, slots=True)
class Conflict:
    """A key that a newer version has changed otherwise than the draft."""

    diff: KeyDiff
    change: MappingChange

    @property
    def began_from(self) -> str:
        """Who took the key when the draft changed it."""
        return parts_in_words(parts_from_json(self.change.before))


@dataclass(frozen=True, slots=True)
class DraftPage:
    """The open draft, its changes against the newest version, and what they move."""

    version: MappingVersion | None
    draft: MappingDraft | None
    changes: list[tuple[KeyDiff, MappingChange]]
    conflicts: list[Conflict]
    effect: Effect
    digest: str

    @property
    def authors(self) -> set[str]:
        """All who have changed the draft."""
        return {author for _, change in self.changes for author in change.changed_by}


def read_draft_page(organization: Organization) -> DraftPage:
    """Return what the page of the open draft shows, inside an open scope."""
    standing = read_standing(organization)
    changes = [
        (KeyDiff(key, standing.approved.get(key, ()), parts_from_json(change.parts)), change)
        for key, change in standing.changes.items()
    ]
    by_change = {change.pk: diff for diff, change in changes}
    conflicts = [Conflict(by_change[row.pk], row) for row in standing.stale_changes()]
    effect = read_effect(organization, standing.rules, standing.rules_with_draft())
    return DraftPage(
        standing.version, standing.draft, changes, conflicts, effect, standing.digest()
    )
