"""Keys: what they look like, what is kept of them, and how many there may be."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.api_keys import (
    LIVE_KEYS_AN_ORGANIZATION,
    Scope,
    keys_in_query,
    new_key_text,
    read_key_text,
    scopes_within,
)
from accounts.errors import Refused
from accounts.models import ApiKey, Role
from accounts.permissions import RIGHTS
from accounts.services.keys import (
    mark_exposed,
    note_use,
    revoke_all_keys,
    revoke_key,
    revoke_keys_of,
)
from audit.models import Event
from audit.tenancy import tenant
from tests.accounts.keys import make_key
from tests.accounts.people import make_cast, make_person


@pytest.fixture
def cast(engines):
    return make_cast()


@pytest.fixture
def owner(cast):
    return cast.member(Role.OWNER)


def events_of(cast, subject):
    with tenant(cast.organization.pk):
        found = Event.objects.filter(
            organization_id=cast.organization.pk, subject_id=subject
        ).order_by("sequence")
        return [(event.action, event.data) for event in found]


def live_count(cast):
    return ApiKey.objects.filter(organization=cast.organization, revoked_at__isnull=True).count()


def test_a_key_is_known_by_its_form_and_its_checksum():
    key = new_key_text()
    assert len(key.text) == 12 + 1 + 43 + 6
    assert key.text.startswith(f"{key.prefix}_")
    assert read_key_text(key.text) == key
    last = "0" if key.text[-1] != "0" else "1"
    assert read_key_text(key.text[:-1] + last) is None
    assert (
        read_key_text(key.text[:20] + ("a" if key.text[20] != "a" else "b") + key.text[21:]) is None
    )
    assert read_key_text(key.text + "x") is None
    assert read_key_text("") is None


def test_no_two_keys_are_alike():
    assert len({new_key_text().text for _ in range(200)}) == 200


def test_a_key_in_a_query_is_found_however_it_is_quoted():
    key = new_key_text()
    quoted = key.text.replace("_", "%5f").replace("m", "%6D", 1)
    assert keys_in_query(f"a=1&key={key.text}&b=2") == [key]
    assert keys_in_query(f"key={quoted}") == [key]
    assert keys_in_query("key=mlc_short&limit=3") == []


def test_only_a_digest_of_the_key_is_kept(cast, owner):
    made, key = make_key(cast.organization, owner)
    kept = ApiKey.objects.filter(pk=made.pk).values().get()
    assert kept["digest"] == hashlib.sha256(key.text.encode()).hexdigest()
    secret = key.text.removeprefix(key.prefix)
    assert all(secret not in str(value) for value in kept.values())
    [(action, data)] = events_of(cast, key.prefix)
    assert action == "key.created"
    assert data["scopes"] == sorted(Scope)
    assert secret not in str(data)


@pytest.mark.parametrize(("days", "is_taken"), [(-1, False), (0, True), (365, True), (366, False)])
def test_a_key_ends_within_a_year(cast, owner, days, is_taken):
    day = cast.organization.today() + timedelta(days=days)
    if not is_taken:
        with pytest.raises(Refused) as refused:
            make_key(cast.organization, owner, ends_on=day)
        assert refused.value.code == "key_expiry_out_of_range"
        assert live_count(cast) == 0
        return
    made, _ = make_key(cast.organization, owner, ends_on=day)
    assert made.expires_at - timezone.now() > timedelta(days=days)
    assert made.expires_at - timezone.now() <= timedelta(days=days + 1)


def test_addresses_are_kept_as_ranges_and_wrong_ones_refused(cast, owner):
    made, _ = make_key(cast.organization, owner, addresses=["203.0.113.7", "2001:db8:1::5/48"])
    assert made.addresses == ["203.0.113.7/32", "2001:db8:1::/48"]
    with pytest.raises(Refused) as refused:
        make_key(cast.organization, owner, addresses=["203.0.113.300"])
    assert refused.value.message == ("203.0.113.300 is neither an IP address nor a range of them.")
    assert live_count(cast) == 1


def test_nobody_makes_a_key_that_may_do_more_than_they(cast):
    viewer = cast.member(Role.VIEWER)
    with pytest.raises(Refused) as refused:
        make_key(cast.organization, viewer, Scope.RUNS_WRITE, role=Role.VIEWER)
    assert refused.value.code == "key_scope_beyond_rights"
    assert live_count(cast) == 0
    assert scopes_within(["runs:read", "runs:write"], RIGHTS[Role.VIEWER]) == {Scope.RUNS_READ}


def test_two_live_keys_never_have_one_name(cast, owner):
    made, _ = make_key(cast.organization, owner, name="Loader")
    with pytest.raises(Refused) as refused:
        make_key(cast.organization, owner, name="Loader")
    assert refused.value.code == "key_name_taken"
    revoke_key(organization=cast.organization, key_id=made.pk, revoked_by=owner.email)
    make_key(cast.organization, owner, name="Loader")
    assert live_count(cast) == 1


def test_keys_made_at_once_stop_exactly_at_the_limit(cast, owner):
    """Without the lock each of them would count before any of them was made."""
    free = 2
    for _ in range(LIVE_KEYS_AN_ORGANIZATION - free):
        make_key(cast.organization, owner)

    def race(_number):
        try:
            make_key(cast.organization, owner)
        except Refused as refused:
            return refused.code
        finally:
            connection.close()
        return "made"

    with ThreadPoolExecutor(12) as threads:
        ends = list(threads.map(race, range(50)))
    assert ends.count("made") == free
    assert ends.count("key_limit_reached") == 50 - free
    assert live_count(cast) == LIVE_KEYS_AN_ORGANIZATION


def test_revoking_is_told_once_and_not_done_to_others(cast, owner):
    made, key = make_key(cast.organization, owner)
    other = make_cast()
    with pytest.raises(Refused):
        revoke_key(organization=other.organization, key_id=made.pk, revoked_by="x@example.com")
    assert live_count(cast) == 1
    revoke_key(organization=cast.organization, key_id=made.pk, revoked_by=owner.email)
    with pytest.raises(Refused) as refused:
        revoke_key(organization=cast.organization, key_id=made.pk, revoked_by=owner.email)
    assert refused.value.code == "key_not_live"
    assert [action for action, _ in events_of(cast, key.prefix)] == ["key.created", "key.revoked"]


def test_the_keys_of_one_member_or_of_all_end_together(cast, owner):
    admin = cast.member(Role.ADMIN)
    for person in (owner, owner, admin):
        make_key(cast.organization, person)
    by = owner.email
    assert revoke_keys_of(organization=cast.organization, user=make_person(), revoked_by=by) == 0
    assert revoke_keys_of(organization=cast.organization, user=owner, revoked_by=by) == 2
    assert live_count(cast) == 1
    assert revoke_all_keys(organization=cast.organization, revoked_by=by) == 1
    assert live_count(cast) == 0


def test_the_last_use_is_written_once_a_minute(cast, owner):
    made, _ = make_key(cast.organization, owner)
    note_use(made, "203.0.113.7")
    first = ApiKey.objects.get(pk=made.pk)
    note_use(first, "203.0.113.8")
    assert ApiKey.objects.get(pk=made.pk).last_used_from == "203.0.113.7"
    ApiKey.objects.filter(pk=made.pk).update(last_used_at=timezone.now() - timedelta(seconds=61))
    note_use(ApiKey.objects.get(pk=made.pk), "203.0.113.8")
    assert ApiKey.objects.get(pk=made.pk).last_used_from == "203.0.113.8"


def test_an_exposed_key_is_marked_once_and_a_guessed_one_never(cast, owner):
    made, key = make_key(cast.organization, owner)
    stranger = new_key_text()
    mark_exposed(stranger, "203.0.113.7")
    mark_exposed(type(key)(stranger.text, key.prefix), "203.0.113.7")
    assert ApiKey.objects.get(pk=made.pk).exposed_at is None
    mark_exposed(key, "203.0.113.7")
    mark_exposed(key, "203.0.113.7")
    assert ApiKey.objects.get(pk=made.pk).exposed_at is not None
    assert [action for action, _ in events_of(cast, key.prefix)] == ["key.created", "key.exposed"]
