"""Making organizations and their first members."""

from accounts.models import Membership, Organization, Role, User
from audit.actions import Action
from audit.tenancy import tenant
from audit.trail import record_event
from integrations.fields import key_ring


def create_organization(
    *, name: str, slug: str, time_zone: str = "UTC", base_currency: str = "USD"
) -> Organization:
    """Create an organization with a data key of its own."""
    organization = Organization.objects.create(
        name=name,
        slug=slug,
        time_zone=time_zone,
        base_currency=base_currency,
        wrapped_key=key_ring().new_data_key(),
    )
    with tenant(organization.pk):
        record_event(Action.ORGANIZATION_CREATED, subject=("organization", slug))
    return organization


def add_member(*, organization: Organization, user: User, role: Role) -> Membership:
    """Give a person a role; an existing membership keeps one role, the new one."""
    membership, _ = Membership.objects.update_or_create(
        organization=organization, user=user, defaults={"role": role}
    )
    with tenant(organization.pk):
        record_event(Action.MEMBER_ADDED, subject=("member", user.email), data={"role": str(role)})
    return membership
