"""The cast of every page test: an organization, its members of each role, and a stranger."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.test import Client

from accounts.models import Membership, Organization, Role, User
from accounts.services.members import add_member
from accounts.services.people import confirm_address
from integrations.services.organizations import create_organization
from tests.names import unique

PASSWORD = "correct horse battery staple"


def make_person(*, password: str | None = None) -> User:
    """Return a new person with a confirmed address; only with a password can they sign in."""
    person = User.objects.create_user(f"{unique('person')}@example.com", password)
    if password:
        confirm_address(user=person)
    return person


def signed_in(user: User) -> Client:
    """Return a client in which a person is signed in."""
    client = Client()
    client.force_login(user)
    return client


@dataclass
class Cast:
    """An organization and everybody around it; each person is made on first use."""

    organization: Organization

    def member(self, role: Role) -> User:
        """Return the member with a role."""
        found = Membership.objects.filter(organization=self.organization, role=role).first()
        if found:
            return found.user
        person = make_person()
        ends_on = self.organization.today() + timedelta(days=30) if role == Role.AUDITOR else None
        add_member(organization=self.organization, user=person, role=role, ends_on=ends_on)
        return person

    def client(self, role: Role = Role.OWNER) -> Client:
        """Return a client of the member with a role."""
        return signed_in(self.member(role))

    @cached_property
    def stranger(self) -> Client:
        """A signed-in person who is a member of another organization only."""
        other = create_organization(name="Other", slug=unique("other"))
        person = make_person()
        add_member(organization=other, user=person, role=Role.OWNER)
        return signed_in(person)

    def url(self, path: str = "") -> str:
        """Return an address below the organization."""
        return f"/o/{self.organization.slug}/{path}"


def make_cast(*, name: str = "Adventure Works", time_zone: str = "America/New_York") -> Cast:
    """Return a new organization with its cast."""
    slug = unique("house")
    return Cast(create_organization(name=name, slug=slug, time_zone=time_zone))
