"""API keys for tests: made by the service, as a member would."""

from datetime import timedelta

from accounts.api_keys import KeyText, Scope
from accounts.models import ApiKey, Organization, Role, User
from accounts.permissions import RIGHTS
from accounts.services.keys import create_key
from tests.names import unique


def make_key(
    organization: Organization, maker: User, *scopes: Scope, role: Role = Role.OWNER, **options
) -> tuple[ApiKey, KeyText]:
    """Return a new key of a member and its text; valid for 30 days unless told otherwise."""
    values = {
        "name": unique("program"),
        "scopes": scopes or tuple(Scope),
        "ends_on": organization.today() + timedelta(days=30),
        "rights": RIGHTS[role],
        **options,
    }
    return create_key(organization=organization, maker=maker, **values)
