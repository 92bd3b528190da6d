"""What a member leaves behind is ended with them: keys, open invitations, sessions."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Invitation, Organization, Role, User
from accounts.permissions import Right
from accounts.selectors import list_memberships
from accounts.services.keys import revoke_keys_of
from accounts.services.sessions import end_sessions
from accounts.terms import Terms
from audit.actions import Action
from audit.trail import record_event


@dataclass(frozen=True, slots=True)
class Ended:
    """How many things were ended, as the trail and receipts say it."""

    keys: int = 0
    invitations: int = 0


def end_belongings(organization: Organization, user: User, *, by: str) -> Ended:
    """Revoke the keys that a person made for an organization and withdraw their invitations."""
    invitations = Invitation.objects.filter(invited_by=user.email)
    return Ended(
        revoke_keys_of(organization=organization, user=user, revoked_by=by),
        withdraw_all(organization, invitations),
    )


def end_invitations_beyond(organization: Organization, user: User, terms: Terms) -> None:
    """Withdraw the open invitations that a person could not make any more on these terms."""
    mine = Invitation.objects.filter(invited_by=user.email)
    if Right.MANAGE_MEMBERS not in terms.rights:
        withdraw_all(organization, mine)
    elif terms.role != Role.OWNER:
        withdraw_all(organization, mine.filter(role=Role.OWNER))


def carry_invitations(*, before: str, after: str) -> None:
    """Let the open invitations of a person go on under their new address."""
    mine = Invitation.objects.filter(
        invited_by=before, accepted_at__isnull=True, withdrawn_at__isnull=True
    )
    mine.update(invited_by=after)


def end_lonely_sessions(user: User) -> None:
    """End a person's sessions where no organization is left that they could serve."""
    if not list_memberships(user):
        end_sessions(user)


def withdraw_all(organization: Organization, invitations: QuerySet[Invitation]) -> int:
    """Withdraw those of the invitations that are the organization's and open."""
    withdrawn = 0
    mine = invitations.filter(organization=organization, accepted_at__isnull=True)
    for invitation in mine.filter(withdrawn_at__isnull=True):
        withdrawn += withdraw_one(invitation)
    return withdrawn


def withdraw_one(invitation: Invitation) -> bool:
    """Withdraw an invitation, unless it was accepted or withdrawn meanwhile."""
    still_open = Invitation.objects.filter(
        pk=invitation.pk, accepted_at__isnull=True, withdrawn_at__isnull=True
    )
    if not still_open.update(withdrawn_at=timezone.now()):
        return False
    record_event(
        Action.INVITATION_WITHDRAWN,
        subject=("invitation", invitation.pk),
        data={"email": invitation.email, "role": invitation.role},
    )
    return True
