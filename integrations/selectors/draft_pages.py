"""All that the page of a draft shows: its changes, what they move, and what stands against them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import Organization
from integrations.models import MappingChange, MappingDraft, MappingVersion, MemberList
from integrations.pipeline.mapping_changes import parts_from_json, parts_in_words
from integrations.selectors.drafts import read_standing
from integrations.selectors.known_codes import member_texts
from integrations.selectors.mapping_effects import Effect, read_effect
from integrations.selectors.rule_diffs import KeyDiff

MEMBERS_TOLD = 10


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
class Stranger:
    """Members that a list does not have, as it was last read: the first of them, and how many."""

    list_name: str
    members: list[str]
    count: int


@dataclass(frozen=True, slots=True)
class DraftPage:
    """The open draft, its changes against the newest version, and what they move."""

    version: MappingVersion | None
    draft: MappingDraft | None
    changes: list[tuple[KeyDiff, MappingChange]]
    conflicts: list[Conflict]
    effect: Effect
    digest: str
    strangers: list[Stranger]

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
        standing.version,
        standing.draft,
        changes,
        conflicts,
        effect,
        standing.digest(),
        _find_strangers(organization, [diff for diff, _ in changes]),
    )


def _find_strangers(organization: Organization, diffs: Iterable[KeyDiff]) -> list[Stranger]:
    """Return the members that the draft names and the list of their dimension does not have."""
    named: dict[str, set[str]] = defaultdict(set)
    for diff in diffs:
        named[diff.key.dimension] |= {part.member for part in diff.after if part.member}
    lists = MemberList.objects.filter(organization=organization, read_at__isnull=False)
    found = []
    for chosen in lists.filter(dimension__in=named).order_by("dimension"):
        there = member_texts(organization, chosen.dimension) or frozenset()
        missing = sorted(named[chosen.dimension] - there)
        if missing:
            found.append(Stranger(chosen.list_name, missing[:MEMBERS_TOLD], len(missing)))
    return found
