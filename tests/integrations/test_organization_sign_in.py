"""Signing in through an organization's own provider, and everything that must not sign in."""

import time
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.bound_sessions import OPEN_ROUTES
from accounts.models import Membership, Role, User
from accounts.services.members import add_member
from audit.models import Event
from audit.tenancy import tenant
from integrations.models import SignInProvider
from integrations.services.organizations import create_organization
from tests.accounts.people import PASSWORD, make_cast, make_person
from tests.accounts.test_own_account import add_app, app_code, ready_to_change
from tests.house.matrix import SITE
from tests.house.routes import fill
from tests.integrations.issuer import (
    CLIENT_ID,
    Issuer,
    signed,
    signed_by_the_public_key,
    signed_by_the_secret,
    unsigned,
)
from tests.integrations.provider_scene import (
    begin_path,
    connect,
    go_there,
    join,
    new_client,
    person_in,
    refused_with,
    sign_in,
)
from tests.names import unique

pytestmark = pytest.mark.usefixtures("engines")


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


def test_a_member_gets_in_and_the_trail_says_through_what(cast, issuer):
    client, answer = sign_in(cast)
    assert (answer.status_code, answer["Location"]) == (302, cast.url())
    assert client.get(cast.url("runs/")).status_code == 200
    person = User.objects.get(email=issuer.email)
    assert person_in(client) == str(person.pk)
    with tenant(cast.organization.pk):
        event = Event.objects.filter(action="member.signed_in").latest("sequence")
    assert (event.actor, event.data) == (issuer.email, {"role": "operator", "through": "provider"})


def test_the_browser_is_sent_with_state_nonce_and_pkce_and_the_session_gets_a_new_id(cast):
    client = new_client()
    there = urlsplit(client.get(begin_path(cast))["Location"])
    asked, before = dict(parse_qsl(there.query)), client.session.session_key
    assert asked["redirect_uri"] == f"http://127.0.0.1:8000{begin_path(cast)}done/"
    assert (asked["response_type"], asked["scope"]) == ("code", "openid email")
    assert (asked["code_challenge_method"], len(asked["code_challenge"])) == ("S256", 43)
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    sign_in(cast, client)
    assert client.session.session_key != before


def test_every_call_goes_through_the_egress_session(cast, issuer, monkeypatch):
    monkeypatch.setattr("integrations.transport.addresses.AddressPolicy._allows", lambda *_: False)
    client = new_client()
    assert "private or reserved" in refused_with(client, client.get(begin_path(cast)))
    assert issuer.asked == []


def token_of(sign):
    return lambda issuer: setattr(issuer, "sign", sign)


def claim(**values):
    return lambda issuer: issuer.claims.update(values)


FAULTS = {
    "unsigned": (token_of(unsigned), "not signed by a key of the provider"),
    "signed by the public key": (
        token_of(signed_by_the_public_key),
        "not signed by a key of the provider",
    ),
    "signed by the secret": (token_of(signed_by_the_secret), "not signed by a key of the provider"),
    "signed by another key": (
        token_of(lambda claims: signed(claims, key="stolen")),
        "signature does not hold",
    ),
    "signed by an unknown key": (
        token_of(lambda claims: signed(claims, key="stolen", kid="stolen")),
        "publishes no such key",
    ),
    "no token": (token_of(lambda _claims: "nonsense"), "cannot be read or lacks a claim"),
    "other nonce": (claim(nonce="of another"), "belongs to another sign-in"),
    "no nonce": (claim(nonce=None), "belongs to another sign-in"),
    "other audience": (claim(aud="another client"), "for another client"),
    "several audiences": (claim(aud=[CLIENT_ID, "another"]), "names none as its own"),
    "given to another": (claim(azp="another client"), "given to another client"),
    "other issuer": (claim(iss="https://evil.example"), "of another issuer"),
    "expired": (claim(exp=int(time.time()) - 120), "it has expired"),
    "without an end": (claim(exp=None), "cannot be read or lacks a claim"),
    "of tomorrow": (claim(iat=int(time.time()) + 86_400), "of a later time"),
    "unverified address": (claim(email_verified=False), "no e-mail address that the provider"),
    "address verified in words": (claim(email_verified="true"), "no e-mail address that the"),
    "no address": (claim(email=None), "no e-mail address that the provider calls verified"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_proof_with_a_fault_signs_nobody_in(fault, cast, issuer):
    make_wrong, words = FAULTS[fault]
    make_wrong(issuer)
    assert words in refused_with(*sign_in(cast))


def test_an_address_of_a_foreign_domain_signs_nobody_in(cast, issuer):
    connect(cast, issuer, domains=["example.org"])
    assert "does not speak for addresses of that domain" in refused_with(*sign_in(cast))


def test_a_wrong_state_signs_nobody_in_and_asks_the_provider_nothing(cast, issuer):
    client = new_client()
    back = go_there(client, cast)
    issuer.asked.clear()
    answer = client.get(back.replace("state=", "state=x"))
    assert "belongs to no sign-in that this browser has begun" in refused_with(client, answer)
    assert issuer.asked == []
    assert "belongs to no sign-in" in refused_with(client, client.get(back))


def test_an_answer_counts_once_and_in_its_own_browser(cast):
    client = new_client()
    back = go_there(client, cast)
    thief = new_client()
    assert "belongs to no sign-in" in refused_with(thief, thief.get(back))
    assert client.get(back)["Location"] == cast.url()
    client.post("/sign-out/")
    assert "belongs to no sign-in" in refused_with(client, client.get(back))


def test_an_attempt_is_over_after_ten_minutes(cast):
    client = new_client()
    back = go_there(client, cast)
    session = client.session
    session["organization_sign_in"] |= {"begun_at": time.time() - 601}
    session.save()
    assert "belongs to no sign-in" in refused_with(client, client.get(back))


def test_the_answer_of_one_issuer_is_not_taken_for_anothers(cast, issuer):
    client = new_client()
    back = go_there(client, cast)
    issuer.asked.clear()
    answer = client.get(back.replace("iss=http", "iss=https"))
    assert "names another issuer" in refused_with(client, answer)
    assert ("POST", "/token") not in issuer.asked


def test_an_answer_without_its_issuer_is_refused_where_the_provider_names_itself(cast):
    client = new_client()
    back = go_there(client, cast).split("&iss=")[0]
    assert "names another issuer" in refused_with(client, client.get(back))


def test_an_attempt_at_one_organization_ends_at_no_other(cast, issuer):
    other = make_cast()
    connect(other, issuer)
    client = new_client()
    back = go_there(client, cast).replace(cast.organization.slug, other.organization.slug)
    assert "belongs to no sign-in" in refused_with(client, client.get(back))


def test_a_document_of_another_issuer_is_refused(cast, issuer):
    issuer.document["issuer"] = "https://evil.example"
    client = new_client()
    answer = client.get(begin_path(cast))
    assert "names another issuer" in refused_with(client, answer)


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_a_document_that_leads_inside_a_network_is_refused(name, cast, issuer):
    issuer.document[name] = "http://169.254.169.254/latest"
    client = new_client()
    assert "not a plain https address" in refused_with(client, client.get(begin_path(cast)))


def test_a_redirect_of_the_provider_is_not_followed(cast, issuer):
    with_secret = Issuer()
    issuer.answer_token = (307, {"Location": f"{with_secret.url}/token"}, b"")
    assert "HTTP 307" in refused_with(*sign_in(cast))
    assert with_secret.asked == []
    with_secret.close()


def test_a_refusal_of_the_provider_is_told(cast):
    client = new_client()
    back = go_there(client, cast)
    answer = client.get(f"{back.replace('code=', 'ignored=')}&error=access_denied")
    assert "ended the sign-in without a proof" in refused_with(client, answer)


def test_no_account_is_made_and_all_unknown_people_hear_the_same(cast, issuer):
    unknown = [f"{unique('nobody')}@example.com", make_person(password=PASSWORD).email]
    elsewhere = create_organization(name="Other", slug=unique("other"))
    unknown.append(join(elsewhere).email)
    off = join(cast.organization)
    User.objects.filter(pk=off.pk).update(is_active=False)
    ended = join(cast.organization)
    Membership.objects.filter(user=ended).update(ends_on="2020-01-01")
    unproved = make_person()
    add_member(organization=cast.organization, user=unproved, role=Role.VIEWER)
    people = User.objects.count()
    for email in [*unknown, off.email, ended.email, unproved.email]:
        issuer.email = email
        assert "No member of the organization has confirmed" in refused_with(*sign_in(cast))
    assert User.objects.count() == people


def test_a_second_factor_is_asked_for_and_the_session_is_bound_after_it(cast, issuer):
    person = User.objects.get(email=issuer.email)
    key = add_app(ready_to_change(person))
    client, answer = sign_in(cast)
    assert answer["Location"] == "/sign-in/code/"
    assert person_in(client) is None
    assert client.get(cast.url("runs/"))["Location"].startswith("/sign-in/")
    with time_machine.travel(time.time() + 30, tick=True):
        answer = client.post("/sign-in/code/", {"code": app_code(key)})
    assert answer["Location"] == "/sign-in/remember/"
    client.post("/sign-in/remember/", {})
    assert person_in(client) == str(person.pk)
    assert client.session["bound_to_organization"] == cast.organization.pk
    assert client.get("/account/").status_code == 403


def test_the_session_opens_its_organization_and_nothing_else(cast, issuer):
    person = User.objects.get(email=issuer.email)
    User.objects.filter(pk=person.pk).update(is_staff=True, is_superuser=True)
    other = create_organization(name="Quite Other", slug=unique("other"))
    add_member(organization=other, user=person, role=Role.OWNER)
    client, _ = sign_in(cast)
    assert client.get(f"/o/{other.slug}/runs/").status_code == 404
    assert client.post(f"/o/{other.slug}/members/leave/").status_code == 404
    assert client.get("/")["Location"] == cast.url()
    assert "Quite Other" not in client.get(cast.url("runs/")).content.decode()
    for path in CLOSED:
        answer = client.get(path)
        assert (path, answer.status_code) == (path, 403)
        assert "Sign in with your password for this" in answer.content.decode()
    with tenant(other.pk):
        assert not Event.objects.filter(action="member.signed_in").exists()


CLOSED = (
    "/account/", "/account/confirm/", "/account/email/", "/account/password/", "/account/sessions/",
    "/account/app/", "/account/passkeys/add/", "/account/recovery-codes/", "/organizations/new/",
    "/sign-in/", "/password/", "/staff/admin/", "/staff/components/", f"/invitations/{'t' * 43}/",
)  # fmt: skip


def test_every_page_of_the_site_is_closed_to_the_session_unless_it_is_named_open(cast):
    client, _ = sign_in(cast)
    things = {"pk": 0, "token": "t" * 43, "short_name": "none"}
    open_ones = {
        address
        for address in SITE
        if not address.startswith("/api/")
        and address != "/sign-out/"
        and client.get(fill(address.removesuffix("…"), things)).status_code != 403
    }
    assert open_ones == {
        "/",
        "/theme/",
        "/errors/",
        "/demo/mail/",
        "/sign-in/organization/<short_name>/",
        "/sign-in/organization/<short_name>/done/",
        "/connect/anaplan/done/",
    }
    assert len(OPEN_ROUTES) == 9


def test_a_password_sign_in_opens_everything_again(cast, issuer):
    client, _ = sign_in(cast)
    client.post("/sign-out/")
    client.post("/sign-in/", {"login": issuer.email, "password": PASSWORD})
    assert client.get("/account/").status_code == 200


def test_signing_in_through_a_provider_ends_the_session_that_was_there(cast, issuer):
    client = new_client()
    client.post("/sign-in/", {"login": issuer.email, "password": PASSWORD})
    assert client.get("/account/").status_code == 200
    sign_in(cast, client)
    assert client.get("/account/").status_code == 403


def test_organizations_without_a_provider_and_unknown_ones_answer_alike(cast):
    pages = set()
    for slug in (make_cast().organization.slug, "no-such-organization"):
        for path in (f"/sign-in/organization/{slug}/", f"/sign-in/organization/{slug}/done/"):
            answer = new_client().get(path)
            assert answer.status_code == 404
            pages.add(answer.content.decode().replace(answer["X-Request-ID"], ""))
    assert len(pages) == 1


def test_too_many_begun_from_one_place_wait(cast, issuer):
    client = Client(REMOTE_ADDR="198.51.100.250")
    answers = [client.get("/sign-in/organization/none/").status_code for _ in range(121)]
    assert answers == [404] * 120 + [429]


def test_a_removed_member_loses_the_session_and_a_removed_provider_ends_all(cast, issuer):
    client, _ = sign_in(cast)
    owner = cast.client()
    assert owner.post(cast.url("settings/sign-in/remove/"))["Location"] == cast.url(
        "settings/sign-in/"
    )
    assert client.get(cast.url("runs/"))["Location"].startswith("/sign-in/?next=")
    assert new_client().get(begin_path(cast)).status_code == 404
    assert owner.get(cast.url("runs/")).status_code == 200
    with tenant(cast.organization.pk):
        assert not SignInProvider.objects.exists()
        assert Event.objects.latest("sequence").action == "provider.removed"


def test_a_changed_provider_ends_sign_ins_that_wait_for_a_second_factor(cast, issuer):
    add_app(ready_to_change(User.objects.get(email=issuer.email)))
    client, _ = sign_in(cast)
    assert Session.objects.filter(session_key=client.session.session_key).exists()
    connect(cast, issuer)
    assert client.get("/sign-in/code/")["Location"] == "/sign-in/"


# The settings.
