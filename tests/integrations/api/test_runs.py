"""Runs over the REST API: listing, reading and starting them."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.api_keys import Scope
from audit.models import Event
from audit.tenancy import tenant
from integrations.models import KeptAnswer, Run, RunState
from integrations.services.idempotency import purge_answers
from tests.integrations.api.calls import problem_of, program_of
from tests.integrations.scenes import make_house, make_run
from tests.names import unique


@pytest.fixture
def house(engines):
    return make_house()


@pytest.fixture
def program(house):
    return program_of(house)


def run_count(house):
    with tenant(house.organization.pk):
        return Run.objects.filter(organization=house.organization).count()


def start(program, key=None, body=None):
    headers = {"Idempotency-Key": key} if key else {}
    body = {"sync": "GL balances", "periods": [202611]} if body is None else body
    return program.call("runs", "post", headers, json=body)


def test_a_run_is_read_as_it_stands(house, program):
    run = make_run(
        house, RunState.FAILED, error_code="tie_out_difference", error_message="2 cells differ."
    )
    found = program.call(f"runs/{run.pk}").json()
    assert found == {
        "id": run.pk,
        "sync": {"id": house.sync.pk, "name": "GL balances"},
        "kind": "load",
        "parent_id": None,
        "state": "failed",
        "phase": "reconcile",
        "periods": [202610, 202611],
        "requested_by": "starter@example.com",
        "created_at": found["created_at"],
        "started_at": found["started_at"],
        "finished_at": found["finished_at"],
        "counts": {"rows": 20, "loaded": 20, "cells": 20, "cells_changed": 20},
        "failure": {"code": "tie_out_difference", "message": "2 cells differ."},
        "standings": [],
        "read_back": None,
    }
    assert found["created_at"].endswith("Z")


def test_pages_go_through_all_runs_once_while_new_ones_come_in(house, program):
    ids = [make_run(house).pk for _ in range(5)]
    first = program.call("runs?limit=2").json()
    make_run(house)
    second = program.client.get(first["next"], headers=bearer(program)).json()
    third = program.client.get(second["next"], headers=bearer(program)).json()
    read = [run["id"] for page in (first, second, third) for run in page["items"]]
    assert read == ids[::-1]
    assert third["next"] is None
    assert first["next"].startswith("http://127.0.0.1:8000/api/v1/runs?limit=2&after=")


def bearer(program):
    return {"Authorization": f"Bearer {program.key.text}"}


def test_a_list_is_narrowed_to_a_state_and_a_sync(house, program):
    failed, moving = make_run(house, RunState.FAILED), make_run(house, RunState.RUNNING)
    assert [run["id"] for run in program.call("runs?state=failed").json()["items"]] == [failed.pk]
    assert [run["id"] for run in program.call("runs?state=active").json()["items"]] == [moving.pk]
    assert program.call(f"runs?sync={house.sync.pk + 1}").json()["items"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=many", "limit"),
        ("after=x", "after"),
        ("after=W10", "after"),
        ("after=Wy0xXQ", "after"),
        ("after=%00", "after"),
        ("state=done", "state"),
        ("tenant=2", "tenant"),
        ("organization=2", "organization"),
    ],
)
def test_a_wrong_parameter_is_named(program, query, field):
    problem = problem_of(program.call(f"runs?{query}"), 422, "api_input_invalid")
    assert [line["field"] for line in problem["fields"]] == [field]


def test_an_answer_that_has_not_changed_is_not_sent_again(house, program):
    run = make_run(house)
    first = program.call(f"runs/{run.pk}")
    again = program.call(f"runs/{run.pk}", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    with tenant(house.organization.pk):
        Run.objects.filter(pk=run.pk).update(step="later", state=RunState.FAILED)
    changed = program.call(f"runs/{run.pk}", headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200


def test_a_started_run_can_be_followed_and_names_the_key(house, program):
    answer = start(program)
    assert answer.status_code == 202
    run = answer.json()
    assert (run["state"], run["periods"]) == ("queued", [202611])
    assert run["requested_by"] == f"key {program.key.prefix}"
    assert answer["Location"] == f"http://127.0.0.1:8000/api/v1/runs/{run['id']}"
    assert answer["Retry-After"] == "5"
    one = program.call(f"runs/{run['id']}").json()
    assert {name: one[name] for name in run} == run
    assert one.keys() - run.keys() == {"standings", "read_back"}
    with tenant(house.organization.pk):
        event = Event.objects.get(organization_id=house.organization.pk, run_id=run["id"])
    assert (event.actor, event.action) == (f"key {program.key.prefix}", "run.queued")
    assert event.request_id == answer["X-Request-ID"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["sync"]),
        ([], [""]),
        ({"sync": "GL balances", "periods": [202600]}, ["periods"]),
        ({"sync": "GL balances", "periods": ["202611"]}, ["periods.0"]),
        ({"sync": "GL balances", "periods": [True]}, ["periods.0"]),
        ({"sync": "GL balances", "state": "reconciled"}, ["state"]),
        ({"sync": "GL balances", "requested_by": "me", "tenant": 1}, ["requested_by", "tenant"]),
        ({"sync": "nul\u0000"}, ["sync"]),
        ({"sync": 1}, ["sync"]),
    ],
)
def test_a_wrong_body_is_told_field_by_field_and_starts_nothing(house, program, body, fields):
    problem = problem_of(start(program, body=body), 422, "api_input_invalid")
    assert [line["field"] for line in problem["fields"]] == fields or fields == [""]
    assert run_count(house) == 0


def test_an_unknown_sync_and_a_busy_one_are_refused(house, program):
    problem_of(start(program, body={"sync": "Other"}), 422, "sync_unknown")
    first = start(program).json()
    problem = problem_of(start(program), 409, "sync_is_busy")
    assert f"Run {first['id']} " in problem["detail"]
    assert run_count(house) == 1


def test_a_repeated_call_starts_one_run_and_gets_the_same_answer(house, program):
    key = unique("wish")
    first, second = start(program, key), start(program, key)
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json() == second.json()
    assert second["Location"] == first["Location"]
    assert second["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert run_count(house) == 1


def test_a_key_of_another_wish_is_refused_and_of_another_organization_is_free(house, program):
    key = unique("wish")
    start(program, key)
    other_body = {"sync": "GL balances", "periods": []}
    problem_of(start(program, key, other_body), 422, "api_idempotency_key_reused")
    assert run_count(house) == 1
    other = make_house()
    answer = start(program_of(other), key)
    assert answer.status_code == 202
    assert run_count(other) == 1


def test_an_error_is_not_kept(house, program):
    key = unique("wish")
    make_run(house, RunState.RUNNING)
    problem_of(start(program, key), 409, "sync_is_busy")
    with tenant(house.organization.pk):
        assert not KeptAnswer.objects.filter(key=key).exists()
        Run.objects.filter(organization=house.organization).update(state=RunState.RECONCILED)
    assert start(program, key).status_code == 202


@pytest.mark.parametrize("key", ["with space", "ü" * 3, "x" * 129, ""])
def test_an_odd_idempotency_key_is_refused(house, program, key):
    answer = program.call(
        "runs", "post", {"Idempotency-Key": key}, json={"sync": "GL balances", "periods": []}
    )
    problem_of(answer, 422, "api_input_invalid")
    assert run_count(house) == 0


def test_calls_at_once_with_one_key_start_one_run(house, program):
    key, answers = unique("wish"), []

    def call():
        try:
            answers.append(start(program, key))
        finally:
            connection.close()

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [202] * 8
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert run_count(house) == 1


def test_answers_are_kept_for_a_day(house, program):
    key, younger = unique("wish"), unique("wish")
    start(program, key)
    with tenant(house.organization.pk):
        Run.objects.filter(organization=house.organization).update(state=RunState.RECONCILED)
    start(program, younger)
    with tenant(house.organization.pk):
        aged = timezone.now() - timedelta(hours=24, seconds=1)
        KeptAnswer.objects.filter(key=key).update(created_at=aged)
        Run.objects.filter(organization=house.organization).update(state=RunState.RECONCILED)
    again = start(program, key)
    assert again.status_code == 202
    assert "Idempotency-Replayed" not in again
    with tenant(house.organization.pk):
        KeptAnswer.objects.filter(key=key).update(created_at=aged)
    purge_answers()
    with tenant(house.organization.pk):
        left = KeptAnswer.objects.filter(organization=house.organization)
        assert list(left.values_list("key", flat=True)) == [younger]


def test_a_scope_reaches_no_further_than_its_word(house):
    reader, starter = program_of(house, Scope.RUNS_READ), program_of(house, Scope.RUNS_WRITE)
    problem = problem_of(start(reader), 403, "api_scope_missing")
    assert "runs:write" in problem["detail"]
    assert run_count(house) == 0
    problem_of(starter.call("runs"), 403, "api_scope_missing")
    assert start(starter).status_code == 202


def test_runs_of_other_organizations_are_not_there(house, program):
    other = make_house()
    theirs = make_run(other)
    make_run(house)
    problem_of(program.call(f"runs/{theirs.pk}"), 404, "api_not_found")
    problem_of(program.call(f"runs/{10**30}"), 404, "api_not_found")
    assert len(program.call("runs").json()["items"]) == 1
    assert program.call(f"runs?sync={other.sync.pk}").json()["items"] == []
