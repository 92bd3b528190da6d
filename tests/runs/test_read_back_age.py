"""Green needs a read-back of this run, or one within the age that the sync allows."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from audit.tenancy import tenant
from integrations.models import Position, Sync
from tests.accounts.people import Cast
from tests.runs.test_commands import run_command

EXPORTS = "export_posts"


@pytest.fixture
def rig(rig):
    """The small world, where a read-back holds for two hours."""
    with tenant(rig.organization.pk):
        Sync.objects.filter(pk=rig.sync.pk).update(policies={"read_back_hours": 2})
    return rig


def age(rig, hours):
    """Let what was read back be older, or not known."""
    at = None if hours is None else timezone.now() - timedelta(hours=hours)
    with tenant(rig.organization.pk):
        Position.objects.filter(sync=rig.sync, group="E_US01|Nov 26").update(read_back_at=at)


def reader_of(run):
    return run.plan["read_back"].get("by_run", run.pk)


def test_a_run_that_sends_nothing_takes_a_young_read_back_and_says_whose_it_is(rig):
    first = rig.run()
    second, third = rig.run(), rig.run()
    assert [reader_of(run) for run in (first, second, third)] == [first.pk] * 3
    assert rig.anaplan.count(EXPORTS) == 1
    assert (third.state, third.counts["unchanged"]) == ("reconciled", 20)
    report, code = run_command(rig, "run_sync", rig.sync.name, "--all-periods", "--here")
    assert (code, report["read_back"]["by_run"]) == (0, first.pk)
    assert report["read_back"]["at"]
    cast = Cast(rig.organization)
    page = cast.client(Role.VIEWER).get(cast.url(f"runs/{third.pk}/")).content.decode()
    assert f"Read back by run {first.pk}." in page
    rig.journal("US01", 202611, ("6000", "100", "5", "0"), ("1000", "100", "0", "5"))
    changed = rig.run()
    assert (changed.state, reader_of(changed)) == ("reconciled", changed.pk)


@pytest.mark.parametrize("hours", [3, None])
def test_an_older_or_unknown_read_back_of_one_group_is_never_enough(rig, hours):
    rig.run()
    age(rig, hours)
    run = rig.run()
    assert (run.state, reader_of(run), rig.anaplan.count(EXPORTS)) == ("reconciled", run.pk, 2)


def test_a_run_that_was_not_read_back_leaves_no_age_behind(rig):
    rig.run(202611)
    rig.journal("US01", 202611, ("6000", "100", "5", "0"), ("1000", "100", "0", "5"))
    rig.anaplan.fault(path="/exports/.*tasks$", method="POST", kind="status", status=403, times=-1)
    unread = rig.run(202611)
    assert unread.state == "unverified"
    rig.anaplan.heal()
    run = rig.run(202611)
    assert (run.state, reader_of(run)) == ("reconciled", run.pk)


def test_without_the_policy_an_overwritten_cell_is_named_and_the_next_run_sends_it_again(rig):
    with tenant(rig.organization.pk):
        Sync.objects.filter(pk=rig.sync.pk).update(policies={})
    rig.run()
    rig.alter("E_US01 A_6000 CC_100 Nov 26", "Debit", "1.00")
    red = rig.run()
    (cell,) = [cell for cell in rig.differences(red) if cell.measure == "debit"]
    assert (red.state, cell.code, cell.is_explained) == ("failed", "cell_overwritten", False)
    assert (str(cell.source), str(cell.sent), str(cell.target)) == ("800.10", "800.10", "1.00")
    cast = Cast(rig.organization)
    page = cast.client(Role.VIEWER).get(cast.url(f"runs/{red.pk}/")).content.decode()
    assert "Overwritten in Anaplan" in page
    again = rig.replay(red)
    assert (again.state, again.counts["loaded"]) == ("reconciled", 1)
    assert rig.cells()["E_US01 A_6000 CC_100 Nov 26"]["Debit"] == "800.10"
