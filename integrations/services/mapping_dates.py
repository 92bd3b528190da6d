"""From which period a draft counts: earlier months stay as posted, or are restated."""

from accounts.errors import Refused
from accounts.models import Organization
from integrations.models import MappingDraft
from integrations.pipeline.mapping_changes import KeyChange, parts_from_json
from integrations.pipeline.rule_checks import describe
from integrations.pipeline.rule_times import let_count_from
from integrations.selectors.drafts import Standing, change_of, read_standing
from integrations.services.mapping_drafts import KEYS_TOLD, Wish, change_draft
from integrations.services.mappings import editing


def count_from(*, organization: Organization, period: int, requested_by: str) -> MappingDraft:
    """Let all changes of the open draft count from a period on; before it nothing changes.

    It holds for all of them, whether they counted from an earlier period or from a later one.
    Raises Refused: mapping_draft_gone, mapping_draft_empty, mapping_change_ended where what
    some changes want ends before.
    """
    with editing(organization):
        standing = read_standing(organization)
        if standing.draft is None:
            raise Refused("mapping_draft_gone")
        if not standing.changes:
            raise Refused("mapping_draft_empty")
        wishes = [Wish(change) for change in _dated(standing, period)]
        return change_draft(organization=organization, wishes=wishes, requested_by=requested_by)


def _dated(standing: Standing, period: int) -> list[KeyChange]:
    """Return the changes as they are from a period on; removals end the rule there."""
    dated: list[KeyChange] = []
    ended: list[str] = []
    for key, change in standing.changes.items():
        parts = let_count_from(parts_from_json(change.before), change_of(change).parts, period)
        if parts is None:
            ended.append(describe(key))
        else:
            dated.append(KeyChange(key, parts))
    if ended:
        keys = ", ".join(ended[:KEYS_TOLD])
        raise Refused("mapping_change_ended", period=period, count=len(ended), keys=keys)
    return dated
