"""The way to one's organization."""

import re

from django.test import Client

from accounts.models import Role
from accounts.services.members import add_member
from tests.accounts.people import make_cast, make_person, signed_in


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


def test_a_member_of_none_is_told_what_to_do(engines):
    person = make_person()
    page = signed_in(person).get("/").content.decode()
    assert "not a member of any organization" in page
    assert person.email in page


def test_who_is_signed_in_does_not_sign_in_again(engines):
    assert signed_in(make_person()).get("/sign-in/")["Location"] == "/"
