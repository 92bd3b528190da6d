"""The life of a ping: joined, cancelled, capped, broken off; and what it leaves behind."""

import json
import logging
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection as database
from django.utils import timezone

from accounts.errors import Refused
from audit.models import Event
from audit.tenancy import tenant
from integrations.models import Connection, Ping
from integrations.selectors.pings import list_pings, ping_report
from integrations.services.connections import remove_connection
from integrations.services.pinging import carrying
from integrations.services.pinging.asking import cancel_ping, start_ping
from integrations.services.tokens import RedisTokenStore
from tests.integrations.pinging.conftest import (
    ANAPLAN_SECRET,
    ask,
    connect_anaplan,
    connect_qad,
    look,
    ping_of,
    states,
)

CANARY = "Zaunk-onig 77f1 & Rabe"


@pytest.fixture
def connection(sides, cast):
    return connect_qad(cast.organization, sides.qad.url)


def cancel(connection, ping):
    cancel_ping(
        organization=connection.organization,
        connection_id=connection.pk,
        ping_id=ping.pk,
        asked_by="owner@example.com",
    )


def change(ping, **fields):
    with tenant(ping.organization_id):
        Ping.objects.filter(pk=ping.pk).update(**fields)


def events(connection, action):
    with tenant(connection.organization_id):
        found = Event.objects.filter(action=action).order_by("pk")
        return [(event.actor, event.subject_id, event.data) for event in found]


def test_a_second_press_joins_the_ping_that_runs_and_a_third_after_its_end_is_a_new_one(connection):
    first = ask(connection)
    assert ask(connection).pk == first.pk
    carrying.carry_out(connection.organization_id, first.pk)
    assert ask(connection).pk != first.pk


def test_two_presses_at_the_same_moment_make_one_ping(connection):
    begun, made = threading.Barrier(4), []

    def press():
        begun.wait(5)
        made.append(ask(connection).pk)
        database.close()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(made) == 4
    assert len(set(made)) == 1


def test_two_workers_that_get_one_ping_carry_it_out_once(sides, connection):
    ping, taken = ask(connection), []

    def on_step():
        taken.append(1)
        carrying.carry_out(connection.organization_id, ping.pk, on_step=on_step)

    carrying.carry_out(connection.organization_id, ping.pk, on_step=on_step)
    carrying.carry_out(connection.organization_id, ping.pk, on_step=on_step)
    assert len(taken) == 8
    assert sides.qad.count("tokens") == 1


def test_steps_are_kept_as_they_end_and_nothing_is_asked_inside_a_transaction(connection):
    ping, seen = ask(connection), []

    def on_step():
        assert not database.in_atomic_block
        seen.append([step.state for step in look(connection, ping).steps])

    carrying.carry_out(connection.organization_id, ping.pk, on_step=on_step)
    assert len(seen) == 8
    assert seen[0] == ["ok", "running", *["waiting"] * 6]
    assert seen[3][3:5] == ["ok", "running"]


def test_a_ping_that_nobody_took_is_cancelled_at_once_and_never_carried_out(sides, connection):
    ping = ask(connection)
    cancel(connection, ping)
    carrying.carry_out(connection.organization_id, ping.pk)
    found = look(connection, ping)
    assert (found.state, set(states(found).values())) == ("cancelled", {"skipped"})
    assert found.steps[0].found == "Not tried: the ping was cancelled."
    assert sides.qad.call("GET", "requests")["count"] == 0


def test_a_running_ping_stops_before_its_next_step(sides, connection):
    ping = ask(connection)

    def on_step():
        if states(look(connection, ping))["sign_in"] == "ok":
            cancel(connection, ping)

    carrying.carry_out(connection.organization_id, ping.pk, on_step=on_step)
    found = look(connection, ping)
    assert found.state == "cancelled"
    assert (states(found)["sign_in"], states(found)["list"]) == ("ok", "skipped")
    assert sides.qad.call("GET", "requests?path=Entities")["count"] == 0
    with pytest.raises(Refused) as caught:
        cancel(connection, ping)
    assert caught.value.code == "ping_has_ended"
    assert [data["by"] for _, _, data in events(connection, "connection.ping_cancelled")] == [
        "owner@example.com"
    ]


def test_a_ping_of_a_connection_that_is_removed_stops_without_a_word(sides, connection):
    ping, taken = ask(connection), []

    def on_step():
        taken.append(1)
        remove_connection(organization=connection.organization, connection_id=connection.pk)

    carrying.carry_out(connection.organization_id, ping.pk, on_step=on_step)
    assert taken == [1]
    assert sides.qad.call("GET", "requests")["count"] == 0
    assert events(connection, "connection.ping_ended") == []


def test_no_call_waits_longer_than_the_ping_may_work(sides, connection, monkeypatch):
    monkeypatch.setattr(carrying, "LONGEST", timedelta(seconds=0.6))
    sides.qad.fault(path="organization/Entities", kind="slow", seconds=2.5, times=1)
    began = time.monotonic()
    found = ping_of(connection)
    assert time.monotonic() - began < 1.6
    assert (found.failed_step.name, found.failed_step.problem.code) == ("list", "answer_timeout")
    assert states(found)["read"] == "skipped"


def test_no_call_is_tried_again_past_the_end(sides, connection, monkeypatch):
    monkeypatch.setattr(carrying, "LONGEST", timedelta(seconds=0.8))
    sides.qad.fault(path="organization/Entities", kind="rate_limited", retry_after="2", times=-1)
    began = time.monotonic()
    assert ping_of(connection).failed_step.problem.code == "qad_busy"
    assert time.monotonic() - began < 1.6


def test_nobody_stands_in_line_for_a_token_past_the_end(connection, monkeypatch):
    monkeypatch.setattr(carrying, "LONGEST", timedelta(seconds=0.5))
    began = time.monotonic()
    with RedisTokenStore(connection).lock(20) as got:
        assert got
        assert ping_of(connection).failed_step.problem.code == "qad_sign_in_busy"
    assert time.monotonic() - began < 1.5


def test_nobody_waits_for_a_turn_past_the_end(sides, cast, monkeypatch):
    slow = connect_qad(cast.organization, sides.qad.url, profile={"limits": {"min_gap_ms": 5_000}})
    monkeypatch.setattr(carrying, "LONGEST", timedelta(seconds=3))
    began = time.monotonic()
    found = ping_of(slow)
    assert time.monotonic() - began < 3.5
    assert (found.failed_step.name, found.failed_step.problem.code) == ("sign_in", "qad_turn_late")
    assert "A call waited for a turn, and none came within" in found.failed_step.problem.happened
    assert sides.qad.call("GET", "requests")["count"] == 1, "only the first call was sent"


def test_a_step_whose_turn_comes_too_late_is_not_begun(connection, monkeypatch):
    monkeypatch.setattr(carrying, "LONGEST", timedelta(seconds=0))
    found = ping_of(connection)
    assert (found.failed_step.name, found.failed_step.problem.code) == (
        "address",
        "ping_out_of_time",
    )
    assert "30 seconds" in found.failed_step.problem.happened


def test_a_ping_whose_worker_died_is_broken_off_and_a_new_one_may_begin(connection):
    ping = ask(connection)
    change(ping, started_at=timezone.now() - timedelta(seconds=59))
    assert look(connection, ping).state == "running"
    change(ping, started_at=timezone.now() - timedelta(seconds=61))
    found = look(connection, ping)
    assert (found.state, found.problem.code) == ("failed", "ping_broken_off")
    assert set(states(found).values()) == {"skipped"}
    with pytest.raises(Refused):
        cancel(connection, ping)
    assert ask(connection).pk != ping.pk


def test_a_ping_that_no_worker_takes_says_so_and_is_not_taken_later(sides, connection):
    ping = ask(connection)
    change(ping, asked_at=timezone.now() - timedelta(seconds=31))
    assert look(connection, ping).problem.code == "ping_not_begun"
    carrying.carry_out(connection.organization_id, ping.pk)
    assert look(connection, ping).state == "failed"
    assert sides.qad.call("GET", "requests")["count"] == 0


def test_a_bug_in_a_step_ends_that_step_with_a_reference(connection, monkeypatch, caplog):
    monkeypatch.setattr(carrying.QadLook, "_sign_in", lambda _self: 1 / 0)
    with caplog.at_level(logging.ERROR):
        found = ping_of(connection)
    assert found.failed_step.problem.code == "internal"
    reference = found.failed_step.problem.happened.split("reference ")[1].split(")")[0]
    assert reference in caplog.text


def test_a_paused_connection_is_called_and_goes_on_once_its_sign_in_works(sides, cast, connection):
    def pause():
        with tenant(cast.organization.pk):
            Connection.objects.filter(pk=connection.pk).update(
                paused_at=timezone.now(), paused_code="qad_unauthorized"
            )

    def paused_code():
        with tenant(cast.organization.pk):
            return Connection.objects.get(pk=connection.pk).paused_code

    pause()
    sides.qad.fault(path="oauth/token", kind="status", status=401, times=1)
    assert ping_of(connection).failed_step.name == "sign_in"
    assert paused_code() == "qad_unauthorized"
    assert ping_of(connection).state == "ok"
    assert paused_code() == ""


def test_the_newest_ten_are_kept_in_sight_with_who_asked(cast, connection):
    for number in range(12):
        ping = ask(connection)
        change(ping, state="ok", asked_by=f"person{number}@example.com")
    with tenant(cast.organization.pk):
        shown = list_pings(connection)
    assert [ping.asked_by for ping in shown] == [f"person{n}@example.com" for n in range(11, 1, -1)]


def test_the_trail_says_who_asked_and_what_came_of_it(sides, connection):
    ping = ping_of(connection)
    sides.qad.fault(path="GLPeriods", kind="status", status=403, times=-1)
    failed = ping_of(connection)
    assert events(connection, "connection.pinged")[0][1:] == (
        "Head office", {"ping": ping.id, "by": "owner@example.com"},
    )  # fmt: skip
    who = ("owner@example.com", "Head office")
    assert events(connection, "connection.ping_ended") == [
        (*who, {"ping": ping.id, "state": "ok", "step": "", "code": ""}),
        (*who, {"ping": failed.id, "state": "failed", "step": "read", "code": "qad_forbidden"}),
    ]


def test_a_worker_is_told_after_the_commit_and_of_the_quick_queue(cast, connection, monkeypatch):
    told = []
    monkeypatch.setattr(
        "integrations.queue.current_app.send_task",
        lambda name, args, **options: told.append((name, args)),
    )
    with tenant(cast.organization.pk):
        ping = start_ping(
            organization=cast.organization, connection_id=connection.pk, asked_by="a@example.com"
        )
        assert told == []
    assert told == [("integrations.tasks.carry_out_ping", [cast.organization.pk, ping.pk])]


def sentences_of(ping, organization, log):
    """Everything that is kept and shown of a ping."""
    with tenant(organization.pk):
        kept = [*Ping.objects.values_list("steps", flat=True)]
        trail = [*Event.objects.values_list("data", flat=True)]
    return json.dumps([ping_report(ping), kept, trail]) + log


@pytest.mark.parametrize("connect", [connect_qad, connect_anaplan])
def test_a_secret_that_is_refused_is_kept_nowhere(sides, cast, connect, caplog):
    side = sides.qad if connect is connect_qad else sides.anaplan
    echo = json.dumps({"message": f"password {CANARY} is wrong for {CANARY}"})
    path = "oauth/token|token/authenticate"
    side.fault(path=path, kind="status", status=418, body=echo, times=-1)
    with caplog.at_level(logging.DEBUG):
        found = ping_of(connect(cast.organization, side.url, password=CANARY))
    assert found.failed_step.name == "sign_in"
    assert CANARY.split()[0] not in sentences_of(found, cast.organization, caplog.text)


def test_a_secret_that_a_server_sends_back_is_masked_in_the_raw_answer(sides, cast, caplog):
    echo = json.dumps({"hint": f"you said {ANAPLAN_SECRET} just now"})
    sides.anaplan.fault(path="/exports$", kind="status", status=418, body=echo, times=-1)
    with caplog.at_level(logging.DEBUG):
        found = ping_of(connect_anaplan(cast.organization, sides.anaplan.url))
    assert "you said *** just now" in found.failed_step.problem.detail
    assert found.failed_step.problem.detail.startswith("HTTP 418")
    assert ANAPLAN_SECRET not in sentences_of(found, cast.organization, caplog.text)
