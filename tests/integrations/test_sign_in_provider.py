"""Owners name the provider that proves their members, and nobody else does."""

import pytest

from accounts.models import Role
from audit.models import Event
from audit.tenancy import tenant
from integrations.models import SignInProvider
from tests.accounts.people import make_cast
from tests.integrations.issuer import (
    CLIENT_ID,
    SECRET,
    Issuer,
)
from tests.integrations.provider_scene import (
    begin_path,
    connect,
    join,
)

pytestmark = pytest.mark.usefixtures("engines")


def form_for(provider, **other):
    return {
        "issuer": provider.url,
        "client_id": CLIENT_ID,
        "secret": SECRET,
        "domains": "example.com\n@Example.ORG",
        **other,
    }


@pytest.fixture
def issuer():
    made = Issuer()
    yield made
    made.close()


@pytest.fixture
def cast(issuer):
    """An organization whose provider is the issuer, with a member whom the issuer proves."""
    made = make_cast()
    connect(made, issuer)
    issuer.email = join(made.organization).email
    return made


def test_an_owner_sets_the_provider_and_never_sees_the_secret_again(issuer):
    cast = make_cast()
    owner, page = cast.client(), cast.url("settings/sign-in/")
    assert "Redirect address" in owner.get(page).content.decode()
    assert owner.post(page, form_for(issuer))["Location"] == page
    shown = owner.get(page).content.decode()
    assert f"http://127.0.0.1:8000{begin_path(cast)}done/" in shown
    assert f"by {cast.member(Role.OWNER).email}" in shown
    assert SECRET not in shown
    with tenant(cast.organization.pk):
        row = SignInProvider.objects.get()
        event = Event.objects.latest("sequence")
    assert row.domains == ["example.com", "example.org"]
    assert SECRET not in row.secret
    assert (event.action, event.subject_id) == ("provider.saved", issuer.url)
    assert event.data == {
        "client_id": CLIENT_ID,
        "domains": ["example.com", "example.org"],
        "secret": "changed",
    }


def test_another_issuer_asks_for_the_secret_again(cast, issuer):
    owner, page = cast.client(), cast.url("settings/sign-in/")
    kept = owner.post(page, form_for(issuer, secret="", client_id="other"))
    assert kept.status_code == 302
    moved = owner.post(page, form_for(issuer, secret="", issuer="https://login.example.com"))
    assert moved.status_code == 422
    assert "has no stored secret for this address" in moved.content.decode()
    with tenant(cast.organization.pk):
        assert SignInProvider.objects.get().issuer == issuer.url


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("issuer", "http://login.example.com", "does not begin with https://"),
        ("issuer", "https://user@login.example.com", "user name or password"),
        ("issuer", "https://login.example.com/?a=1", "it has a query"),
        ("domains", "not a domain", "is no name such as"),
        ("domains", "localhost", "is no name such as"),
        ("secret", "", "This field is required"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_saved(field, value, words, issuer):
    cast = make_cast()
    answer = cast.client().post(cast.url("settings/sign-in/"), form_for(issuer, **{field: value}))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert words in answer.content.decode()
    with tenant(cast.organization.pk):
        assert not SignInProvider.objects.exists()


@pytest.mark.parametrize("role", [role for role in Role if role != Role.OWNER])
def test_nobody_but_owners_sets_who_proves_members(role, cast, issuer):
    client = cast.client(role)
    for path in ("settings/sign-in/", "settings/sign-in/remove/", "settings/sign-in/try/"):
        assert client.post(cast.url(path), form_for(issuer)).status_code == 403


def test_trying_names_what_was_reached_or_what_is_wrong(cast, issuer):
    owner, page = cast.client(), cast.url("settings/sign-in/")
    assert owner.post(cast.url("settings/sign-in/try/"))["Location"] == page
    assert f"{issuer.url} was reached" in owner.get(page).content.decode()
    issuer.document["token_endpoint"] = ""
    owner.post(cast.url("settings/sign-in/try/"))
    assert "no usable token_endpoint" in owner.get(page).content.decode()
