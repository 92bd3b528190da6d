"""On what terms somebody is a member: a role, rights beyond it, and a last day."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.errors import Refused
from accounts.models import Organization, Role
from accounts.models.organizations import Grant
from accounts.permissions import GRANTABLE, RIGHTS, Right


@dataclass(frozen=True, slots=True)
class Terms:
    """What a membership or an invitation grants, and until when."""

    role: Role
    extra_rights: frozenset[Right] = frozenset()
    ends_on: date | None = None

    @property
    def rights(self) -> frozenset[Right]:
        """Everything that these terms allow."""
        return RIGHTS[self.role] | self.extra_rights

    def as_fields(self) -> dict[str, Any]:
        """Return the columns of a grant."""
        return {
            "role": self.role,
            "extra_rights": sorted(map(str, self.extra_rights)),
            "ends_on": self.ends_on,
        }

    def as_data(self) -> dict[str, Any]:
        """Return what the trail says of them."""
        return {
            "role": str(self.role),
            "extra_rights": sorted(map(str, self.extra_rights)),
            "ends_on": self.ends_on.isoformat() if self.ends_on else None,
        }


def terms_of(grant: Grant) -> Terms:
    """Return the terms that a membership or an invitation has now."""
    role = Role(grant.role)
    extra = frozenset(map(Right, grant.extra_rights)) & GRANTABLE
    return Terms(role, extra - RIGHTS[role], grant.ends_on)


def checked(terms: Terms, organization: Organization) -> Terms:
    """Return the terms without rights that the role has anyway.

    Raises Refused: right_not_grantable, auditor_without_end, last_day_past.
    """
    extra = terms.extra_rights - RIGHTS[terms.role]
    for right in sorted(extra - GRANTABLE):
        raise Refused("right_not_grantable", right=right.words)
    if terms.role == Role.AUDITOR and terms.ends_on is None:
        raise Refused("auditor_without_end")
    if terms.ends_on is not None and terms.ends_on < organization.today():
        raise Refused("last_day_past", day=terms.ends_on.isoformat())
    return Terms(terms.role, extra, terms.ends_on)
