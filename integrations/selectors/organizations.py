"""What an organization has here, counted: what its closing ends and what it leaves."""

from dataclasses import dataclass

from accounts.models import ApiKey, Invitation, Membership, Organization
from audit.models import Event
from integrations.models import Connection, EvidenceBlock, MappingVersion, Run, Sync
from integrations.models.runs import ACTIVE


@dataclass(frozen=True, slots=True)
class Holdings:
    """Counts of what an organization has."""

    members: int
    invitations: int
    keys: int
    connections: int
    syncs: int
    active_runs: int
    runs: int
    mapping_versions: int
    evidence_blocks: int
    events: int

    def as_data(self) -> dict[str, int]:
        """Return the counts as the trail keeps them."""
        return {name: getattr(self, name) for name in self.__slots__}


def count_holdings(organization: Organization) -> Holdings:
    """Count what an organization has, inside an open scope."""
    mine = {"organization": organization}
    unanswered = {"accepted_at__isnull": True, "withdrawn_at__isnull": True}
    return Holdings(
        members=Membership.objects.filter(**mine).count(),
        invitations=Invitation.objects.filter(**mine, **unanswered).count(),
        keys=ApiKey.objects.filter(**mine, revoked_at__isnull=True).count(),
        connections=Connection.objects.filter(**mine).count(),
        syncs=Sync.objects.filter(**mine).count(),
        active_runs=Run.objects.filter(**mine, state__in=ACTIVE).count(),
        runs=Run.objects.filter(**mine).count(),
        mapping_versions=MappingVersion.objects.filter(**mine).count(),
        evidence_blocks=EvidenceBlock.objects.filter(**mine).count(),
        events=Event.objects.filter(organization_id=organization.pk).count(),
    )
