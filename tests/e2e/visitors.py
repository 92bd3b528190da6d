"""People on their way in: signing up, signing in, and having forgotten."""

import re
from functools import cached_property
from typing import Any

from django.core import mail
from django.test import Client

from accounts.models import Role
from accounts.services.members import add_member
from integrations.services.organizations import create_organization
from tests.accounts.people import PASSWORD, make_person, signed_in
from tests.e2e.factors import app_code
from tests.names import unique


class Visitors:
    """Clients of people who are not, or not wholly, signed in to an organization."""

    passkey_id: Any
    protected_person: Any
    mailed: str

    @cached_property
    def newcomer(self) -> Client:
        """A person without any organization."""
        return signed_in(make_person())

    @cached_property
    def traveller(self) -> Client:
        """A member of several organizations."""
        person = make_person()
        for name in ("First", "Second"):
            organization = create_organization(name=name, slug=unique(name.lower()))
            add_member(organization=organization, user=person, role=Role.VIEWER)
        return signed_in(person)

    @cached_property
    def signing_up(self) -> Client:
        """Somebody who has given an address and a password, and is asked for the mailed code."""
        client = Client()
        client.post("/sign-up/", {"email": f"{unique('new')}@example.com", "password1": PASSWORD})
        return client

    @cached_property
    def asked_for_code(self) -> Client:
        """Somebody who has given the right password, and is asked for the app's code."""
        assert self.passkey_id
        client = Client()
        client.post("/sign-in/", {"login": self.protected_person.email, "password": PASSWORD})
        return client

    @cached_property
    def asked_to_remember(self) -> Client:
        """Somebody who has given the app's code, and is asked whether to be remembered."""
        client = self.asked_for_code
        client.post("/sign-in/code/", {"code": app_code()})
        return client

    @cached_property
    def forgetful(self) -> Client:
        """Somebody who has forgotten the password, and is asked for the mailed code."""
        mail.outbox = []
        client = Client()
        client.post("/password/", {"email": make_person(password=PASSWORD).email})
        self.mailed = str(mail.outbox[0].body)
        return client

    @cached_property
    def renewing(self) -> Client:
        """Somebody who has given the mailed code, and is asked for a new password."""
        client = self.forgetful
        found = re.search(r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$", self.mailed, re.M)
        assert found
        client.post("/password/code/", {"code": found[1]})
        return client
