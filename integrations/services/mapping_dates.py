"""From which period a draft counts: earlier months stay as posted, or are restated."""

from accounts.errors import Refused
from accounts.models import Organization
from integrations.models import MappingDraft
from integrations.pipeline.mapping_changes import KeyChange, Parts, parts_from_json, set_between
from integrations.selectors.drafts import Standing, change_of, key_of, read_standing
from integrations.services.mapping_drafts import Wish, change_draft
from integrations.services.mappings import editing


def count_from(*, organization: Organization, period: int, requested_by: str) -> MappingDraft:
    """Let all changes of the open draft count from a period on; before it nothing changes.

    Changes that count from a period already keep it where it is later.
    Raises Refused: mapping_draft_gone, mapping_draft_empty.
    """
    with editing(organization):
        standing = read_standing(organization)
        if standing.draft is None:
            raise Refused("mapping_draft_gone")
        wishes = [Wish(change) for change in _dated(standing, period)]
        if not wishes:
            raise Refused("mapping_draft_empty")
        return change_draft(organization=organization, wishes=wishes, requested_by=requested_by)


def _dated(standing: Standing, period: int) -> list[KeyChange]:
    """Return the changes as they are from a period on; removals end the rule there."""
    return [
        KeyChange(
            key_of(change),
            _from(parts_from_json(change.before), change_of(change).parts, period),
        )
        for change in standing.changes.values()
    ]


def _from(before: Parts, after: Parts, period: int) -> Parts:
    """Return the parts before up to a period, and those after from it on."""
    kept = set_between(before, (), period)
    later = [
        part._replace(valid_from=max(part.valid_from or period, period))
        for part in after
        if part.valid_to is None or part.valid_to >= period
    ]
    return (*later, *kept)
