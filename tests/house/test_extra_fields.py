"""A form takes the fields that it shows: columns that somebody adds to it reach no table."""

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from accounts.models import Role, User
from audit.tenancy import tenant
from tests.accounts.mail import code_in, mails_to
from tests.accounts.people import PASSWORD, make_person, signed_in
from tests.house.matrix import ORGANIZATION
from tests.house.routes import fill
from tests.house.tenants import client_of, form_of, full_house, tables, things_of
from tests.names import unique

APPS = ("accounts", "integrations", "audit")
# Fields of forms that have a column's name and a meaning of their own.
ASKED_FOR = {"extra_rights", "addresses"}
PRESSED = [address for address, line in ORGANIZATION.items() if "POST" in line]
# A new key is shown at once; everything else leads to a page.
DONE = {200, 302}
# What another system would have to answer first, which is not there.
UNANSWERED = {
    "/o/<slug>/connections/qad/<qad_id>/workspace/refresh/",
    "/o/<slug>/connections/<connection_id>/model/choose/",
    "/o/<slug>/mapping/lists/choose/",
    "/o/<slug>/syncs/<sync_id>/elsewhere/",
    # The plan there is published already.
    "/o/<slug>/plans/<version_id>/publish/",
}
# Forms of a whole profile, which is refused unless all of it is sent and known.
REFUSED_WHOLE = {
    f"/o/<slug>/connections/<connection_id>/profile/{form}/"
    for form in ("instance", "json", "add", "documents/<document>")
}


def columns(mark):
    """Every column of every table of the product as a field of a form, with one value."""
    models = [model for model in apps.get_models() if model._meta.app_label in APPS]
    fields = [field for model in models for field in model._meta.concrete_fields]
    names = {name for field in fields for name in (field.name, field.attname)}
    assert {"is_staff", "state", "requested_by", "digest", "organization_id"} <= names
    return dict.fromkeys(names - ASKED_FOR, mark)


def tables_with(mark, organization_id):
    """The tables in which a value stands anywhere, seen from inside an organization."""
    found = []
    with tenant(organization_id), connection.cursor() as cursor:
        for table in tables():
            cursor.execute(
                f"SELECT 1 FROM {table.name} AS t WHERE t::text LIKE %s LIMIT 1", [f"%{mark}%"]
            )
            found += [table.name] if cursor.fetchone() else []
    return found


@pytest.mark.parametrize("address", PRESSED)
def test_a_column_beside_the_fields_of_a_form_is_not_written(address, engines):
    house, run = full_house()
    mark = unique("planted")
    form = {**columns(mark), **form_of(house, run)}
    path = fill(address, things_of(house, run))
    answer = client_of(house, Role.OWNER).post(path, form)
    assert answer.status_code in ({422} if address in UNANSWERED | REFUSED_WHOLE else DONE)
    assert tables_with(mark, house.organization.pk) == []


def test_who_makes_an_organization_chooses_nothing_but_what_the_form_shows(engines):
    person, mark = make_person(), unique("planted")
    shown = {"name": "Chosen", "time_zone": "UTC", "base_currency": "USD"}
    client = signed_in(person)
    home = client.post("/organizations/new/", {**columns(mark), **shown})["Location"]
    membership = person.memberships.get()
    assert home == f"/o/{membership.organization.slug}/start/"
    assert tables_with(mark, membership.organization_id) == []


def test_nobody_signs_up_as_staff(engines):
    email, client = f"{unique('person')}@example.com", Client(REMOTE_ADDR="198.51.100.201")
    powers = {"is_staff": "on", "is_superuser": "on", "groups": "1", "user_permissions": "1"}
    client.post("/sign-up/", {"email": email, "password1": PASSWORD, **powers})
    client.post("/sign-up/code/", {"code": code_in(mails_to(email)[0]), **powers})
    person = User.objects.get(email=email)
    assert client.session["_auth_user_id"] == str(person.pk)
    assert (person.is_staff, person.is_superuser) == (False, False)
    assert not person.user_permissions.exists()
