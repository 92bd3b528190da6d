"""Reads of memberships: global rows, asked before an organization is known."""

from django.contrib.auth.models import AnonymousUser

from accounts.models import Membership, User


def find_membership(user: User | AnonymousUser, slug: str) -> Membership | None:
    """Return a person's membership in the organization with that short name, if there is one."""
    if not user.is_authenticated:
        return None
    return (
        Membership.objects.select_related("organization")
        .filter(user_id=user.pk, organization__slug=slug)
        .first()
    )


def list_memberships(user: User) -> list[Membership]:
    """Return a person's memberships in the order of the organizations' names."""
    mine = Membership.objects.select_related("organization").filter(user=user)
    return list(mine.order_by("organization__name", "pk"))
