"""The way to one's organization."""

import re
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from accounts.models import Invitation, Role
from accounts.services.members import add_member
from tests.accounts.people import make_cast, make_person, signed_in
from tests.names import unique


def test_a_stranger_reads_what_this_is_and_gets_started(engines):
    page = Client().get("/").content.decode()
    assert "QAD total = file total = Anaplan total, to the cent" in page
    assert re.findall(r'class="main-button[^>]*href="([^"]+)"', page) == ["/sign-up/"]
    assert page.count("Get started") == 1
    assert 'href="/sign-in/"' in page


def test_a_member_of_several_chooses(engines):
    person, houses = make_person(), [make_cast(name="Alpha"), make_cast(name="Beta")]
    for house in houses:
        add_member(organization=house.organization, user=person, role=Role.VIEWER)
    page = signed_in(person).get("/").content.decode()
    assert all(house.url("runs/") in page for house in houses)
    assert page.index("Alpha") < page.index("Beta")


def test_a_member_of_none_makes_an_organization(engines):
    assert signed_in(make_person()).get("/")["Location"] == "/organizations/new/"


def test_a_person_who_is_invited_is_told_of_the_mail(engines):
    person, house = make_person(), make_cast()
    Invitation.objects.create(
        organization=house.organization,
        email=person.email.upper(),
        role=Role.VIEWER,
        token_digest=unique("digest"),
        invited_by="owner@example.com",
        expires_at=timezone.now() + timedelta(days=1),
    )
    page = signed_in(person).get("/").content.decode()
    assert "Open the link in that mail" in page
    assert person.email in page
    assert 'href="/organizations/new/"' in page
    Invitation.objects.filter(email=person.email.upper()).update(withdrawn_at=timezone.now())
    assert signed_in(person).get("/")["Location"] == "/organizations/new/"


def test_who_is_signed_in_does_not_sign_in_again(engines):
    assert signed_in(make_person()).get("/sign-in/")["Location"] == "/"
