"""An organization whose members are proved by a provider, and browsers that sign in there."""

from itertools import count

import requests
from django.test import Client

from accounts.models import Role
from accounts.services.members import add_member
from integrations.services.sign_in_provider import save_provider
from tests.accounts.people import PASSWORD, make_person
from tests.integrations.issuer import CLIENT_ID, SECRET

_numbers = count(1)


def connect(cast, issuer, domains=("example.com",)):
    save_provider(
        organization=cast.organization,
        actor=cast.member(Role.OWNER),
        issuer=issuer.url,
        client_id=CLIENT_ID,
        secret=SECRET,
        domains=domains,
    )


def join(organization, role=Role.OPERATOR):
    person = make_person(password=PASSWORD)
    add_member(organization=organization, user=person, role=role)
    return person


def new_client():
    return Client(REMOTE_ADDR=f"198.51.100.{next(_numbers)}")


def begin_path(cast):
    return f"/sign-in/organization/{cast.organization.slug}/"


def go_there(client, cast):
    """Begin, let the provider answer, and return the way back."""
    there = client.get(begin_path(cast))
    assert there.status_code == 302
    back = requests.get(there["Location"], allow_redirects=False, timeout=5).headers["Location"]
    return back.removeprefix("http://127.0.0.1:8000")


def sign_in(cast, client=None):
    """Return the client and the answer to the way back."""
    client = client or new_client()
    return client, client.get(go_there(client, cast))


def person_in(client):
    """Return the number of the person who is signed in."""
    return client.session.get("_auth_user_id")


def words_after(client):
    """What the page says to which a refused sign-in leads."""
    return client.get("/sign-in/").content.decode()


def refused_with(client, answer):
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/")
    assert person_in(client) is None
    return words_after(client)
