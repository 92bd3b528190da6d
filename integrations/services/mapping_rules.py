"""One key of the mapping, changed from its form: for all periods, or between two."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from accounts.models import Organization
from integrations.pipeline.mapping_changes import KeyChange, Part, Parts, set_between
from integrations.pipeline.rules import RuleKey
from integrations.selectors.drafts import read_standing
from integrations.services.mapping_drafts import Wish, change_draft
from integrations.services.mappings import editing


class Between(NamedTuple):
    """A first and a last period; other periods stay as they are."""

    first: int | None = None
    last: int | None = None


def change_rule(
    *,
    organization: Organization,
    key: RuleKey,
    members: Sequence[tuple[str, Decimal]],
    between: Between | None,
    seen: Parts | None,
    requested_by: str,
) -> None:
    """Let members take a key in the draft, between two periods or in all.

    Raises Refused as `change_draft` does.
    """
    with editing(organization):
        if between is None:
            parts = tuple(Part(member, weight) for member, weight in members)
        else:
            parts = set_between(read_standing(organization).parts(key), members, *between)
        change_draft(
            organization=organization,
            wishes=[Wish(KeyChange(key, parts), seen)],
            requested_by=requested_by,
        )
