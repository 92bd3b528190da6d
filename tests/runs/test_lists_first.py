"""Data waits for lists of the same model that were asked for before, and for no others."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from audit.tenancy import tenant
from integrations.models import Run
from integrations.services.runs import advance_run
from integrations.services.syncs import cancel_run
from tests.runs.test_commands import run_command
from tests.runs.wide_world import SPEND, add_list, add_sync, held_by, write_wide_world


@pytest.fixture
def rig(make_rig, tmp_path):
    return make_rig(write_wide_world(tmp_path / "wide"))


def advance(rig, run):
    """Move a run until it waits or ends."""
    for _ in range(8):
        if advance_run(rig.organization.pk, run.pk) is None:
            break
        moved = rig.reload(run)
        if moved.error_code:
            return moved
        rig.make_due(run)
    return rig.reload(run)


def test_data_waits_for_an_earlier_list_of_its_model_and_loads_after_it(rig):
    add_list(rig)
    listed = rig.start()
    spend = add_sync(rig, "cost_center_spend", SPEND, "net")
    run = advance(rig, rig.start(202610))
    assert (run.state, run.phase, run.error_code) == ("waiting", "load", "lists_first")
    assert f"Run {listed.pk} loads a list" in run.error_message
    assert (held_by(rig, SPEND), rig.anaplan.count("chunk_puts")) == ({}, 0)
    with tenant(rig.organization.pk):
        Run.objects.filter(pk=run.pk).update(not_before=Now() + timedelta(hours=1))
    assert rig.finish(listed).state == "reconciled"
    # The list's end lets the run be due at once.
    assert rig.reload(run).not_before <= timezone.now()
    run = rig.finish(run)
    rig.check(run)
    assert (run.state, len(held_by(rig, SPEND))) == ("reconciled", 6)
    # A list that is asked for later is not waited for, nor one that was cancelled.
    rig.journal("US01", 202610, ("6000", "100", "5.00", "0.00"), ("1000", "100", "0.00", "5.00"))
    run = rig.start(202610)
    add_list(rig)
    later = rig.start()
    assert rig.finish(run).state == "reconciled"
    rig.finish(later)
    rig.sync = spend
    add_list(rig)
    ahead = rig.start()
    cancel_run(organization=rig.organization, run_id=ahead.pk, requested_by="test")
    rig.sync = spend
    rig.journal("US01", 202610, ("6000", "100", "6.00", "0.00"), ("1000", "100", "0.00", "6.00"))
    assert rig.finish(rig.start(202610)).state == "reconciled"


def test_all_syncs_are_run_by_one_command_with_lists_first(rig):
    add_sync(rig, "cost_center_spend", SPEND, "net", name="A first name")
    add_list(rig)
    told, code = run_command(rig, "run_sync", "--all", "--period", "202610", "--here")
    assert (code, told["refused"]) == (0, [])
    assert [(run["sync"], run["state"], run["periods"]) for run in told["runs"]] == [
        ("Cost centers", "reconciled", [0]),
        ("A first name", "reconciled", [202610]),
        ("GL balances", "reconciled", [202610]),
    ]
    numbers = [run["run"] for run in told["runs"]]
    assert numbers == sorted(numbers)
