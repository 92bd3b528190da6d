"""Sealed secrets: they open in one place only, and never to a damaged value."""

import pytest
from cryptography.fernet import Fernet

from audit.tenancy import tenant
from integrations.encryption import KeyRing, SealBroken
from integrations.fields import open_sealed
from integrations.models import Connection, System
from integrations.services.connections import save_connection
from integrations.services.organizations import create_organization
from tests.names import unique

SECRET = "canary-secret-7f3a"


@pytest.fixture
def ring():
    return KeyRing([Fernet.generate_key().decode()])


def connect(name="QAD"):
    organization = create_organization(name="Sealed", slug=unique("sealed"))
    return save_connection(
        organization=organization,
        system=System.QAD,
        name=name,
        address={"tenant_url": "https://acme.example/clouderp", "user": "robot"},
        secrets={"password": SECRET},
    )


def test_what_was_sealed_opens_in_its_place(ring):
    wrapped = ring.new_data_key()
    token = ring.seal(wrapped, "1/table/row/field", SECRET)
    assert SECRET not in token
    assert ring.open(wrapped, "1/table/row/field", token) == SECRET


@pytest.mark.parametrize("place", ["2/table/row/field", "1/table/other/field", "1/table/row/name"])
def test_a_token_copied_elsewhere_stays_shut(ring, place):
    wrapped = ring.new_data_key()
    token = ring.seal(wrapped, "1/table/row/field", SECRET)
    with pytest.raises(SealBroken):
        ring.open(wrapped, place, token)


def test_another_organizations_key_does_not_open_it(ring):
    token = ring.seal(ring.new_data_key(), "place", SECRET)
    with pytest.raises(SealBroken):
        ring.open(ring.new_data_key(), "place", token)


def test_a_damaged_token_is_an_error_and_never_a_value(ring):
    wrapped = ring.new_data_key()
    token = ring.seal(wrapped, "place", SECRET)
    with pytest.raises(SealBroken):
        ring.open(wrapped, "place", token[:-8] + "AAAAAAAA")


def test_a_newer_service_key_still_opens_what_an_older_one_wrapped():
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    wrapped = KeyRing([old]).new_data_key()
    token = KeyRing([old]).seal(wrapped, "place", SECRET)
    both = KeyRing([new, old])
    rewrapped = both.rewrap(wrapped)
    assert both.open(wrapped, "place", token) == SECRET
    assert KeyRing([new]).open(rewrapped, "place", token) == SECRET
    with pytest.raises(SealBroken):
        KeyRing([new]).open(wrapped, "place", token)


def test_a_connections_secret_is_sealed_and_opens_on_demand():
    connection = connect()
    assert SECRET not in connection.secrets
    assert SECRET in open_sealed(connection, "secrets")


def test_a_ciphertext_copied_into_another_row_stays_shut():
    ours, theirs = connect(), connect()
    with tenant(ours.organization_id):
        Connection.objects.filter(pk=ours.pk).update(secrets=theirs.secrets)
        stolen = Connection.objects.select_related("organization").get(pk=ours.pk)
    with pytest.raises(SealBroken):
        open_sealed(stolen, "secrets")


def test_changing_a_secret_leaves_only_that_it_changed_in_the_trail():
    from audit.models import Event

    connection = connect()
    with tenant(connection.organization_id):
        event = Event.objects.get(action="connection.saved")
    assert event.data["secrets"] == "changed"
    assert SECRET not in str(event.data)
