"""The staff admin: for staff with a second factor, without tenant data and secrets."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import get_resolver

from accounts.models import User
from accounts.second_factors import SecondFactorAdapter
from accounts.staff import staff_site
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


def test_staff_switches_an_account_off_and_nothing_else():
    person, client = make_person(), signed_in(make_staff())
    path = f"/staff/admin/accounts/user/{person.pk}/change/"
    wanted = {"email": "other@example.com", "is_staff": "on", "is_superuser": "on"}
    assert client.post(path, wanted).status_code == 302
    before = person.email
    person.refresh_from_db()
    assert (person.email, person.is_active) == (before, False)
    assert (person.is_staff, person.is_superuser) == (False, False)


def test_staff_changes_neither_themselves_nor_organizations():
    staff, cast = make_staff(), make_cast()
    client = signed_in(staff)
    own = client.post(f"/staff/admin/accounts/user/{staff.pk}/change/", {})
    other = f"/staff/admin/accounts/organization/{cast.organization.pk}/"
    assert own.status_code == 403
    assert client.post(f"{other}change/", {"name": "Mine"}).status_code == 403
    assert client.post(f"{other}delete/", {"post": "yes"}).status_code == 403
    assert client.get("/staff/admin/accounts/user/add/").status_code == 403


def test_only_people_organizations_and_memberships_are_there():
    shown = {model._meta.label for model in staff_site._registry}
    assert shown == {"accounts.User", "accounts.Organization", "accounts.Membership"}
    assert get_resolver().resolve("/staff/admin/").namespace == "admin"
