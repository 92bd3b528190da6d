"""People, organizations and keys: the global tables, read before a tenant is known."""

from accounts.models.keys import ApiKey
from accounts.models.organizations import Invitation, Membership, Organization, Role
from accounts.models.people import User

__all__ = ["ApiKey", "Invitation", "Membership", "Organization", "Role", "User"]
