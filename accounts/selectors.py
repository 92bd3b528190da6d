"""Reads of memberships: global rows, asked before an organization is known."""

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
