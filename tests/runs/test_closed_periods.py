"""Late postings into closed periods: found, named, and loaded or held as the sync says."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Membership, Role, User
from audit.tenancy import tenant
from integrations.models import ClosedChange, Run, RunUnit, Sync
from integrations.services.closed_changes import approve_change
from tests.names import unique
from tests.runs.conftest import Rig


@pytest.fixture
def closed(rig: Rig) -> Rig:
    """The small world with October reported in both entities, loaded once and green."""
    close(rig, "REPORTED")
    assert rig.run().state == "reconciled"
    return rig


def close(rig: Rig, status: str) -> None:
    """Let October have another state in QAD."""
    for entity in ("US01", "DE01"):
        rig.qad.call("POST", "periods", {"entity": entity, "year_period": 202610, "status": status})


def say(rig: Rig, **policies: Any) -> None:
    """Give the sync policies."""
    with tenant(rig.organization.pk):
        Sync.objects.filter(pk=rig.sync.pk).update(policies=policies)


def person(rig: Rig) -> User:
    """An owner of the organization."""
    email = f"{unique('owner')}@small.example"
    user = User.objects.create_user(email=email, password="a long secret 123")
    with tenant(rig.organization.pk):
        Membership.objects.create(organization=rig.organization, user=user, role=Role.OWNER)
    return user


def post_late(rig: Rig, *lines: tuple[str, str, str]) -> None:
    """Post (account, cost center, debit) into October after the close, as a transfer does.

    Without lines all wages of a cost center move to cash.
    """
    moved = lines or (("6000", "200", "-200.15"), ("1000", "100", "200.15"))
    rig.qad.call(
        "POST",
        "journals",
        {
            "entity": "US01",
            "year_period": 202610,
            "reopen": True,
            "lines": [
                {"gl_account": account, "cost_center": center, "debit": debit, "credit": "0"}
                for account, center, debit in moved
            ],
        },
    )
    close(rig, "REPORTED")


def test_a_late_posting_is_found_named_and_sent_as_changed_cells_alone(closed: Rig) -> None:
    post_late(closed)
    run = closed.run()
    assert (run.state, run.error_code) == ("reconciled", "")
    assert (run.counts["lines"], run.counts["unchanged"]) == (2, 18)
    (warning,) = run.warnings
    assert warning["code"] == "closed_period_changed"
    assert warning["message"].startswith("E_US01 Oct 26 moved by 0.00 in 2 cells since ")
    with tenant(closed.organization.pk):
        group = run.groups.get(name="E_US01|Oct 26")
    assert group.moved["by"]["debit"] == "0.00"
    assert sorted((key, after[0]) for key, _, after in group.moved["first"]) == [
        ("E_US01,A_1000,CC_100,Oct 26,USD", "1700.40"),
        ("E_US01,A_6000,CC_200,Oct 26,USD", "0"),
    ]
    assert closed.cells()["E_US01 A_6000 CC_200 Oct 26"]["Debit"] in ("0", "0.00")


def test_a_change_of_a_closed_period_waits_for_a_second_person(closed: Rig) -> None:
    say(closed, closed_changes="approve")
    post_late(closed)
    run = closed.run()
    assert (run.state, run.error_code) == ("partial", "records_missing")
    # One row holds its new amount; the cell that no row falls on any more is held as well.
    assert (run.counts["held"], run.counts["held_cells"], run.counts["lines"]) == (1, 1, 0)
    assert run.counts["unexplained"] == 0
    assert {row.code for row in closed.exceptions(run)} == {"closed_change_held"}
    assert closed.cells()["E_US01 A_6000 CC_200 Oct 26"]["Debit"] == "200.15"
    # A replay goes no way around the approval, nor does the one who asked for the run.
    assert closed.replay(run).counts["lines"] == 0
    approver = person(closed)
    with tenant(closed.organization.pk):
        change = ClosedChange.objects.get(state="waiting")
        Run.objects.filter(pk=change.run_id).update(requested_by=approver.email)
    wish = {"organization": closed.organization, "change_id": change.pk}
    with pytest.raises(Refused, match="asked for the run"):
        approve_change(actor=approver, **wish)
    other = person(closed)
    child = closed.finish(approve_change(actor=other, **wish))
    closed.check(child)
    assert (child.state, child.counts["lines"]) == ("reconciled", 2)
    assert closed.cells()["E_US01 A_1000 CC_100 Oct 26"]["Debit"] == "1700.40"
    with pytest.raises(Refused, match="decided already"):
        approve_change(actor=other, **wish)
    # The approval was of those amounts: the next late posting waits again.
    post_late(closed, ("6000", "100", "5.00"), ("1000", "100", "-5.00"))
    assert closed.run().counts["held"] == 2


def test_a_cell_that_vanished_from_a_closed_period_is_held_by_itself(closed: Rig) -> None:
    say(closed, closed_changes="approve")
    post_late(closed, ("9000", "100", "-12"), ("9000", "200", "0"))
    run = closed.run()
    assert (run.counts["held"], run.counts["held_cells"], run.counts["lines"]) == (0, 1, 0)
    assert (run.state, run.error_code) == ("partial", "records_missing")
    assert closed.cells()["E_US01 A_9000 CC_100 Oct 26"]["Quantity"] == "12"


def test_closed_periods_are_read_again_at_their_rhythm_and_when_their_state_changes(
    closed: Rig,
) -> None:
    say(closed, closed_periods=1, closed_hours=24)
    assert periods_of(closed, closed.run()) == {202611}
    close(closed, "FROZEN")
    assert periods_of(closed, closed.run()) == {202610, 202611}
    assert periods_of(closed, closed.run()) == {202611}
    with tenant(closed.organization.pk):
        Run.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert periods_of(closed, closed.run()) == {202610, 202611}
    say(closed, closed_periods=0, final_only=True)
    # Nothing is due by itself: the newest closed period is read, so that no run proves nothing.
    assert periods_of(closed, closed.run()) == {202610}
    assert periods_of(closed, closed.run(202611)) == {202611}


def periods_of(rig: Rig, run: Run) -> set[int]:
    """Return the periods that a run has read."""
    with tenant(rig.organization.pk):
        return set(RunUnit.objects.filter(run=run).values_list("year_period", flat=True))


def test_an_unusual_volume_and_an_emptied_unit_stop_or_warn_as_the_sync_says(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    from integrations.services.phases import volumes

    monkeypatch.setattr(volumes, "FEWEST_ROWS", 2)
    assert rig.run(202610).state == "reconciled"
    rig.journal("US01", 202610, ("1000", "200", "1", "0"), ("4000", "100", "0", "1"))
    say(rig, volume_gate="block", volume_share=30)
    run = rig.run(202610)
    assert (run.state, run.error_code) == ("failed", "qad_volume_abnormal")
    assert "US01 202610 has 7 rows where 5 are usual" in run.error_message
    say(rig, volume_gate="warn", volume_share=30)
    run = rig.run(202610)
    assert [warning["code"] for warning in run.warnings] == ["qad_volume_abnormal"]
    say(rig, volume_gate="loud")
    assert rig.run(202610).error_code == "policies_invalid"
