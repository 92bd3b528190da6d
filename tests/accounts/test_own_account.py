"""One's own account: second factors, passwords, sessions, and what the trail says of them."""

from itertools import count

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from cryptography.fernet import Fernet, InvalidToken
from django.test import Client
from django.utils import timezone

from accounts.models import Role
from accounts.second_factors import SecondFactorAdapter, wrap_second_factors_anew
from accounts.services.members import add_member
from audit.models import Event
from audit.tenancy import tenant
from tests.accounts.mail import code_in, mails_to
from tests.accounts.people import PASSWORD, make_cast, make_person
from tests.names import unique

pytestmark = pytest.mark.usefixtures("engines")
_numbers = count(1)


@pytest.fixture
def person():
    return make_person(password=PASSWORD)


def new_client() -> Client:
    """Return a client from an address of its own, so that no test uses up another's tries."""
    return Client(REMOTE_ADDR=f"203.0.113.{next(_numbers)}")


def signed_in_by_form(person, client=None):
    client = client or new_client()
    client.post("/sign-in/", {"login": person.email, "password": PASSWORD})
    return client


def ready_to_change(person, client=None):
    """Sign in and type the password once more, as each change asks for."""
    client = signed_in_by_form(person, client)
    client.post("/account/confirm/", {"password": PASSWORD})
    return client


def is_signed_in(client):
    return client.get("/account/").status_code == 200


def app_code(key):
    counter = next(totp.yield_hotp_counters_from_time())
    return totp.format_hotp_value(totp.hotp_value(key, counter))


def add_app(client):
    """Turn the authenticator app on; return its key."""
    key = client.get("/account/app/").context["form"].secret
    answer = client.post("/account/app/", {"code": app_code(key)})
    assert answer["Location"] == "/account/recovery-codes/"
    return key


def actions_in(organization):
    with tenant(organization.pk):
        return list(Event.objects.order_by("sequence").values_list("action", flat=True))


def test_an_authenticator_app_is_asked_for_at_the_next_sign_in(person):
    key = add_app(ready_to_change(person))
    client = new_client()
    answer = client.post("/sign-in/", {"login": person.email, "password": PASSWORD})
    assert answer["Location"] == "/sign-in/code/"
    assert not is_signed_in(client)
    assert "code is not right" in client.post("/sign-in/code/", {"code": "000000"}).content.decode()
    with time_machine.travel(timezone.now().timestamp() + 30, tick=True):
        answer = client.post("/sign-in/code/", {"code": app_code(key)})
    assert answer["Location"] == "/sign-in/remember/"
    assert client.post("/sign-in/remember/", {"action": "none"})["Location"] == "/"
    assert is_signed_in(client)


def test_the_key_stands_on_the_page_as_picture_and_text_and_is_stored_sealed(person):
    client = ready_to_change(person)
    page = client.get("/account/app/")
    key = page.context["form"].secret
    assert 'src="data:image/svg+xml;base64,' in page.content.decode()
    assert f'<code class="key">{key}</code>' in page.content.decode()
    client.post("/account/app/", {"code": app_code(key)})
    stored = Authenticator.objects.get(user=person, type="totp").data["secret"]
    assert key not in stored
    assert SecondFactorAdapter().decrypt(stored) == key
    with pytest.raises(InvalidToken):
        SecondFactorAdapter().decrypt(stored[:-4] + "AAA=")


def test_recovery_codes_are_shown_once_and_each_signs_in_once(person):
    client = ready_to_change(person)
    add_app(client)
    codes = client.get("/account/recovery-codes/").context["unused_codes"]
    assert len(codes) == 10
    assert not any(
        code in client.get("/account/recovery-codes/").content.decode() for code in codes
    )
    answers = []
    for _ in range(2):
        other = signed_in_by_form(person)
        answers.append(other.post("/sign-in/code/", {"code": codes[0]}).status_code)
    assert answers == [302, 200]


def test_a_remembered_device_is_asked_for_the_password_alone(person):
    key = add_app(ready_to_change(person))
    client = signed_in_by_form(person)
    with time_machine.travel(timezone.now().timestamp() + 30, tick=True):
        client.post("/sign-in/code/", {"code": app_code(key)})
    client.post("/sign-in/remember/", {"action": "trust"})
    assert client.cookies["remembered"]["httponly"]
    client.post("/sign-out/")
    assert is_signed_in(signed_in_by_form(person, client))
    stranger = signed_in_by_form(person)
    assert not is_signed_in(stranger)


@pytest.mark.parametrize("change", ["password", "app", "app removed", "recovery codes"])
def test_a_change_of_password_or_second_factor_ends_all_other_sessions(person, change):
    client = ready_to_change(person)
    if change in ("app removed", "recovery codes"):
        add_app(client)
        person_key = Authenticator.objects.get(user=person, type="totp")
    other = new_client()
    if change in ("password", "app"):
        signed_in_by_form(person, other)
    else:
        signed_in_by_form(person, other)
        key = SecondFactorAdapter().decrypt(person_key.data["secret"])
        with time_machine.travel(timezone.now().timestamp() + 30, tick=True):
            other.post("/sign-in/code/", {"code": app_code(key)})
        other.post("/sign-in/remember/", {"action": "none"})
    assert is_signed_in(other)
    if change == "password":
        new = {"oldpassword": PASSWORD, "password1": "a quite different password"}
        assert client.post("/account/password/", new)["Location"] == "/account/"
    elif change == "app":
        add_app(client)
    elif change == "app removed":
        assert client.post("/account/app/remove/")["Location"] == "/account/"
    else:
        client.post("/account/recovery-codes/new/")
    assert is_signed_in(client)
    assert not is_signed_in(other)


def test_the_list_of_sessions_names_each_and_ends_all_others(person):
    client = new_client()
    client.defaults["HTTP_USER_AGENT"] = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
    signed_in_by_form(person, client)
    other = signed_in_by_form(person)
    page = client.get("/account/sessions/").content.decode()
    assert "Firefox on Linux" in page
    assert all(place.defaults["REMOTE_ADDR"] in page for place in (client, other))
    client.post("/account/sessions/")
    assert is_signed_in(client)
    assert not is_signed_in(other)


def test_a_change_needs_the_password_once_more_and_again_after_a_while(person):
    client = signed_in_by_form(person)
    assert client.get("/account/app/")["Location"] == "/account/confirm/?next=%2Faccount%2Fapp%2F"
    answer = client.post("/account/confirm/?next=/account/app/", {"password": "wrong"})
    assert "This is not your password" in answer.content.decode()
    answer = client.post("/account/confirm/?next=/account/app/", {"password": PASSWORD})
    assert answer["Location"] == "/account/app/"
    assert client.get("/account/app/").status_code == 200
    with time_machine.travel(timezone.now().timestamp() + 600, tick=True):
        assert client.get("/account/app/").status_code == 302


def test_guessing_codes_of_an_app_comes_to_an_end(person):
    key = add_app(ready_to_change(person))
    for _ in range(5):
        signed_in_by_form(person).post("/sign-in/code/", {"code": "000000"})
    client = signed_in_by_form(person)
    answer = client.post("/sign-in/code/", {"code": app_code(key)})
    assert "Too many tries" in answer.content.decode()
    assert not is_signed_in(client)


def test_passkeys_are_tried_ten_times_a_minute_from_one_address_whatever_it_claims_to_be():
    client = new_client()
    answers = [
        client.post(
            "/sign-in/passkey/",
            {"credential": "{}"},
            headers={"X-Forwarded-For": f"192.0.2.{number}"},
        )
        for number in range(11)
    ]
    assert [answer.status_code for answer in answers] == [302] * 10 + [429]
    assert "This step was asked for too often from here" in answers[10].content.decode()


def test_a_new_address_takes_the_old_ones_place_when_its_code_is_entered(person):
    client, new = ready_to_change(person), f"{unique('new')}@example.com"
    old, other = person.email, signed_in_by_form(person)
    answer = client.post("/account/email/", {"email": new, "action_add": ""})
    assert answer["Location"] == "/sign-up/code/"
    person.refresh_from_db()
    assert person.email == old
    client.post("/sign-up/code/", {"code": code_in(mails_to(new)[0])})
    person.refresh_from_db()
    assert person.email == new
    assert is_signed_in(client)
    assert not is_signed_in(other)
    assert [message.subject for message in mails_to(old)] == ["Your e-mail address was changed"]


def test_the_trail_of_each_organization_tells_of_changes_and_holds_no_secret(person):
    house = make_cast()
    add_member(organization=house.organization, user=person, role=Role.VIEWER)
    client = ready_to_change(person)
    key = add_app(client)
    client.post(
        "/account/password/", {"oldpassword": PASSWORD, "password1": "a quite different password"}
    )
    assert actions_in(house.organization)[-4:] == [
        "member.signed_in",
        "member.factor_added",
        "member.factor_added",
        "member.password_changed",
    ]
    with tenant(house.organization.pk):
        told = str(list(Event.objects.values()))
    assert not any(secret in told for secret in (key, PASSWORD, "a quite different password"))


def test_a_closed_account_signs_nobody_in(person):
    person.is_active = False
    person.save(update_fields=["is_active"])
    client = signed_in_by_form(person)
    assert not is_signed_in(client)
    assert "closed by the operator" in client.get("/sign-in/").content.decode()


def test_keys_of_second_factors_move_to_the_newest_service_key(person, settings):
    add_app(ready_to_change(person))
    old, new = settings.ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, old]
    assert wrap_second_factors_anew() >= 2
    assert wrap_second_factors_anew() == 0
    settings.ENCRYPTION_KEYS = [new]
    app = Authenticator.objects.get(user=person, type="totp")
    assert len(SecondFactorAdapter().decrypt(app.data["secret"])) == 32
    settings.ENCRYPTION_KEYS = [old, new]
    wrap_second_factors_anew()
