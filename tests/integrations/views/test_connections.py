"""The pages of connections: the list, one of them, its removal."""

import html

import pytest

from accounts.models import Role
from audit.models import Event
from audit.tenancy import tenant
from integrations.models import Connection, System
from integrations.services.connections import add_connection
from tests.accounts.people import make_cast
from tests.integrations.scenes import make_house

SECRET = "canary-secret-51c3"


@pytest.fixture
def cast(engines):
    return make_cast()


def connect(cast, name="Head office"):
    return add_connection(
        organization=cast.organization, system=System.QAD, name=name,
        address={"tenant_url": "https://acme.example.com/clouderp", "user": "robot"},
        secrets={"password": SECRET},
    )  # fmt: skip


def read(cast, path, role=Role.VIEWER):
    return html.unescape(cast.client(role).get(cast.url(path)).content.decode())


def test_an_organization_without_connections_is_told_what_they_are(cast):
    page = read(cast, "connections/")
    assert "Nothing is connected yet." in page
    assert "A ping then tells step by step whether both sides work." in page


def test_the_list_and_the_page_say_where_it_is_and_never_the_secret(cast):
    connection = connect(cast)
    listed, page = read(cast, "connections/"), read(cast, f"connections/{connection.pk}/")
    assert "https://acme.example.com/clouderp" in listed
    assert "Not tried" in listed
    assert "robot" in page
    assert "OAuth2 with user and password" in page
    assert SECRET not in listed + page


def test_only_who_may_connect_is_offered_the_removal(cast):
    connection = connect(cast)
    address = f"connections/{connection.pk}/"
    assert "Remove Head office" in read(cast, address, Role.ADMIN)
    assert "Remove Head office" not in read(cast, address, Role.OPERATOR)


def test_removing_takes_the_secret_along_and_stands_in_the_trail(cast):
    connection = connect(cast)
    path = cast.url(f"connections/{connection.pk}/remove/")
    assert "stored secrets are deleted" in cast.client(Role.ADMIN).get(path).content.decode()
    answer = cast.client(Role.ADMIN).post(path, follow=True)
    assert "Head office is removed, and its secrets with it." in answer.content.decode()
    with tenant(cast.organization.pk):
        assert not Connection.objects.filter(pk=connection.pk).exists()
        event = Event.objects.filter(action="connection.removed").get()
    assert event.subject_id == "Head office"


def test_a_connection_that_a_sync_uses_stays(engines):
    house = make_house()
    path = house.url(f"connections/{house.sync.source_id}/remove/")
    answer = house.client(Role.OWNER).post(path, follow=True)
    assert "qad is used by GL balances." in html.unescape(answer.content.decode())
    with tenant(house.organization.pk):
        assert Connection.objects.filter(pk=house.sync.source_id).exists()
