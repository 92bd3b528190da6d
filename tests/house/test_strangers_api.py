"""The stranger walk of the REST API: each endpoint, each method, with a key of each scope."""

import json
from zlib import crc32

import pytest
from django.test import Client
from django.urls import get_resolver

from accounts.api_keys import Scope
from accounts.models import ApiKey
from audit.models import Event
from audit.tenancy import tenant
from integrations.models import Sync
from tests.house.api_matrix import API
from tests.house.routes import METHODS, arguments_of, fill, iter_addresses
from tests.house.tenants import state_of, things_of
from tests.integrations.api.calls import problem_of, program_of

pytestmark = pytest.mark.usefixtures("quiet_refusals")

KEYLESS = ("/api/", "/api/v1/openapi.json")
# Refused deeds are told here.
TRAIL = ("audit_event", "audit_chainhead")


@pytest.fixture(scope="module")
def programs(ours):
    """Programs of another organization: a key for each scope and one with all of them.

    Each has called a moment ago, so that the note of its last use stays as it is.
    """
    house, _run = ours
    found = {**{scope: program_of(house, scope) for scope in Scope}, "all": program_of(house)}
    for program in found.values():
        assert program.call("me").status_code == 200
    return found


def send(program, method, path, body=None):
    """Call in a method, with a body in JSON where the method has one."""
    headers = {"Authorization": f"Bearer {program.key.text}"} if program else {}
    # Calls are counted by where they come from, and the walk makes more than one place may.
    place = f"198.51.100.{crc32(path.encode()) % 250 + 1}"
    client = Client(REMOTE_ADDR=place, headers=headers)
    if method == "GET":
        return client.get(path)
    data = json.dumps(body or {})
    return client.generic(method, path, data, content_type="application/json")


def body_of(house, address=""):
    """A body that the endpoint takes, or that names a sync where it takes none."""
    if address.endswith("/draft/changes"):
        parts = [{"member": "CC_100"}]
        return {"changes": [{"dimension": "cost_center", "code": "900", "parts": parts}]}
    with tenant(house.organization.pk):
        return {
            "sync": Sync.objects.get(organization=house.organization, data_set="gl_balances").name,
            "periods": [],
        }


def test_every_endpoint_has_a_line_in_the_matrix_and_every_line_an_endpoint():
    found = {
        address
        for address in iter_addresses(get_resolver().url_patterns)
        if address.startswith("/api/")
    }
    assert found == {*API, *KEYLESS}


@pytest.mark.parametrize("address", [name for name in API if arguments_of(name)])
def test_a_stranger_finds_nothing_and_changes_nothing(address, theirs, programs):
    house, run = theirs
    path, before = fill(address, things_of(house, run)), state_of(house.organization.pk)
    for name, program in programs.items():
        for method in METHODS if name == "all" else API[address]:
            answer = send(program, method, path, body_of(house))
            assert answer.status_code in (403, 404, 405), (name, method)
            assert "Secret Works" not in answer.content.decode()
            assert str(house.sync.pk) not in answer.json()["detail"]
    assert state_of(house.organization.pk) == before


@pytest.mark.parametrize("address", [name for name in API if not arguments_of(name)])
def test_ids_of_another_organization_reach_nothing_there(address, theirs, programs):
    house, run = theirs
    before = state_of(house.organization.pk)
    named = {"organization": house.organization.pk, "tenant": house.organization.slug}
    for name, program in programs.items():
        query = f"{address}?sync={house.sync.pk}"
        listed = send(program, "GET", query)
        assert listed.status_code in (200, 403, 422), name
        assert f'"id":{run.pk},' not in listed.content.decode()
        for method in METHODS[1:] if name == "all" else {*API[address]} - {"GET"}:
            answer = send(program, method, address, {**body_of(house, address), **named})
            assert answer.status_code in (403, 405, 422), (name, method)
    assert state_of(house.organization.pk) == before


@pytest.mark.parametrize("address", API)
def test_nobody_gets_in_without_a_key(address, theirs):
    house, run = theirs
    path, before = fill(address, things_of(house, run)), state_of(house.organization.pk)
    for method in METHODS:
        problem_of(send(None, method, path, body_of(house)), 401, "api_key_missing")
    assert state_of(house.organization.pk) == before


@pytest.mark.parametrize(
    ("address", "method"), [(address, method) for address in API for method in METHODS]
)
def test_exactly_the_scope_of_the_line_is_needed(address, method, ours, programs):
    house, run = ours
    query = "?dimension=cost_center" if address.endswith("/suggestions") else ""
    path, body = fill(address, things_of(house, run)) + query, body_of(house, address)
    may = {scope for scope in Scope if API[address].get(method, "nothing") in (None, scope)}
    before = state_of(house.organization.pk, without=TRAIL)
    for scope in [scope for scope in Scope if scope not in may]:
        answer = send(programs[scope], method, path, body)
        if method in API[address]:
            problem_of(answer, 403, "api_scope_missing")
        else:
            problem_of(answer, 405, "api_method_not_allowed")
    assert state_of(house.organization.pk, without=TRAIL) == before
    for scope in may:
        assert send(programs[scope], method, path, body).status_code < 300


def test_a_refused_deed_is_told_to_the_trail_of_the_key(programs):
    program = programs[Scope.RUNS_READ]
    send(program, "POST", "/api/v1/runs", {})
    key = ApiKey.objects.get(prefix=program.key.prefix)
    with tenant(key.organization_id):
        event = Event.objects.filter(organization_id=key.organization_id).latest("sequence")
    assert (event.action, event.actor) == ("deed.refused", f"key {key.prefix}")
    assert (event.subject_id, event.data) == ("/api/v1/runs", {"right": "runs:write"})


def test_an_id_that_is_there_and_one_that_is_not_look_alike(theirs, programs):
    _house, run = theirs
    answers = [
        send(programs["all"], "GET", f"/api/v1/runs/{run_id}").json() for run_id in (run.pk, 2**62)
    ]
    for answer in answers:
        answer.pop("request_id")
    assert answers[0] == answers[1]
