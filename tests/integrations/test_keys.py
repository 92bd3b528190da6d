"""Turning keys: interruptible, complete, in the trail, and honest about what may be retired."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Organization
from accounts.second_factors import SecondFactorAdapter
from audit.models import Event
from audit.tenancy import tenant
from integrations.encryption import SealBroken
from integrations.fields import key_ring, open_sealed
from integrations.models import Connection, System
from integrations.services import keys
from integrations.services.connections import save_connection
from integrations.services.organizations import create_organization
from tests.accounts.people import make_person
from tests.names import unique

SECRET = "canary-secret-51c0"


def connect(name="QAD", organization=None):
    organization = organization or create_organization(name="Keys", slug=unique("keys"))
    return save_connection(
        organization=organization,
        system=System.QAD,
        name=name,
        address={"tenant_url": "https://acme.example/clouderp", "user": "robot"},
        secrets={"password": SECRET},
    )


def kept(connection):
    with tenant(connection.organization_id):
        return Connection.objects.select_related("organization").get(pk=connection.pk)


def run_command(name, *arguments):
    out, code = StringIO(), 0
    try:
        call_command(name, *arguments, stdout=out)
    except SystemExit as end:
        code = int(end.code or 0)
    return out.getvalue(), code


def report_of(name, *arguments):
    out, code = run_command(name, *arguments, "--json")
    return json.loads(out), code


@pytest.fixture
def old_key(settings):
    return settings.ENCRYPTION_KEYS[0]


@pytest.fixture
def new_key(settings, old_key):
    """A newer key in front; at the end every data key lies under the old one again."""
    new = Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, old_key]
    yield new
    settings.ENCRYPTION_KEYS = [old_key, new]
    run_command("rotate_keys")


def test_after_a_rotation_the_old_key_is_not_needed_and_all_still_opens(settings, new_key):
    connections = [connect() for _ in range(3)]
    settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS[::-1]
    older = connect()
    settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS[::-1]
    report, code = report_of("rotate_keys")
    assert (code, report["rewrapped"] >= 1) == (1 if report["broken"] else 0, True)
    assert not {each.organization.slug for each in (*connections, older)} & set(report["broken"])
    assert [key["must_stay"] for key in report["keys"]] == [True, False]
    settings.ENCRYPTION_KEYS = [new_key]
    for connection in [*connections, older]:
        assert SECRET in open_sealed(kept(connection), "secrets")
        assert report_of("check_secrets", f"--organization={connection.organization.slug}") == (
            {"organizations": 1, "secrets": 1, "broken": []},
            0,
        )


def test_a_rotation_that_was_interrupted_goes_on_where_it_was(settings, old_key, monkeypatch):
    connections = [connect() for _ in range(4)]
    new = Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, old_key]
    mine = [connection.organization for connection in connections]
    monkeypatch.setattr(
        "integrations.management.commands.rotate_keys.list_keyed", lambda slug="": mine
    )
    done = []

    def stop_after_two(*, organization_id):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(organization_id)
        return keys.rewrap(organization_id=organization_id)

    with monkeypatch.context() as patch:
        patch.setattr("integrations.management.commands.rotate_keys.rewrap", stop_after_two)
        with pytest.raises(KeyboardInterrupt):
            call_command("rotate_keys", stdout=StringIO())
    under = [key_ring().key_of(kept(each).organization.wrapped_key) for each in connections]
    newest, oldest = key_ring().names
    assert under == [newest, newest, oldest, oldest]
    assert all(SECRET in open_sealed(kept(each), "secrets") for each in connections)
    assert report_of("rotate_keys")[0]["rewrapped"] == 2
    settings.ENCRYPTION_KEYS = [new]
    assert all(SECRET in open_sealed(kept(each), "secrets") for each in connections)
    settings.ENCRYPTION_KEYS = [old_key, new]
    assert report_of("rotate_keys")[0]["rewrapped"] == 4


def test_an_old_key_with_one_data_key_left_must_stay(settings, new_key, old_key):
    settings.ENCRYPTION_KEYS = [old_key]
    behind = connect()
    settings.ENCRYPTION_KEYS = [new_key, old_key]
    other = connect()
    report, code = report_of("rotate_keys", f"--organization={other.organization.slug}")
    assert code == 1
    assert report["keys"][1]["must_stay"]
    assert report["keys"][1]["data_keys"] >= 1
    out, _ = run_command("rotate_keys", f"--organization={behind.organization.slug}")
    assert "Key 1 (" in out


def test_a_second_rotation_does_nothing_and_the_trail_has_one_event(settings, new_key, old_key):
    settings.ENCRYPTION_KEYS = [old_key]
    connection = connect()
    settings.ENCRYPTION_KEYS = [new_key, old_key]
    assert keys.rewrap(organization_id=connection.organization_id) is True
    assert keys.rewrap(organization_id=connection.organization_id) is False
    newest, oldest = key_ring().names
    with tenant(connection.organization_id):
        event = Event.objects.get(action="key.rewrapped")
    assert event.data == {"from": oldest, "to": newest}
    assert new_key not in str(event.data)


def test_a_data_key_that_no_key_opens_is_named_and_the_others_go_on(settings, new_key, old_key):
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    lost = connect()
    settings.ENCRYPTION_KEYS = [new_key, old_key]
    report, code = report_of("rotate_keys", f"--organization={lost.organization.slug}")
    assert (report["broken"], code) == ([lost.organization.slug], 1)
    checked, code = report_of("check_secrets", f"--organization={lost.organization.slug}")
    assert code == 1
    assert [seal["reason"] for seal in checked["broken"]] == [keys.NO_KEY] * 2
    with pytest.raises(SealBroken):
        open_sealed(kept(lost), "secrets")
    Organization.objects.filter(pk=lost.organization_id).update(wrapped_key="")
    assert report_of("rotate_keys", f"--organization={lost.organization.slug}")[0]["broken"] == []


def test_a_renewed_data_key_opens_every_secret_and_the_old_one_none():
    first = connect()
    second = connect("QAD two", first.organization)
    before = kept(first)
    soon = timezone.now() + timedelta(minutes=1)
    assert keys.renew_data_key(organization_id=first.organization_id, made_before=soon)
    for connection in (first, second):
        assert SECRET in open_sealed(kept(connection), "secrets")
    with pytest.raises(SealBroken):
        key_ring().open(
            before.organization.wrapped_key,
            Connection._meta.get_field("secrets").context(before),
            kept(first).secrets,
        )
    with tenant(first.organization_id):
        assert Event.objects.get(action="key.renewed").data["secrets"] == 2


def test_a_row_that_was_read_before_the_renewal_still_opens():
    connection = connect()
    early = kept(connection)
    soon = timezone.now() + timedelta(minutes=1)
    keys.renew_data_key(organization_id=connection.organization_id, made_before=soon)
    early.organization.refresh_from_db()
    assert SECRET in open_sealed(early, "secrets")


def test_a_data_key_that_is_young_enough_is_left():
    connection = connect()
    before = kept(connection).organization.wrapped_key
    report, code = report_of(
        "rotate_keys", f"--organization={connection.organization.slug}", "--renew-older-than=1"
    )
    assert (report["renewed"], code) == (0, 0)
    assert kept(connection).organization.wrapped_key == before


def test_a_broken_secret_is_named_by_its_place_and_never_by_its_value():
    connection = connect()
    token = kept(connection).secrets
    flipped = token[:60] + ("A" if token[60] != "A" else "B") + token[61:]
    with tenant(connection.organization_id):
        Connection.objects.filter(pk=connection.pk).update(secrets=flipped)
    slug = connection.organization.slug
    report, code = report_of("check_secrets", f"--organization={slug}")
    assert code == 1
    assert report["broken"] == [
        {
            "organization": slug,
            "place": f"integrations_connection {connection.pk} secrets",
            "reason": keys.BROKEN,
        }
    ]
    out, _ = run_command("check_secrets", f"--organization={slug}")
    assert flipped not in out
    assert SECRET not in out
    with pytest.raises(SealBroken):
        open_sealed(kept(connection), "secrets")


def add_factor(key):
    """A second factor that was sealed while the service had that one key."""
    person = make_person()
    token = Fernet(key).encrypt(SECRET.encode()).decode()
    return Authenticator.objects.create(user=person, type="totp", data={"secret": token})


def test_second_factors_are_turned_too_and_keep_an_old_key_in_place(settings, new_key, old_key):
    factor = add_factor(old_key)
    other = connect()
    report, code = report_of("rotate_keys", f"--organization={other.organization.slug}")
    assert report["keys"][1]["second_factors"] >= 1
    assert (report["keys"][1]["must_stay"], code) == (True, 1)
    report, _ = report_of("rotate_keys")
    assert report["second_factors"] >= 1
    assert report["keys"][1] == {
        "key": key_ring().names[1], "data_keys": 0, "second_factors": 0, "must_stay": False,
    }  # fmt: skip
    settings.ENCRYPTION_KEYS = [new_key]
    factor.refresh_from_db()
    assert SecondFactorAdapter().decrypt(factor.data["secret"]) == SECRET


def test_a_second_factor_that_stays_shut_is_named_and_stops_no_other(settings, new_key, old_key):
    lost, kept_one = add_factor(Fernet.generate_key()), add_factor(old_key)
    report, code = report_of("rotate_keys")
    assert code == 1
    assert f"mfa_authenticator {lost.pk} secret" in report["broken"]
    kept_one.refresh_from_db()
    assert key_ring().key_of(kept_one.data["secret"]) == key_ring().names[0]
    checked, code = report_of("check_secrets")
    assert code == 1
    assert {
        "organization": "",
        "place": f"mfa_authenticator {lost.pk} secret",
        "reason": keys.NO_FACTOR,
    } in checked["broken"]
    lost.delete()
