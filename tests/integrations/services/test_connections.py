"""Saving a connection: a stored secret never follows an address elsewhere."""

import pytest
from django.utils import timezone

from accounts.errors import Refused
from audit.context import acting
from audit.models import Event
from audit.tenancy import tenant
from integrations.fields import open_sealed
from integrations.models import Connection, ProfileVersion, System
from integrations.services.connections import (
    add_connection,
    change_connection,
    save_connection,
)
from integrations.services.organizations import create_organization
from tests.integrations.transport.address_table import ODD_URLS
from tests.names import unique

SECRET = "canary-secret-90aa"
HOME = "https://acme.example.com/clouderp"


@pytest.fixture
def organization():
    return create_organization(name="Saved", slug=unique("saved"))


def save(organization, url=HOME, secrets=None, **address):
    return save_connection(
        organization=organization,
        system=System.QAD,
        name="QAD",
        address={"tenant_url": url, "user": "robot", **address},
        secrets=secrets,
    )


def kept(organization):
    with tenant(organization.pk):
        row = Connection.objects.select_related("organization").filter(organization=organization)
        return row.first()


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example.com/clouderp",
        "https://acme.example.com:8443/clouderp",
        "https://acme.example.com.evil.example.com/clouderp",
    ],
)
def test_another_host_asks_for_the_secret_again_and_nothing_is_changed(organization, elsewhere):
    save(organization, secrets={"password": SECRET})
    before = kept(organization)
    with pytest.raises(Refused) as refused:
        save(organization, elsewhere)
    assert refused.value.code == "secret_needed"
    after = kept(organization)
    assert (after.address, after.secrets) == (before.address, before.secrets)
    save(organization, elsewhere, secrets={"password": "typed again"})
    assert "typed again" in open_sealed(kept(organization), "secrets")


def test_a_host_that_is_added_asks_for_the_secret_too(organization):
    save(organization, secrets={"password": SECRET})
    with pytest.raises(Refused):
        save(organization, token_host="https://evil.example.com")


def test_another_path_or_user_on_the_same_host_keeps_the_secret(organization):
    with acting("first@example.com"):
        first = save(organization, secrets={"password": SECRET})
    with acting("second@example.com"):
        save(organization, "https://ACME.example.com/qad-central/", user="other")
    after = kept(organization)
    assert after.address["tenant_url"] == "https://ACME.example.com/qad-central"
    assert after.secrets_set_at == first.secrets_set_at
    assert after.secrets_set_by == "first@example.com"
    assert SECRET in open_sealed(after, "secrets")
    with tenant(organization.pk):
        events = Event.objects.filter(action="connection.saved").order_by("sequence")
        assert [event.data["secrets"] for event in events] == ["changed", "kept"]


def test_a_new_connection_needs_its_secret(organization):
    with pytest.raises(Refused) as refused:
        save(organization)
    assert refused.value.code == "secret_needed"
    assert kept(organization) is None


@pytest.mark.parametrize("url", [*ODD_URLS, f"{HOME}/../admin", f"{HOME}/%2e%2e/x", f"{HOME}?a=1"])
def test_an_odd_address_is_not_saved(organization, url):
    with pytest.raises(Refused) as refused:
        save(organization, url, secrets={"password": SECRET})
    assert refused.value.code == "address_invalid"
    assert kept(organization) is None


def test_a_name_is_taken_once_for_each_system(organization):
    add(organization, "Head office")
    with pytest.raises(Refused) as refused:
        add(organization, "Head office")
    assert refused.value.code == "connection_name_taken"
    add(organization, "Head office", System.ANAPLAN)


def add(organization, name, system=System.QAD):
    return add_connection(
        organization=organization, system=system, name=name,
        address={"tenant_url": HOME, "user": "robot"}, secrets={"password": SECRET},
    )  # fmt: skip


def test_a_changed_connection_keeps_its_secret_and_is_tried_anew(organization):
    row = add(organization, "Head office")
    with tenant(organization.pk):
        Connection.objects.filter(pk=row.pk).update(paused_code="x", paused_at=timezone.now())
    changed = change_connection(
        organization=organization, connection_id=row.pk, name="Plant",
        address={"tenant_url": HOME + "/test", "user": "robot"}, secrets=None,
    )  # fmt: skip
    assert (changed.name, changed.paused_code, changed.paused_at) == ("Plant", "", None)
    assert SECRET in open_sealed(changed, "secrets")


def test_a_connection_of_nobody_is_not_changed(organization):
    with pytest.raises(Refused) as refused:
        change_connection(
            organization=organization, connection_id=0, name="x", address={}, secrets=None
        )
    assert refused.value.code == "connection_unknown"


def test_each_changed_profile_is_a_version_and_the_same_one_is_not(organization):
    for size in (10, 10, 20):
        save_connection(
            organization=organization, system=System.QAD, name="QAD",
            address={"tenant_url": HOME}, secrets={"password": SECRET},
            profile={"paging": {"size": size}},
        )  # fmt: skip
    save(organization)
    with tenant(organization.pk):
        found = [row.profile["paging"]["size"] for row in ProfileVersion.objects.order_by("number")]
    assert found == [10, 20]
    assert kept(organization).profile == {"paging": {"size": 20}}
