"""Invitations: sent by mail, sent again, withdrawn, and accepted exactly once."""

from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Invitation, Membership, Organization, User
from accounts.permissions import Right
from accounts.selectors import find_invitation, get_invitation, is_address_of
from accounts.services.deeds import check_owners, check_right, deed
from accounts.services.departures import withdraw_one
from accounts.services.mails import send_after_commit
from accounts.services.members import add_member
from accounts.terms import Terms, checked, terms_of
from accounts.tokens import digest_of, new_token
from audit.actions import Action
from audit.trail import record_event

HOLDS = timedelta(days=7)
MAILS_A_DAY = 100


def invite(*, organization: Organization, actor: User, email: str, terms: Terms) -> Invitation:
    """Invite an address by mail; the answer is the same whether or not anybody signs in with it.

    Raises Refused: right_missing, owners_only, already_member, already_invited,
    too_many_invitations, auditor_without_end, right_not_grantable, last_day_past.
    """
    address = email.strip().lower()
    with deed(organization.pk, actor) as locked:
        mine = check_right(locked, actor, Right.MANAGE_MEMBERS)
        wanted = checked(terms, locked)
        check_owners(mine, wanted.role)
        _check_new(locked, address)
        return _send(locked, actor, address, wanted)


def resend_invitation(*, organization: Organization, invitation_id: int, actor: User) -> Invitation:
    """Send an invitation again with a new link; the old link stops working.

    Raises Refused: right_missing, owners_only, invitation_closed, too_many_invitations.
    """
    with deed(organization.pk, actor) as locked:
        old = _take_back(locked, invitation_id, actor)
        return _send(locked, actor, old.email, checked(terms_of(old), locked))


def withdraw_invitation(
    *, organization: Organization, invitation_id: int, actor: User
) -> Invitation:
    """Withdraw an invitation: its link stops working.

    Raises Refused: right_missing, owners_only, invitation_closed.
    """
    with deed(organization.pk, actor) as locked:
        return _take_back(locked, invitation_id, actor)


def accept_invitation(*, token: str, user: User) -> Membership:
    """Make the invited person a member, exactly once.

    Raises Refused: invitation_closed, invitation_for_another, already_member.
    """
    invitation = find_invitation(token)
    if invitation is None:
        raise Refused("invitation_closed")
    with deed(invitation.organization_id, user) as organization:
        if not is_address_of(user, invitation.email):
            raise Refused("invitation_for_another")
        if Membership.objects.filter(organization=organization, user=user).exists():
            raise Refused("already_member", email=user.email)
        still_open = Invitation.objects.filter(
            pk=invitation.pk,
            accepted_at__isnull=True,
            withdrawn_at__isnull=True,
            expires_at__gt=Now(),
        )
        if organization.is_closed or not _inviter_holds(organization, invitation):
            raise Refused("invitation_closed")
        if not still_open.update(accepted_at=Now()):
            raise Refused("invitation_closed")
        terms = terms_of(invitation)
        return add_member(
            organization=organization,
            user=user,
            role=terms.role,
            ends_on=terms.ends_on,
            extra_rights=terms.extra_rights,
        )


def _inviter_holds(organization: Organization, invitation: Invitation) -> bool:
    """Whether who invited is a member still: a last day ends what they offered, too."""
    inviter = (
        Membership.objects.select_related("organization")
        .filter(organization=organization, user__email=invitation.invited_by)
        .first()
    )
    return inviter is not None and not inviter.has_ended


def _check_new(organization: Organization, email: str) -> None:
    members = Membership.objects.filter(organization=organization, user__email=email)
    if members.exists():
        raise Refused("already_member", email=email)
    for invitation in Invitation.objects.filter(
        organization=organization,
        email=email,
        accepted_at__isnull=True,
        withdrawn_at__isnull=True,
    ):
        if invitation.expires_at > timezone.now():
            raise Refused("already_invited", email=email)
        withdraw_one(invitation)


def _take_back(organization: Organization, invitation_id: int, actor: User) -> Invitation:
    mine = check_right(organization, actor, Right.MANAGE_MEMBERS)
    invitation = get_invitation(organization, invitation_id)
    check_owners(mine, invitation.role)
    if not withdraw_one(invitation):
        raise Refused("invitation_closed")
    return invitation


def _send(organization: Organization, actor: User, email: str, terms: Terms) -> Invitation:
    since = timezone.now() - timedelta(days=1)
    sent = Invitation.objects.filter(organization=organization, created_at__gt=since).count()
    if sent >= MAILS_A_DAY:
        raise Refused("too_many_invitations", limit=MAILS_A_DAY)
    token = new_token()
    invitation = Invitation.objects.create(
        organization=organization,
        email=email,
        token_digest=digest_of(token),
        invited_by=actor.email,
        expires_at=timezone.now() + HOLDS,
        **terms.as_fields(),
    )
    record_event(
        Action.MEMBER_INVITED,
        subject=("invitation", invitation.pk),
        data={"email": email, **terms.as_data()},
    )
    link = f"{settings.PUBLIC_ORIGIN}{reverse('invitation', args=[token])}"
    facts = {"organization": organization, "invitation": invitation, "link": link}
    send_after_commit("invitation", to=[email], facts=facts)
    return invitation
