"""The first fence alone: with row-level security taken away, selectors still keep tenants apart."""

import re
from contextlib import contextmanager

import pytest

from accounts.models import Role
from integrations.models import RunState
from integrations.services.states import claim_run
from tests.house.matrix import ORGANIZATION
from tests.house.routes import arguments_of, fill, text_of
from tests.house.tenants import client_of, form_of, full_house, state_of, tables, things_of
from tests.integrations.scenes import make_run
from tests.owner import as_owner

WANTED = {"verdict": "held", "code": "unmapped_gl_account"}
# A page that gives a file notes it in the trail, whose events another page counts.
_CHANGING = re.compile(
    r'name="csrfmiddlewaretoken" value="\w+"|just now|\b[\d.]+ (second|minute)s? ago'
    r"|\b[\d,]+ events? of the"
)


@contextmanager
def second_fence_down():
    """Take row-level security from every table, for as long as nobody else looks."""
    fenced = [table.name for table in tables() if table.policies]
    as_owner(*(f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY" for name in fenced))
    try:
        yield
    finally:
        as_owner(*(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY" for name in fenced))


@pytest.fixture(scope="module")
def theirs(engines):
    return full_house(name="Theirs")


@pytest.fixture(scope="module")
def ours(engines):
    return full_house()


def pages_of(house, run):
    client = client_of(house, Role.OWNER)
    found = {}
    for address, line in ORGANIZATION.items():
        if "GET" in line:
            answer = client.get(fill(address, things_of(house, run)), WANTED)
            found[address] = answer.status_code, _CHANGING.sub("", text_of(answer))
    return found


def test_every_page_reads_the_same_without_the_second_fence(ours, theirs):
    guarded = pages_of(*ours)
    with second_fence_down():
        assert pages_of(*ours) == guarded
    assert len(guarded) >= 7


def test_things_and_ids_of_another_organization_are_refused_by_selectors_alone(ours, theirs):
    before = state_of(theirs[0].organization.pk)
    client, mine = client_of(ours[0], Role.OWNER), things_of(*ours)
    stolen = {**things_of(*theirs), "slug": mine["slug"]}
    with second_fence_down():
        for address, line in ORGANIZATION.items():
            for method in line:
                ask = client.get if method == "GET" else client.post
                if len(arguments_of(address)) > 1:
                    answer = ask(fill(address, stolen), {**form_of(*theirs), **WANTED})
                    assert (address, answer.status_code) == (address, 404)
                ask(fill(address, mine), form_of(*theirs))
    assert state_of(theirs[0].organization.pk) == before


def test_a_worker_claims_no_run_of_another_organization(ours, theirs):
    house, _run = theirs
    queued = make_run(house, RunState.QUEUED)
    before = state_of(house.organization.pk)
    with second_fence_down():
        assert claim_run(ours[0].organization.pk, queued.pk) is None
    assert state_of(house.organization.pk) == before
    assert claim_run(house.organization.pk, queued.pk) is not None
