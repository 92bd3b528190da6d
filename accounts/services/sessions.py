"""What people do with their accounts, written into the trail."""

from accounts.models import User
from accounts.selectors import list_memberships
from audit.actions import Action
from audit.context import acting
from audit.tenancy import tenant
from audit.trail import record_event


def note_sign_in(user: User) -> None:
    """Write into the trail of each of a person's organizations that they signed in."""
    for membership in list_memberships(user):
        with tenant(membership.organization_id), acting(user.email):
            record_event(
                Action.SIGNED_IN, subject=("user", user.pk), data={"role": membership.role}
            )
