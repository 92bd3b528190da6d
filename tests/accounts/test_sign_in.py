"""Signing in and out."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import Role
from accounts.services.members import add_member
from accounts.throttles import WRONG_PASSWORDS_A_PAIR, SignInTries, client_address
from audit.models import Event
from audit.tenancy import tenant
from tests.accounts.people import PASSWORD, make_cast, make_person


@pytest.fixture
def person(engines):
    return make_person(password=PASSWORD)


def sign_in(client, email, password, **more):
    return client.post("/sign-in/", {"login": email, "password": password, **more})


def almost_too_many(person, address):
    for _ in range(WRONG_PASSWORDS_A_PAIR.item.amount - 1):
        SignInTries(person.email, address).note_failure()


def test_a_member_lands_in_their_organization_and_the_trail_says_so(person):
    cast = make_cast()
    add_member(organization=cast.organization, user=person, role=Role.OPERATOR)
    client = Client()
    answer = sign_in(client, person.email, PASSWORD)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/")["Location"] == cast.url()
    with tenant(cast.organization.pk):
        event = Event.objects.get(action="member.signed_in")
    assert (event.actor, event.subject_id) == (person.email, str(person.pk))
    assert len(event.request_id) == 32


def test_the_case_of_the_address_does_not_matter(person):
    assert sign_in(Client(), person.email.upper(), PASSWORD).status_code == 302


def test_wrong_password_and_unknown_address_get_the_same_answer(person):
    known = sign_in(Client(), person.email, "wrong")
    unknown = sign_in(Client(), f"nobody-{person.email}", "wrong")
    assert (known.status_code, unknown.status_code) == (200, 200)
    for answer in (known, unknown):
        page = answer.content.decode()
        assert "do not belong together" in page
        assert "<title>Error: " in page
        assert "wrong" not in page.split('name="password"')[1].split(">")[0]


def test_the_session_gets_a_new_id_at_sign_in(person):
    client = Client()
    client.get("/sign-in/")
    session = client.session
    session["planted"] = "1"
    session.save()
    before = session.session_key
    sign_in(client, person.email, PASSWORD)
    assert client.session.session_key != before
    assert not Session.objects.filter(pk=before).exists()


@pytest.mark.parametrize(
    "goal", ["//evil.example/", "https://evil.example/", "javascript:alert(1)"]
)
def test_another_site_is_never_followed(person, goal):
    answer = sign_in(Client(), person.email, PASSWORD, next=goal)
    assert answer["Location"] == "/"


def test_the_wanted_page_is_followed(person):
    cast = make_cast()
    first = Client().get(cast.url("runs/"))
    assert first["Location"] == f"/sign-in/?next={cast.url('runs/')}"
    answer = sign_in(Client(), person.email, PASSWORD, next=cast.url("mapping/"))
    assert answer["Location"] == cast.url("mapping/")


def test_after_too_many_wrong_passwords_the_right_one_waits_too(person):
    client = Client(REMOTE_ADDR="192.0.2.7")
    almost_too_many(person, "192.0.2.7")
    assert sign_in(client, person.email, "wrong").status_code == 200
    answer = sign_in(client, person.email, PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 15 * 60
    assert "Try again in 15 minutes" in answer.content.decode()
    elsewhere = Client(REMOTE_ADDR="192.0.2.8")
    assert sign_in(elsewhere, person.email, PASSWORD).status_code == 302


def test_a_forged_forwarded_address_does_not_start_a_new_count(person, rf, settings):
    settings.PROXY_COUNT = 0
    request = rf.get("/", headers={"X-Forwarded-For": "203.0.113.9"}, REMOTE_ADDR="192.0.2.1")
    assert client_address(request) == "192.0.2.1"
    settings.PROXY_COUNT = 1
    request = rf.get("/", headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.4"})
    assert client_address(request) == "198.51.100.4"


def test_wrong_passwords_are_counted_without_redis_too(person, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    client = Client(REMOTE_ADDR="192.0.2.99")
    almost_too_many(person, "192.0.2.99")
    assert sign_in(client, person.email, "wrong").status_code == 200
    assert sign_in(client, person.email, PASSWORD).status_code == 429


def test_signing_out_needs_a_post_and_ends_the_session(person):
    client = Client()
    sign_in(client, person.email, PASSWORD)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert client.get("/account/")["Location"] == "/sign-in/?next=/account/"


def test_a_form_without_a_token_is_refused(person):
    client = Client(enforce_csrf_checks=True)
    answer = sign_in(client, person.email, PASSWORD)
    assert answer.status_code == 403
    assert "The form has expired" in answer.content.decode()


def test_the_form_lets_password_managers_work(engines):
    page = Client().get("/sign-in/").content.decode()
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert "onpaste" not in page
