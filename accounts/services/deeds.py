"""What every deed on people has in common: the lock, the name in the trail, the rights."""

from collections.abc import Iterator
from contextlib import contextmanager

from accounts.errors import Refused
from accounts.models import Membership, Organization, Role, User
from accounts.permissions import Right, rights_of
from accounts.terms import Terms
from audit.context import acting
from audit.tenancy import tenant


def lock_organization(organization_id: int) -> Organization:
    """Lock the organization's row until this transaction ends, and return it as it is now.

    Deeds on members wait here for each other, so that rules which look at all of them hold.
    Rows that only point at the organization do not wait.
    """
    return Organization.objects.select_for_update(no_key=True).get(pk=organization_id)


@contextmanager
def deed(organization_id: int, actor: User) -> Iterator[Organization]:
    """Open an organization for a deed of a person: one transaction, locked, in their name."""
    with tenant(organization_id), acting(actor.email):
        yield lock_organization(organization_id)


def check_right(organization: Organization, actor: User, right: Right) -> Membership:
    """Return the actor's membership as it is under the lock.

    Raises Refused: right_missing.
    """
    mine = (
        Membership.objects.select_related("organization")
        .filter(organization=organization, user=actor)
        .first()
    )
    if mine is None or mine.has_ended or right not in rights_of(mine):
        raise Refused("right_missing", right=right.words)
    return mine


def check_owners(mine: Membership, *roles: str) -> None:
    """Let only owners make, change or remove owners.

    Raises Refused: owners_only.
    """
    if Role.OWNER in roles and mine.role != Role.OWNER:
        raise Refused("owners_only")


def check_not_upward(before: Terms, after: Terms) -> None:
    """Let nobody give themselves a right or more time.

    Raises Refused: own_rights_upward.
    """
    longer = before.ends_on is not None and (
        after.ends_on is None or after.ends_on > before.ends_on
    )
    if longer or not after.rights <= before.rights:
        raise Refused("own_rights_upward")


def check_owner_left(organization: Organization) -> None:
    """Make sure that somebody owns the organization without a last day.

    Raises Refused: last_owner.
    """
    owners = Membership.objects.filter(
        organization=organization, role=Role.OWNER, ends_on__isnull=True, user__is_active=True
    )
    if not owners.exists():
        raise Refused("last_owner")
