"""Reads of an organization's sign-in provider."""

from accounts.models import Organization
from audit.tenancy import reading
from integrations.models import SignInProvider


def find_provider(organization: Organization) -> SignInProvider | None:
    """Return the provider through which an organization's members sign in, where there is one."""
    with reading(organization.pk):
        found = SignInProvider.objects.select_related("organization")
        return found.filter(organization=organization).first()
