"""Signing up with a code by mail, and choosing a forgotten password anew."""

import re
from datetime import timedelta
from itertools import count

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.throttles import RESETS_AN_ADDRESS, SIGN_UPS_AN_ADDRESS, take
from tests.accounts.mail import code_in, mails_to
from tests.accounts.people import PASSWORD, make_person
from tests.hashing import QuickArgon2
from tests.names import unique

pytestmark = pytest.mark.usefixtures("engines")
_numbers = count(1)


def new_client(**options) -> Client:
    """Return a client from an address of its own, so that no test uses up another's tries."""
    return Client(REMOTE_ADDR=f"198.51.100.{next(_numbers)}", **options)


def new_address() -> str:
    return f"{unique('person')}@example.com"


def sign_up(client, email, password=PASSWORD, **more):
    return client.post("/sign-up/", {"email": email, "password1": password, **more})


def skeleton(answer, *facts):
    """Return a page without what differs from request to request."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    for fact in facts:
        page = page.replace(fact, "…")
    return page


def test_a_code_by_mail_makes_the_account_and_signs_in():
    client, email = new_client(), new_address()
    assert sign_up(client, email.upper())["Location"] == "/sign-up/code/"
    assert "_auth_user_id" not in client.session
    [message] = mails_to(email)
    answer = client.post("/sign-up/code/", {"code": code_in(message).lower()})
    assert answer["Location"] == "/"
    person = User.objects.get(email=email)
    assert client.session["_auth_user_id"] == str(person.pk)
    assert person.check_password(PASSWORD)
    assert EmailAddress.objects.get(user=person).verified


def test_without_the_code_nobody_is_signed_in():
    client, email = new_client(), new_address()
    sign_up(client, email)
    assert client.get("/account/")["Location"] == "/sign-in/?next=/account/"
    again = new_client()
    # One address gets one code in ten seconds.
    with time_machine.travel(timezone.now() + timedelta(seconds=11)):
        answer = again.post("/sign-in/", {"login": email, "password": PASSWORD})
    assert answer["Location"] == "/sign-up/code/"
    assert again.get("/account/")["Location"] == "/sign-in/?next=/account/"


def test_after_three_wrong_codes_the_right_one_is_worth_nothing():
    client, email = new_client(), new_address()
    sign_up(client, email)
    [message] = mails_to(email)
    for _ in range(2):
        assert "code is not right" in client.post("/sign-up/code/", {"code": "no"}).content.decode()
    assert client.post("/sign-up/code/", {"code": "no"})["Location"] == "/sign-in/"
    client.post("/sign-up/code/", {"code": code_in(message)})
    assert not EmailAddress.objects.get(email=email).verified


def test_known_and_unknown_addresses_are_answered_alike_at_sign_up():
    known, unknown = make_person(password=PASSWORD).email, new_address()
    first, second = new_client(), new_client()
    answers = [sign_up(first, known, "another long password"), sign_up(second, unknown)]
    assert [(a.status_code, a["Location"]) for a in answers] == [(302, "/sign-up/code/")] * 2
    pages = [first.get("/sign-up/code/"), second.get("/sign-up/code/")]
    assert skeleton(pages[0], known) == skeleton(pages[1], unknown)
    wrong = [client.post("/sign-up/code/", {"code": "XXXX-XXXX"}) for client in (first, second)]
    assert skeleton(wrong[0], known) == skeleton(wrong[1], unknown)
    assert [message.subject for message in mails_to(known)] == ["You already have an account"]
    assert [message.subject for message in mails_to(unknown)] == ["Your code for ml-connector"]
    assert User.objects.get(email=known).check_password(PASSWORD)


def test_known_and_unknown_addresses_are_answered_alike_when_a_password_is_forgotten():
    known, unknown = make_person(password=PASSWORD).email, new_address()
    first, second = new_client(), new_client()
    answers = [
        client.post("/password/", {"email": email})
        for client, email in ((first, known), (second, unknown))
    ]
    assert [(a.status_code, a["Location"]) for a in answers] == [(302, "/password/code/")] * 2
    pages = [first.get("/password/code/"), second.get("/password/code/")]
    assert skeleton(pages[0], known) == skeleton(pages[1], unknown)
    wrong = [client.post("/password/code/", {"code": "XXXX-XXXX"}) for client in (first, second)]
    assert skeleton(wrong[0], known) == skeleton(wrong[1], unknown)
    assert len(mails_to(known)) == len(mails_to(unknown)) == 1


@pytest.fixture
def work(monkeypatch):
    """The hashes that are computed of passwords: what takes longest in an answer."""
    done = []

    def counted(do):
        def count_and_do(hasher, *arguments):
            done.append(hasher)
            return do(hasher, *arguments)

        return count_and_do

    for name in ("encode", "verify"):
        monkeypatch.setattr(QuickArgon2, name, counted(getattr(QuickArgon2, name)))
    return done


@pytest.mark.parametrize(
    ("path", "field", "hashes", "mails"),
    [("/sign-in/", "login", 1, 0), ("/sign-up/", "email", 1, 1), ("/password/", "email", 0, 1)],
)
def test_a_known_and_an_unknown_address_take_the_same_work(
    path, field, hashes, mails, work, mailoutbox
):
    for email in (make_person(password=PASSWORD).email, make_person().email, new_address()):
        work.clear()
        mailoutbox.clear()
        form = {field: email, "password": "a wrong password", "password1": "a wrong password"}
        new_client().post(path, form)
        assert (len(work), len(mailoutbox)) == (hashes, mails)


def test_after_three_wrong_codes_no_new_password_is_chosen():
    client, person = new_client(), make_person(password=PASSWORD)
    client.post("/password/", {"email": person.email})
    answers = [client.post("/password/code/", {"code": "no"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 302]
    client.post("/password/code/", {"code": code_in(mails_to(person.email)[0])})
    assert client.get("/password/new/")["Location"] == "/password/"


def test_too_many_forgotten_passwords_from_one_address_wait_whatever_they_claim_to_be():
    client, email = new_client(), make_person(password=PASSWORD).email
    for _ in range(RESETS_AN_ADDRESS.item.amount):
        take(RESETS_AN_ADDRESS, client.defaults["REMOTE_ADDR"])
    headers = {"X-Forwarded-For": "203.0.113.78"}
    answer = client.post("/password/", {"email": email}, headers=headers)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert mails_to(email) == []


def test_a_forgotten_password_is_chosen_anew_and_ends_every_session():
    person, elsewhere, client = make_person(password=PASSWORD), new_client(), new_client()
    elsewhere.post("/sign-in/", {"login": person.email, "password": PASSWORD})
    assert elsewhere.get("/account/").status_code == 200
    client.post("/password/", {"email": person.email})
    client.post("/password/code/", {"code": code_in(mails_to(person.email)[0])})
    answer = client.post("/password/new/", {"password1": "a quite different password"})
    assert answer["Location"] == "/password/done/"
    person.refresh_from_db()
    assert person.check_password("a quite different password")
    assert elsewhere.get("/account/")["Location"] == "/sign-in/?next=/account/"


def test_the_new_password_page_is_closed_without_the_code():
    client = new_client()
    assert client.get("/password/new/")["Location"] == "/password/"
    client.post("/password/", {"email": make_person(password=PASSWORD).email})
    assert client.get("/password/new/")["Location"] == "/password/code/"


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("short-1-Pw", "at least 12 characters"),
        ("password1234", "too common"),
        ("ada.lovelace@analytical.example", "too similar to the email"),
    ],
)
def test_weak_passwords_are_refused(password, problem):
    answer = sign_up(new_client(), f"ada.lovelace-{unique('p')}@analytical.example", password)
    page = answer.content.decode()
    assert problem in page
    assert "<title>Error: " in page
    assert password not in page
    assert mail.outbox == []


def test_mails_lead_to_the_configured_address_whatever_the_request_says(settings):
    settings.ALLOWED_HOSTS = ["*"]
    settings.PUBLIC_ORIGIN = "https://connector.example"
    first, second = (make_person(password=PASSWORD).email for _ in range(2))
    sign_up(new_client(), first, headers={"X-Forwarded-Host": "evil.example"})
    sign_up(new_client(HTTP_HOST="evil.example"), second)
    new_client(HTTP_HOST="evil.example").post("/password/", {"email": new_address()})
    assert len(mail.outbox) == 3
    for message in mail.outbox:
        [(page, _kind)] = message.alternatives
        assert "https://connector.example" in message.body
        assert "evil" not in message.body + page


def test_a_host_that_is_not_ours_is_refused():
    assert new_client(HTTP_HOST="evil.example").get("/sign-up/").status_code == 400


def test_too_many_sign_ups_from_one_address_wait_whatever_they_claim_to_be():
    client = new_client()
    address = client.defaults["REMOTE_ADDR"]
    for _ in range(SIGN_UPS_AN_ADDRESS.item.amount):
        take(SIGN_UPS_AN_ADDRESS, address)
    email = new_address()
    answer = sign_up(client, email, headers={"X-Forwarded-For": "203.0.113.77"})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert not User.objects.filter(email=email).exists()


def test_a_page_after_sign_up_never_leaves_the_site():
    client, email = new_client(), new_address()
    client.post("/sign-up/?next=//evil.example/", {"email": email, "password1": PASSWORD})
    answer = client.post(
        "/sign-up/code/?next=//evil.example/", {"code": code_in(mails_to(email)[0])}
    )
    assert answer["Location"] == "/"


def test_a_sign_up_without_a_token_is_refused():
    email = new_address()
    assert sign_up(new_client(enforce_csrf_checks=True), email).status_code == 403
    assert not User.objects.filter(email=email).exists()


def test_a_mail_that_can_not_be_sent_is_told(settings):
    settings.EMAIL_BACKEND = "tests.accounts.mail.NoServer"
    answer = sign_up(new_client(), new_address())
    assert answer.status_code == 503
    assert "The mail could not be sent" in answer.content.decode()
