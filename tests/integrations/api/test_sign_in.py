"""Signing in to the REST API: by a live key in the header, and by nothing else."""

import hmac
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.test import Client
from django.utils import timezone

from accounts.api_keys import KeyText, Scope, new_key_text
from accounts.models import ApiKey, Membership, Role
from accounts.services.keys import revoke_key, revoke_keys_of
from audit.models import Event
from audit.tenancy import tenant
from tests.accounts.keys import make_key
from tests.accounts.people import make_cast
from tests.integrations.api.calls import Program, problem_of, program_of
from tests.names import unique


@pytest.fixture
def cast(engines):
    return make_cast(name="Adventure Works")


@pytest.fixture
def program(cast):
    return program_of(cast, name="Loader", addresses=["192.0.2.0/24", "2001:db8::/32"])


def row_of(program):
    return ApiKey.objects.filter(prefix=program.key.prefix)


def test_a_program_learns_who_it_is_and_how_far_it_may_go(cast, program):
    row = row_of(program).get()
    answer = program.call("me")
    assert answer.json() == {
        "organization": {
            "name": "Adventure Works",
            "slug": cast.organization.slug,
            "time_zone": "America/New_York",
            "base_currency": "USD",
        },
        "key": {
            "prefix": program.key.prefix,
            "name": "Loader",
            "expires_at": row.expires_at.isoformat().replace("+00:00", "Z"),
            "addresses": ["192.0.2.0/24", "2001:db8::/32"],
        },
        "scopes": [
            "connections:ping",
            "connections:read",
            "mapping:read",
            "mapping:write",
            "plans:read",
            "runs:read",
            "runs:write",
        ],
        "limits": [
            {"counted": "key", "calls": 300, "seconds": 60},
            {"counted": "organization", "calls": 1200, "seconds": 60},
            {"counted": "address", "calls": 600, "seconds": 60},
        ],
    }
    assert answer["Cache-Control"] == ("max-age=0, no-cache, no-store, must-revalidate, private")
    assert row_of(program).get().last_used_from == "192.0.2.50"


def test_a_call_without_a_key_is_told_how_to_sign_in(engines):
    answer = Program(None, unique_address()).call("me")
    problem_of(answer, 401, "api_key_missing")
    assert answer["WWW-Authenticate"] == 'Bearer realm="ml-connector"'


def unique_address():
    number = int(unique("a")[2:6], 16)
    return f"198.18.{number >> 8}.{number & 255}"


def test_a_session_of_the_browser_is_no_sign_in(cast):
    client = cast.client(Role.OWNER)
    assert client.get(cast.url("runs/")).status_code == 200
    problem_of(client.get("/api/v1/me"), 401, "api_key_missing")
    key = make_key(cast.organization, cast.member(Role.OWNER))[1]
    page = Client().get(cast.url("runs/"), headers={"Authorization": f"Bearer {key.text}"})
    assert page.status_code == 302


@pytest.mark.parametrize("scheme", ["Basic", "Token", "", "Bearer"])
def test_other_ways_to_hand_the_key_over_are_not_taken(program, scheme):
    text = program.key.text if scheme != "Bearer" else ""
    answer = Client(REMOTE_ADDR=unique_address()).get(
        "/api/v1/me", headers={"Authorization": f"{scheme} {text}".strip()}
    )
    problem_of(answer, 401, "api_key_missing")


@pytest.mark.parametrize("which", ["right", "wrong secret", "unknown", "nonsense"])
def test_each_call_compares_one_digest_in_constant_time(program, which, monkeypatch):
    keys = {
        "right": program.key,
        "wrong secret": with_wrong_secret(program),
        "unknown": new_key_text(),
        "nonsense": KeyText("nonsense", ""),
    }
    compare = Mock(side_effect=hmac.compare_digest)
    monkeypatch.setattr("accounts.authentication.hmac", Mock(compare_digest=compare))
    answer = Program(keys[which], "192.0.2.51").call("me")
    assert answer.status_code == (200 if which == "right" else 401)
    assert [len(call.args[0]) for call in compare.call_args_list] == [64]


def with_wrong_secret(program):
    return KeyText(_signed(program.key.prefix + new_key_text().text[12:-6]), "")


def test_an_unknown_key_and_a_wrong_secret_hear_the_same(program):
    """Neither form, nor prefix, nor secret tells a stranger which part was right."""
    answers = [
        Program(key, unique_address()).call("me")
        for key in (new_key_text(), with_wrong_secret(program), KeyText("nonsense", ""))
    ]
    said = [problem_of(answer, 401, "api_key_unknown") for answer in answers]
    for problem in said:
        problem.pop("request_id")
    assert said[0] == said[1] == said[2]
    assert row_of(program).get().last_used_at is None


def _signed(body):
    from accounts.api_keys import _checksum

    return body + _checksum(body)


def test_a_revoked_key_is_refused_at_the_next_call(cast, program):
    assert program.call("me").status_code == 200
    key_id = row_of(program).get().pk
    revoke_key(organization=cast.organization, key_id=key_id, revoked_by="owner@example.com")
    problem_of(program.call("me"), 401, "api_key_revoked")


def test_an_expired_key_is_refused_and_says_since_when(program):
    moment = timezone.now().replace(microsecond=0) - timedelta(seconds=1)
    row_of(program).update(expires_at=moment)
    problem = problem_of(program.call("me"), 401, "api_key_expired")
    assert moment.isoformat(timespec="seconds") in problem["detail"]


@pytest.mark.parametrize("closes_in", [timedelta(days=7), timedelta(seconds=-1)])
def test_a_closing_organization_takes_no_calls(cast, program, closes_in):
    type(cast.organization).objects.filter(pk=cast.organization.pk).update(
        closes_at=timezone.now() + closes_in
    )
    problem_of(program.call("me"), 401, "api_organization_closing")


@pytest.mark.parametrize(
    ("address", "is_taken"),
    [
        ("192.0.2.255", True),
        ("2001:db8::1", True),
        ("192.0.3.1", False),
        ("2001:db9::1", False),
    ],
)
def test_a_key_with_addresses_is_taken_from_there_only(program, address, is_taken):
    answer = Program(program.key, address).call("me", headers={"X-Forwarded-For": "192.0.2.1"})
    if is_taken:
        assert answer.status_code == 200
    else:
        problem_of(answer, 401, "api_key_wrong_address")
        assert row_of(program).get().last_used_at is None


@pytest.mark.parametrize("quote", [str, lambda text: text.replace("_", "%5F")])
def test_a_key_in_the_address_is_refused_and_marked(cast, program, quote):
    """Addresses end up in logs, so the owner must learn of it; a live header does not help."""
    answer = program.call(f"me?api_key={quote(program.key.text)}")
    problem_of(answer, 401, "api_key_in_url")
    assert program.key.text not in answer.content.decode()
    assert row_of(program).get().exposed_at is not None
    with tenant(cast.organization.pk):
        event = Event.objects.get(organization_id=cast.organization.pk, action="key.exposed")
    assert (event.actor, event.data) == (f"key {program.key.prefix}", {"address": "192.0.2.50"})


def test_the_keys_of_a_removed_member_are_refused(cast):
    admin = cast.member(Role.ADMIN)
    first, second = (program_of(cast, role=Role.ADMIN) for _ in range(2))
    revoke_keys_of(organization=cast.organization, user=admin, revoked_by="owner@example.com")
    problem_of(first.call("me"), 401, "api_key_revoked")
    row_of(second).update(revoked_at=None)
    Membership.objects.filter(organization=cast.organization, user=admin).delete()
    problem_of(second.call("me"), 401, "api_key_maker_gone")


def test_a_key_does_no_more_than_its_maker_may_do_today(cast):
    program = program_of(cast, role=Role.ADMIN)
    members = Membership.objects.filter(
        organization=cast.organization, user=cast.member(Role.ADMIN)
    )
    members.update(role=Role.VIEWER)
    assert program.call("me").json()["scopes"] == [
        "connections:read",
        "mapping:read",
        "plans:read",
        "runs:read",
    ]
    answer = program.call("runs", "post", json={"sync": "GL balances"})
    problem_of(answer, 403, "api_scope_missing")
    members.update(ends_on=cast.organization.today() - timedelta(days=1))
    problem_of(program.call("me"), 401, "api_key_maker_gone")


def test_every_scope_may_ask_who_it_is(cast):
    for scope in Scope:
        assert program_of(cast, scope).call("me").json()["scopes"] == [scope]
