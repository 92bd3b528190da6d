"""The first steps: each tick is a fact, and none of them lies."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from audit.tenancy import tenant
from integrations.models import Connection, Run, RunState, Sync, System
from integrations.selectors.onboarding import list_steps
from integrations.services.connections import save_connection
from tests.accounts.people import make_cast
from tests.integrations.scenes import add_ping, add_units, make_house, make_run

STEPS = ["QAD", "Anaplan", "sync", "mapping", "run", "schedule"]


def states(cast):
    with tenant(cast.organization.pk):
        steps = list_steps(cast.organization)
    assert [step.name for step in steps] == STEPS
    return {step.name: str(step.state) for step in steps}


def connect(cast):
    for system in System:
        save_connection(
            organization=cast.organization, system=system, name=str(system), address={},
            secrets={"password": "x"},
        )  # fmt: skip


@pytest.fixture
def house(engines):
    """A house whose connections have secrets."""
    made = make_house()
    connect(made)
    return made


def shown(cast, role=Role.OWNER):
    page = cast.client(role).get(cast.url("start/")).content.decode()
    found = re.findall(r'<li class="task.*?</li>', page, re.DOTALL)
    assert len(found) == 6
    return page, [re.search(r'<span class="mark">(.*?)</span>', task)[1] for task in found], found


def test_a_new_organization_has_nothing_ticked_and_says_what_is_in_the_way(engines):
    cast = make_cast()
    page, words, tasks = shown(cast)
    assert words == ["To do", "To do", "Waits", "To do", "Waits", "Not yet"]
    assert "0 of 6" in page
    assert "Waits for the connection to QAD and Anaplan." in tasks[2]
    assert f'href="{cast.url("mapping/")}"' in tasks[3]
    assert "Comes with schedules, which this version does not have." in tasks[5]
    assert "Skip this and go to the runs" in page


@pytest.mark.parametrize("role", Role)
def test_every_member_sees_them_and_strangers_do_not(engines, role):
    cast = make_cast()
    assert cast.client(role).get(cast.url("start/")).status_code == 200
    assert cast.stranger.get(cast.url("start/")).status_code == 404


def test_a_saved_connection_is_not_a_tick_until_a_run_has_heard_from_it(engines):
    cast = make_cast()
    connect(cast)
    assert states(cast) == {
        "QAD": "stale", "Anaplan": "stale", "sync": "next", "mapping": "next", "run": "blocked",
        "schedule": "absent",
    }  # fmt: skip
    _, words, tasks = shown(cast)
    assert words[:2] == ["To prove", "To prove"]
    assert "QAD has not answered yet: a ping will tell" in tasks[0]


def test_the_way_to_a_sync_leads_by_the_model(engines):
    cast = make_cast()
    connect(cast)
    task = shown(cast)[2][2]
    assert "No model is chosen yet" in task
    assert f'href="{cast.url("connections/")}"' in task
    with tenant(cast.organization.pk):
        place = {"model_id": "M" * 32, "model_name": "FY26 Plan"}
        Connection.objects.filter(system=System.ANAPLAN).update(place=place)
    task = shown(cast)[2][2]
    assert "FY26 Plan is chosen. No sync says yet" in task
    assert f'href="{cast.url("syncs/")}"' in task


def test_a_reconciled_run_ticks_what_it_has_proved(house):
    run = make_run(house)
    add_units(run)
    assert states(house) == {
        "QAD": "done", "Anaplan": "done", "sync": "done", "mapping": "done", "run": "done",
        "schedule": "absent",
    }  # fmt: skip
    page, words, tasks = shown(house)
    assert words == ["Done"] * 5 + ["Not yet"]
    assert "5 of 6" in page
    assert f'href="{house.url(f"runs/{run.pk}/")}"' in tasks[4]
    assert "just now" in tasks[0]
    assert "Version 1 with 6 rules is approved." in tasks[3]


def test_a_tick_of_a_connection_goes_after_a_day_of_silence(house):
    ago = timezone.now() - timedelta(hours=25)
    run = make_run(house, started_at=ago, finished_at=ago)
    add_units(run)
    assert states(house)["QAD"] == states(house)["Anaplan"] == "stale"
    assert states(house)["run"] == "done"
    assert "QAD was not heard from for a day" in shown(house)[2][0]


def test_a_ping_ticks_its_side_for_a_day_and_a_later_failure_takes_the_tick(house):
    with tenant(house.organization.pk):
        qad, anaplan = (Connection.objects.get(system=name, secrets__gt="") for name in System)
    old = timezone.now() - timedelta(hours=25)
    add_ping(qad)
    add_ping(anaplan, finished_at=old)
    assert (states(house)["QAD"], states(house)["Anaplan"]) == ("done", "stale")
    assert "Anaplan was not heard from for a day" in shown(house)[2][1]
    add_ping(anaplan, "cancelled")
    add_ping(anaplan)
    assert states(house)["Anaplan"] == "done"
    add_ping(qad, "failed")
    assert states(house)["QAD"] == "stale"
    assert (
        "The newest ping of QAD failed: the page of the connection says why."
        in (shown(house)[2][0])
    )


def test_a_run_that_read_qad_and_met_no_model_ticks_qad_alone(house):
    add_units(make_run(house, RunState.FAILED))
    found = states(house)
    assert (found["QAD"], found["Anaplan"], found["run"]) == ("done", "stale", "next")
    assert "is failed; a reconciled one ticks." in shown(house)[2][4]


def test_a_sync_without_a_way_to_read_back_says_so(house):
    assert "1 without an export" in shown(house)[2][2]
    with tenant(house.organization.pk):
        Sync.objects.update(export_name="Actuals for the check")
    assert "without an export" not in shown(house)[2][2]
    with tenant(house.organization.pk):
        Sync.objects.update(import_name="")
    assert states(house)["sync"] == "next"


def test_the_first_address_leads_there_until_a_run_was_proved(house):
    client = house.client()
    assert client.get("/")["Location"] == house.url()
    assert client.get(house.url())["Location"] == house.url("start/")
    run = make_run(house, RunState.PARTIAL)
    assert client.get(house.url())["Location"] == house.url("start/")
    with tenant(house.organization.pk):
        Run.objects.filter(pk=run.pk).update(state=RunState.RECONCILED)
    assert client.get(house.url())["Location"] == house.url("runs/")


def test_the_page_asks_the_database_little(house, django_assert_max_num_queries):
    make_run(house)
    client = house.client()
    client.get(house.url("start/"))
    with django_assert_max_num_queries(30):
        client.get(house.url("start/"))
