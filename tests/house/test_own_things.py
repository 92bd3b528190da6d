"""What belongs to a person and to no organization: nobody else reaches it, signed in or not."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from tests.accounts.people import PASSWORD, make_person
from tests.accounts.test_own_account import ready_to_change
from tests.house.matrix import SITE
from tests.house.routes import arguments_of, fill
from tests.names import unique

THINGS = [address for address in SITE if "pk" in arguments_of(address)]


@pytest.fixture(scope="module")
def other(engines):
    """A person with a passkey, an open session and a proved address."""
    person = make_person(password=PASSWORD)
    name = unique("secret passkey")
    data = {"name": name, "credential": {}, "passwordless": False}
    ready_to_change(person)
    Authenticator.objects.create(user=person, type="webauthn", data=data)
    return person


@pytest.fixture(scope="module")
def thief(engines):
    """Somebody else, who has just proved the own password."""
    return ready_to_change(make_person(password=PASSWORD))


def belongings(person):
    models = (Authenticator, UserSession, EmailAddress)
    return [list(model.objects.filter(user=person).order_by("pk").values()) for model in models]


@pytest.mark.parametrize("address", THINGS)
def test_another_persons_passkey_is_not_there(address, other, thief):
    before = belongings(other)
    path = fill(address, {"pk": Authenticator.objects.get(user=other).pk})
    assert thief.get(path).status_code == 404
    assert thief.post(path, {"name": "stolen"}).status_code == 404
    assert belongings(other) == before


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/account/email/", {"action_remove": ""}),
        ("/account/email/", {"action_primary": ""}),
        ("/account/sessions/", {}),
        ("/account/app/remove/", {}),
        ("/account/recovery-codes/new/", {}),
    ],
)
def test_a_deed_on_ones_own_account_touches_nobody_elses(address, form, other, thief):
    before = belongings(other)
    session = UserSession.objects.get(user=other)
    names = {"email": other.email, "user": other.pk, "session": session.pk}
    assert thief.post(address, {**form, **names}).status_code < 500
    assert belongings(other) == before
    assert other.email not in thief.get("/account/sessions/").content.decode()


def test_there_are_things_that_a_person_owns(other):
    assert len(THINGS) == 2
    assert all(belongings(other))
