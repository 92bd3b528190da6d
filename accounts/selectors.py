"""Reads of people, members and invitations: global rows, some asked before a tenant is known."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import AnonymousUser
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.models import ApiKey, Invitation, Membership, Organization, Role, User
from accounts.permissions import Right, rights_of
from accounts.tokens import digest_of

_ROLE_ORDER = {str(role): place for place, role in enumerate(Role)}


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member as the list shows them."""

    membership: Membership
    has_mfa: bool


@dataclass(frozen=True, slots=True)
class Belongings:
    """What would end together with a membership."""

    keys: int
    invitations: int
    organizations_left: int


def find_membership(user: User | AnonymousUser, slug: str) -> Membership | None:
    """Return a person's membership in the organization with that short name, while it holds."""
    if not user.is_authenticated:
        return None
    found = (
        Membership.objects.select_related("organization")
        .filter(user_id=user.pk, organization__slug=slug)
        .first()
    )
    return found if found is not None and _holds(found) else None


def find_organization(slug: str) -> Organization | None:
    """Return the organization with that short name, unless it is closed."""
    found = Organization.objects.filter(slug=slug).first()
    return None if found is None or found.is_closed else found


def find_member_by_address(organization: Organization, email: str) -> User | None:
    """Return the member who has proved that address here, while account and membership hold."""
    proved = EmailAddress.objects.select_related("user").filter(
        email__iexact=email, verified=True, user__is_active=True
    )
    for address in proved:
        if find_membership(address.user, organization.slug) is not None:
            return User.objects.get(pk=address.user_id)
    return None


def list_memberships(user: User) -> list[Membership]:
    """Return a person's memberships that hold, in the order of the organizations' names."""
    mine = Membership.objects.select_related("organization").filter(user=user)
    return [found for found in mine.order_by("organization__name", "pk") if _holds(found)]


def _holds(membership: Membership) -> bool:
    return not membership.has_ended and not membership.organization.is_closed


def has_open_invitation(user: User) -> bool:
    """Whether somebody waits for this person to open the link of an invitation."""
    open_ones = Invitation.objects.filter(accepted_at=None, withdrawn_at=None)
    return open_ones.filter(email__iexact=user.email, expires_at__gt=timezone.now()).exists()


@dataclass(frozen=True, slots=True)
class SignInFacts:
    """By what a person signs in."""

    has_app: bool
    passkeys: list[Authenticator]
    codes_left: int | None
    sessions: int

    @property
    def has_second_factor(self) -> bool:
        """Whether a password alone does not sign in."""
        return self.has_app or bool(self.passkeys)


def find_sign_in_facts(user: User) -> SignInFacts:
    """Return by what a person signs in."""
    factors = list(Authenticator.objects.filter(user=user).order_by("created_at", "pk"))
    codes = [found for found in factors if found.type == Authenticator.Type.RECOVERY_CODES]
    return SignInFacts(
        has_app=any(found.type == Authenticator.Type.TOTP for found in factors),
        passkeys=[found for found in factors if found.type == Authenticator.Type.WEBAUTHN],
        codes_left=len(codes[0].wrap().get_unused_codes()) if codes else None,
        sessions=len(UserSession.objects.purge_and_list(user)),
    )


def list_members(organization: Organization) -> list[MemberRow]:
    """Return all members, owners first, then by address; those whose last day is over too."""
    members = sorted(
        Membership.objects.select_related("user", "organization").filter(organization=organization),
        key=lambda member: (_ROLE_ORDER[member.role], member.user.email),
    )
    factors = Authenticator.objects.filter(user__memberships__organization=organization)
    protected = set(
        factors.exclude(type=Authenticator.Type.RECOVERY_CODES).values_list("user_id", flat=True)
    )
    return [MemberRow(member, member.user_id in protected) for member in members]


def get_member(organization: Organization, member_id: int) -> Membership:
    """Return a member; 404 where they belong to another organization or to none."""
    members = Membership.objects.select_related("user", "organization")
    return get_object_or_404(members, organization=organization, pk=member_id)


def count_belongings(membership: Membership) -> Belongings:
    """Count what ends when this membership does, and where else the person is a member."""
    organization, user = membership.organization, membership.user
    return Belongings(
        keys=ApiKey.objects.filter(
            organization=organization, maker=user, revoked_at__isnull=True
        ).count(),
        invitations=Invitation.objects.filter(
            organization=organization,
            invited_by=user.email,
            accepted_at__isnull=True,
            withdrawn_at__isnull=True,
        ).count(),
        organizations_left=sum(
            other.organization_id != organization.pk for other in list_memberships(user)
        ),
    )


def list_invitations(organization: Organization) -> list[Invitation]:
    """Return the invitations that are neither accepted nor withdrawn, newest first."""
    waiting = Invitation.objects.filter(
        organization=organization, accepted_at__isnull=True, withdrawn_at__isnull=True
    )
    return list(waiting.order_by("-created_at", "-pk"))


def get_invitation(organization: Organization, invitation_id: int) -> Invitation:
    """Return an invitation; 404 where it belongs to another organization or to none."""
    return get_object_or_404(Invitation, organization=organization, pk=invitation_id)


def find_invitation(token: str) -> Invitation | None:
    """Return the invitation that a link leads to, whatever became of it."""
    found = Invitation.objects.select_related("organization")
    return found.filter(token_digest=digest_of(token)).first()


def is_address_of(user: User, email: str) -> bool:
    """Tell whether an address is the person's, and proved to be."""
    return EmailAddress.objects.filter(user=user, email__iexact=email, verified=True).exists()


def list_addresses_with(organization: Organization, right: Right) -> list[str]:
    """Return where the members read their mail who hold a right."""
    members = Membership.objects.select_related("user", "organization").filter(
        organization=organization, user__is_active=True
    )
    return sorted(
        member.user.email
        for member in members
        if not member.has_ended and right in rights_of(member)
    )


def list_owner_addresses(organization: Organization) -> list[str]:
    """Return where the owners read their mail."""
    owners = Membership.objects.select_related("user", "organization").filter(
        organization=organization, role=Role.OWNER, user__is_active=True
    )
    return sorted(owner.user.email for owner in owners if not owner.has_ended)
