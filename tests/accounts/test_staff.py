"""The staff admin: for staff with a second factor, without tenant data and secrets."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import get_resolver

from accounts.models import Role, User
from accounts.second_factors import SecondFactorAdapter
from accounts.staff import staff_site
from audit.models import Event
from audit.tenancy import tenant
from tests.accounts.people import make_cast, make_person, signed_in

pytestmark = pytest.mark.usefixtures("engines")
PAGES = ("", "accounts/", "accounts/user/", "accounts/organization/", "accounts/membership/")


def make_staff(*, has_factor: bool = True) -> User:
    person = make_person()
    person.is_staff = person.is_superuser = True
    person.save(update_fields=["is_staff", "is_superuser"])
    if has_factor:
        data = {"secret": SecondFactorAdapter().encrypt("ABCDEFGH")}
        Authenticator.objects.create(user=person, type="totp", data=data)
    return person


@pytest.mark.parametrize("path", PAGES)
def test_staff_with_a_second_factor_reads_people_and_organizations(path):
    assert signed_in(make_staff()).get(f"/staff/admin/{path}").status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_staff_without_a_second_factor_is_led_to_one(path):
    client = signed_in(make_staff(has_factor=False))
    assert client.get(f"/staff/admin/{path}")["Location"] == "/account/"
    assert "Staff pages need a second factor" in client.get("/account/").content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_for_everybody_else_there_is_no_such_page(path):
    assert signed_in(make_person()).get(f"/staff/admin/{path}").status_code == 404


@pytest.mark.parametrize("path", ["", "runs/", "members/", "settings/"])
def test_staff_finds_no_organization_of_which_it_is_no_member(path):
    assert signed_in(make_staff()).get(make_cast().url(path)).status_code == 404


def test_nobody_signs_in_there_but_by_the_sites_own_sign_in():
    assert Client().get("/staff/admin/")["Location"] == "/sign-in/?next=/staff/admin/"
    form = {"username": "a", "password": "b"}
    assert signed_in(make_staff()).post("/staff/admin/login/", form).status_code == 404


def test_no_page_shows_a_key_or_a_password():
    cast, staff = make_cast(), make_staff()
    person = make_person(password="correct horse battery staple")
    client = signed_in(staff)
    pages = client.get(f"/staff/admin/accounts/organization/{cast.organization.pk}/change/")
    people = client.get(f"/staff/admin/accounts/user/{person.pk}/change/")
    shown = pages.content.decode() + people.content.decode()
    assert cast.organization.name in shown
    assert cast.organization.wrapped_key not in shown
    assert person.password not in shown
    assert "argon2" not in shown


def switch(client, person, action):
    form = {"action": action, "_selected_action": [person.pk]}
    return client.post("/staff/admin/accounts/user/", form)


def test_an_account_that_staff_switches_off_is_out_at_once_and_the_trail_names_who_did_it():
    cast, staff = make_cast(), make_staff()
    person = cast.member(Role.OPERATOR)
    client = signed_in(person)
    assert client.get("/account/").status_code == 200
    switch(signed_in(staff), person, "switch_off")
    assert client.get("/account/").status_code == 302
    switch(signed_in(staff), person, "switch_on")
    person.refresh_from_db()
    assert person.is_active
    with tenant(cast.organization.pk):
        events = Event.objects.filter(action__startswith="member.account_").order_by("sequence")
        told = list(events.values_list("action", "actor", "subject_id"))
    assert told == [
        ("member.account_off", staff.email, str(person.pk)),
        ("member.account_on", staff.email, str(person.pk)),
    ]


def test_staff_without_the_right_switches_nobody_and_nobody_themselves():
    person, staff, helper = make_person(), make_staff(), make_staff()
    helper.is_superuser = False
    helper.save(update_fields=["is_superuser"])
    helper.user_permissions.set(Permission.objects.filter(codename="view_user"))
    assert signed_in(helper).get("/staff/admin/accounts/user/").status_code == 200
    switch(signed_in(helper), person, "switch_off")
    switch(signed_in(staff), staff, "switch_off")
    for one in (person, staff):
        one.refresh_from_db()
        assert one.is_active


def test_staff_changes_nothing_else():
    person, client, cast = make_person(), signed_in(make_staff()), make_cast()
    user = f"/staff/admin/accounts/user/{person.pk}/"
    other = f"/staff/admin/accounts/organization/{cast.organization.pk}/"
    for page in (user, other):
        assert client.post(f"{page}change/", {"is_superuser": "on"}).status_code == 403
        assert client.post(f"{page}delete/", {"post": "yes"}).status_code == 403
    assert client.get("/staff/admin/accounts/user/add/").status_code == 403
    person.refresh_from_db()
    assert not person.is_superuser


def test_only_people_organizations_and_memberships_are_there():
    shown = {model._meta.label for model in staff_site._registry}
    assert shown == {"accounts.User", "accounts.Organization", "accounts.Membership"}
    assert get_resolver().resolve("/staff/admin/").namespace == "admin"
