"""Connections to Anaplan: one refresh for all, paused once, and never a lost refresh token."""

import threading

import pytest
from django.core import mail
from django.db import connections
from redis.exceptions import ConnectionError as RedisAway

from accounts.models import Role
from audit.models import Event
from audit.tenancy import tenant
from integrations.fields import open_sealed
from integrations.models import Connection, System
from integrations.qad.profile import default_profile
from integrations.services import tokens as token_service
from integrations.services.clients import build_anaplan, build_qad
from integrations.services.connections import add_connection, change_connection
from integrations.services.pausing import pause_connection, resume_connection
from integrations.services.renewals import InsideTransaction, KeptRenewals
from integrations.services.tokens import RedisTokenStore, database_lock, redis_client
from integrations.transport.errors import IntegrationError
from tests.accounts.people import make_cast
from tests.integrations.anaplan.conftest import StandIn
from tests.integrations.anaplan_scene import address_for, approve, connect, fresh, start_anaplan
from tests.integrations.transport.odd_server import OddServer, plain
from tests.parallel import all_at_once
from tests.simulators.anaplan.client import ANNA

WRONG = "canary-wrong-77d0"


@pytest.fixture(scope="module")
def stand_in(engines, tmp_path_factory):
    with start_anaplan(tmp_path_factory.mktemp("anaplan")) as running:
        yield StandIn(running.origin)


@pytest.fixture
def cast(engines):
    return make_cast()


def events(cast, action):
    with tenant(cast.organization.pk):
        return [event.data for event in Event.objects.filter(action=action).order_by("pk")]


def call(row, build, options):
    client = build(row, **options)
    return client.me() if build is build_anaplan else client.read_all("entity", workspace=None)


def code_of(row, build=build_anaplan, **options):
    with pytest.raises(IntegrationError) as caught:
        call(row, build, options)
    assert WRONG not in repr(vars(caught.value))
    return caught.value.code


def test_a_hundred_parallel_calls_of_all_workers_refresh_once(stand_in, cast):
    row = approve(connect(cast.organization, stand_in.origin, "oauth_code"))
    redis_client().flushdb()
    kept, before = open_sealed(row, "renewal"), stand_in.count("oauth_refreshes")
    workers = [build_anaplan(fresh(row)) for _ in range(10)]
    found = all_at_once(100, lambda number: workers[number % 10]._calls._tokens.get())
    assert (len(found), len(set(found))) == (100, 1)
    assert stand_in.count("oauth_refreshes") - before == 1
    assert open_sealed(fresh(row), "renewal") != kept


def test_without_redis_the_database_keeps_refreshes_apart(stand_in, cast, monkeypatch):
    row = approve(connect(cast.organization, stand_in.origin, "oauth_code"))
    before = stand_in.count("oauth_refreshes")

    def away(*_arguments, **_options):
        raise RedisAway

    clients = [build_anaplan(fresh(row)) for _ in range(10)]
    for name in ("get", "set", "register_script"):
        monkeypatch.setattr(redis_client(), name, away)
    monkeypatch.setattr(token_service, "PAUSE_SECONDS", 0.01)
    found = all_at_once(10, lambda number: clients[number]._calls._tokens.get())
    assert len(set(found)) == 10
    assert stand_in.count("oauth_refreshes") - before == 10
    assert fresh(row).paused_at is None


def test_the_databases_lock_is_held_by_one_and_given_back():
    entered, leave = threading.Event(), threading.Event()

    def hold():
        try:
            with database_lock("one", 1):
                entered.set()
                leave.wait(5)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    entered.wait(5)
    with database_lock("one", 0) as got, database_lock("other", 0) as other:
        assert (got, other) == (False, True)
    leave.set()
    thread.join()
    with database_lock("one", 1) as got:
        assert got


def test_an_exchange_that_outlives_its_lock_in_redis_stays_alone(stand_in, cast):
    row = approve(connect(cast.organization, stand_in.origin, "oauth_code"))
    changed = fresh(row)
    changed.address = {**row.address, "refresh_seconds": "86400"}
    entered, leave = threading.Event(), threading.Event()

    def hold():
        try:
            with RedisTokenStore(row).lock(0.2):
                entered.set()
                leave.wait(5)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    entered.wait(5)
    for version in (row, changed):
        with RedisTokenStore(version).lock(0.4) as got:
            assert not got
    leave.set()
    thread.join()
    with RedisTokenStore(row).lock(1) as got:
        assert got


def test_a_refresh_inside_a_transaction_is_a_bug_that_loses_nothing(stand_in, cast):
    row = approve(connect(cast.organization, stand_in.origin, "oauth_code"))
    redis_client().flushdb()
    before = stand_in.count("oauth_refreshes")
    with pytest.raises(InsideTransaction), tenant(cast.organization.pk):
        build_anaplan(row).me()
    assert stand_in.count("oauth_refreshes") == before
    assert build_anaplan(fresh(row)).me().email == ANNA[0]


def test_an_approval_that_is_newer_is_not_overwritten_by_a_refresh(stand_in, cast):
    row = approve(connect(cast.organization, stand_in.origin, "oauth_code"))
    renewals = KeptRenewals(row)
    renewals.replace("another one", "stale")
    assert open_sealed(fresh(row), "renewal") == open_sealed(row, "renewal")
    renewals.replace(open_sealed(row, "renewal"), "next")
    assert open_sealed(fresh(row), "renewal") == "next"


def test_a_refused_password_pauses_once_mails_once_and_is_not_shown_again(stand_in, cast):
    owner, admin = cast.member(Role.OWNER).email, cast.member(Role.ADMIN).email
    cast.member(Role.OPERATOR)
    row = connect(cast.organization, stand_in.origin, secrets={"password": WRONG})
    before = len(stand_in.calls("/token/authenticate"))
    assert code_of(row) == "anaplan_sign_in_refused"
    for _ in range(3):
        assert code_of(fresh(row)) == "connection_paused"
        assert not pause_connection(fresh(row), IntegrationError("anaplan_sign_in_refused"))
    assert len(stand_in.calls("/token/authenticate")) - before == 1
    assert fresh(row).paused_code == "anaplan_sign_in_refused"
    assert events(cast, "connection.paused") == [
        {"system": "anaplan", "code": "anaplan_sign_in_refused"}
    ]
    assert sorted(letter.to[0] for letter in mail.outbox) == sorted([owner, admin])
    text = mail.outbox[0].subject + mail.outbox[0].body
    assert f"{row.name} is paused" in text
    assert "type the password here again" in text
    assert f"/o/{cast.organization.slug}/connections/{row.pk}/" in text
    assert WRONG not in text


def test_a_pause_ends_by_a_new_secret_or_on_purpose(stand_in, cast):
    row = connect(cast.organization, stand_in.origin, secrets={"password": WRONG})
    code_of(row)
    change_connection(
        organization=cast.organization, connection_id=row.pk, name=row.name,
        address=row.address, secrets={"password": ANNA[1]},
    )  # fmt: skip
    assert build_anaplan(fresh(row)).me().email == ANNA[0]
    pause_connection(fresh(row), IntegrationError("anaplan_source_refused", host="x"))
    assert code_of(fresh(row)) == "connection_paused"
    assert build_anaplan(fresh(row), even_if_paused=True).me().email == ANNA[0]
    for was_paused in (True, False):
        mine = {"organization": cast.organization, "connection_id": row.pk}
        assert resume_connection(**mine) is was_paused
    assert build_anaplan(fresh(row)).me().email == ANNA[0]
    assert events(cast, "connection.resumed") == [
        {"system": "anaplan", "code": "anaplan_source_refused"}
    ]


def test_what_was_changed_meanwhile_is_not_paused(stand_in, cast):
    row = connect(cast.organization, stand_in.origin, secrets={"password": WRONG})
    change_connection(
        organization=cast.organization, connection_id=row.pk, name=row.name,
        address=row.address, secrets={"password": ANNA[1]},
    )  # fmt: skip
    assert code_of(row) == "anaplan_sign_in_refused"
    assert fresh(row).paused_at is None
    assert mail.outbox == []


@pytest.mark.parametrize("mode", ["oauth2_password", "basic"])
def test_qad_is_paused_by_the_same_rule(cast, mode):
    profile = default_profile()
    profile["auth"]["mode"] = mode
    cast.member(Role.OWNER)
    with OddServer([plain(b"{}", 401)]) as qad:
        row = add_connection(
            organization=cast.organization, system=System.QAD, name="QAD",
            address={"tenant_url": qad.url, "user": "robot"},
            secrets={"password": WRONG, "client_id": "x"}, profile=profile,
        )  # fmt: skip
        assert code_of(fresh(row), build_qad) == "qad_unauthorized"
        calls = len(qad.calls)
        assert code_of(fresh(row), build_qad) == "connection_paused"
        assert len(qad.calls) == calls
        assert code_of(fresh(row), build_qad, even_if_paused=True) == "qad_unauthorized"
    assert len(mail.outbox) == 1


def test_a_dead_refresh_token_pauses_and_a_new_approval_ends_it(stand_in, cast):
    row = approve(connect(cast.organization, stand_in.origin, "oauth_code"))
    redis_client().flushdb()
    stand_in.look("clock", {"minutes": 43_000 / 60 + 1})
    assert code_of(row) == "anaplan_approval_ended"
    assert fresh(row).paused_code == "anaplan_approval_ended"
    again = approve(fresh(row))
    assert again.paused_at is None
    assert build_anaplan(again).me().email == ANNA[0]


def test_one_that_nobody_approved_is_not_paused_and_makes_no_call(stand_in, cast):
    row = connect(cast.organization, stand_in.origin, "oauth_code")
    before = len(stand_in.calls("/oauth/token"))
    assert code_of(row) == "anaplan_not_approved"
    assert len(stand_in.calls("/oauth/token")) == before
    assert fresh(row).paused_at is None


def test_another_user_behind_the_same_secret_does_not_get_the_kept_token(stand_in, cast):
    row = connect(cast.organization, stand_in.origin)
    build_anaplan(row).me()
    assert RedisTokenStore(row).read() is not None
    with tenant(cast.organization.pk):
        Connection.objects.filter(pk=row.pk).update(
            address=address_for(stand_in.origin, "basic", user="bo@lamps.example")
        )
    assert RedisTokenStore(fresh(row)).read() is None
