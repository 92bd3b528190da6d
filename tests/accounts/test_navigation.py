"""The navigation offers what exists and what the member may open."""

import re

from django.test import Client
from django.urls import reverse

from accounts import navigation
from accounts.models import Role
from accounts.navigation import Place
from accounts.permissions import Right
from accounts.services.members import add_member
from integrations.services.organizations import create_organization
from tests.accounts.people import make_cast, make_person, signed_in
from tests.names import unique

_ENTRY = re.compile(r'<a href="([^"]+)"( aria-current="(?:page|true)")?>([^<]+)</a>')


def entries(client: Client, path: str, label: str = "Main") -> list[tuple[str, str, bool]]:
    """The words, addresses and marks of a navigation on a page."""
    page = client.get(path).content.decode()
    found = re.search(rf'<nav aria-label="{label}".*?</nav>', page, re.DOTALL)
    lines = _ENTRY.findall(found[0]) if found else []
    return [(word, url, bool(mark)) for url, mark, word in lines]


def test_the_place_that_a_page_belongs_to_is_current():
    cast = make_cast()
    marks = {word: mark for word, _, mark in entries(cast.client(), cast.url("runs/?state=failed"))}
    assert (marks["Runs"], marks["Mapping"]) == (True, False)


def test_pages_that_belong_to_a_place_at_another_address_mark_it(monkeypatch):
    place = Place("Runs", "run_list", other=("mapping",))
    monkeypatch.setattr(navigation, "ORGANIZATION_PLACES", (place,))
    cast = make_cast()
    assert entries(cast.client(), cast.url("mapping/")) == [("Runs", cast.url("runs/"), True)]


def test_the_address_above_all_is_no_place_for_the_pages_below_it(monkeypatch):
    places = (Place("Home", "organization_home"), Place("Runs", "run_list"))
    monkeypatch.setattr(navigation, "ORGANIZATION_PLACES", places)
    found = navigation.organization_entries("acme", ["view"], "/o/acme/runs/")
    assert [entry.is_current for entry in found] == [False, True]
    found = navigation.organization_entries("acme", ["view"], "/o/acme/")
    assert [entry.is_current for entry in found] == [True, False]


def test_a_place_that_does_not_exist_is_left_out(monkeypatch):
    places = (Place("Nowhere", "no_such_route"), Place("Runs", "run_list"))
    monkeypatch.setattr(navigation, "ORGANIZATION_PLACES", places)
    cast = make_cast()
    assert [word for word, _, _ in entries(cast.client(), cast.url("mapping/"))] == ["Runs"]


def test_a_place_is_shown_to_members_who_hold_its_right(monkeypatch):
    place = Place("Mapping", "mapping", Right.MANAGE_KEYS)
    monkeypatch.setattr(navigation, "ORGANIZATION_PLACES", (place,))
    cast = make_cast()
    assert len(entries(cast.client(Role.OWNER), cast.url("runs/"))) == 1
    assert entries(cast.client(Role.VIEWER), cast.url("runs/")) == []


def test_a_member_of_two_organizations_changes_between_them():
    cast = make_cast(name="First")
    person = cast.member(Role.VIEWER)
    assert entries(signed_in(person), cast.url("runs/"), "Organizations") == []
    other = create_organization(name="Second", slug=unique("second"))
    add_member(organization=other, user=person, role=Role.OWNER)
    assert entries(signed_in(person), cast.url("runs/"), "Organizations") == [
        ("First", cast.url(), True),
        ("Second", f"/o/{other.slug}/", False),
    ]


def test_only_staff_is_offered_the_pages_of_the_staff():
    cast = make_cast()
    person = make_person()
    add_member(organization=cast.organization, user=person, role=Role.VIEWER)
    components = ("Components", reverse("components"), False)
    assert components not in entries(signed_in(person), cast.url("runs/"), "You")
    person.is_staff = True
    person.save(update_fields=["is_staff"])
    assert components in entries(signed_in(person), cast.url("runs/"), "You")
