"""What people do about differences between lists: mark them as seen, push codes into a list."""

from datetime import datetime

from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Organization
from audit.actions import Action
from audit.tenancy import tenant
from audit.trail import record_event
from integrations.models import QadCode, Run
from integrations.selectors.alignment import CHANGED_AT, changed_codes
from integrations.selectors.alignment_cards import find_push, list_matters
from integrations.selectors.codes_of_rules import Matter
from integrations.selectors.mappings import DIMENSIONS
from integrations.services.syncs import start_run


def mark_seen(
    *,
    organization: Organization,
    dimension: str,
    kind: str,
    code: str | None = None,
    source_id: int | None = None,
    until: datetime | None = None,
) -> int:
    """Mark differences of one kind as seen: all up to a moment, or those of one code.

    Returns how many codes there were, each counted in each of its domains.
    """
    changed_at = CHANGED_AT[kind]
    with tenant(organization.pk):
        matter = _find(organization, dimension)
        rows = changed_codes(matter, kind)
        if until is not None:
            rows = rows.filter(**{f"{changed_at}__lte": until})
        if code is not None:
            rows = rows.filter(code=code, source=source_id)
        marked = QadCode.objects.filter(
            organization=organization, pk__in=list(rows.values_list("pk", flat=True))
        ).update(noted_at=timezone.now())
        if marked:
            record_event(
                Action.LIST_NOTED,
                subject=("list", dimension),
                data={"kind": kind, "codes": marked, **({"code": code} if code else {})},
            )
        return marked


def push_codes(*, organization: Organization, dimension: str, requested_by: str) -> Run:
    """Start a run of the sync that adds codes to the list of a dimension.

    Raises Refused: list_sync_missing, and what `start_run` raises.
    """
    with tenant(organization.pk):
        push = find_push(_find(organization, dimension))
    if push is None:
        raise Refused("list_sync_missing", dimension=dict(DIMENSIONS).get(dimension, dimension))
    return start_run(
        organization=organization, sync_id=push.sync.pk, periods=None, requested_by=requested_by
    )


def _find(organization: Organization, dimension: str) -> Matter:
    for matter in list_matters(organization):
        if matter.dimension == dimension:
            return matter
    raise Refused("mapping_dimension_unknown", dimension=dimension)
