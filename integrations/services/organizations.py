"""Making organizations and their first members."""

from collections.abc import Iterable
from datetime import date

from accounts.errors import Refused
from accounts.models import Membership, Organization, Role, User
from accounts.permissions import Right
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


def add_member(
    *,
    organization: Organization,
    user: User,
    role: Role,
    ends_on: date | None = None,
    extra_rights: Iterable[Right] = (),
) -> Membership:
    """Give a person a role; an existing membership keeps one role, the new one.

    Raises Refused: auditor_without_end.
    """
    if role == Role.AUDITOR and ends_on is None:
        raise Refused("auditor_without_end")
    rights = sorted(map(str, extra_rights))
    membership, _ = Membership.objects.update_or_create(
        organization=organization,
        user=user,
        defaults={"role": role, "ends_on": ends_on, "extra_rights": rights},
    )
    with tenant(organization.pk):
        record_event(
            Action.MEMBER_ADDED,
            subject=("member", user.email),
            data={
                "role": str(role),
                "extra_rights": rights,
                "ends_on": ends_on.isoformat() if ends_on else None,
            },
        )
    return membership
