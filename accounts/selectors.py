"""Reads of memberships: global rows, asked before an organization is known."""

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import AnonymousUser

from accounts.models import Membership, User


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


def list_memberships(user: User) -> list[Membership]:
    """Return a person's memberships that hold, in the order of the organizations' names."""
    mine = Membership.objects.select_related("organization").filter(user=user)
    return [found for found in mine.order_by("organization__name", "pk") if _holds(found)]


def _holds(membership: Membership) -> bool:
    return not membership.has_ended and not membership.organization.is_closed


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
