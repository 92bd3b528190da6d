"""The one table of states, and one active run per sync."""

import pytest

from accounts.errors import Refused
from audit.models import Event
from audit.tenancy import tenant
from integrations.models import DueRun, Run, RunState
from integrations.models.runs import ACTIVE, ENDED, MOVES
from integrations.services.states import BadMove, claim_run, move
from integrations.services.syncs import cancel_run, start_run
from tests.integrations.services.runs_of import make_run, make_sync
from tests.parallel import all_at_once


def test_ends_are_final_and_every_active_state_has_moves():
    assert set(MOVES) == set(ACTIVE)
    assert set(ACTIVE) | set(ENDED) == set(RunState)


@pytest.mark.parametrize("state", ENDED)
def test_no_run_leaves_an_end(state):
    run = make_run()
    with tenant(run.organization_id):
        Run.objects.filter(pk=run.pk).update(state=state)
        ended = Run.objects.get(pk=run.pk)
        with pytest.raises(BadMove):
            move(ended, RunState.RUNNING)
        assert Run.objects.get(pk=run.pk).state == state


def test_a_queued_run_cannot_be_green_without_running():
    run = make_run()
    with tenant(run.organization_id), pytest.raises(BadMove):
        move(run, RunState.RECONCILED)


def test_a_run_that_moved_meanwhile_is_not_moved_again():
    run = make_run()
    with tenant(run.organization_id):
        stale = Run.objects.get(pk=run.pk)
        move(run, RunState.CANCELLED)
        with pytest.raises(BadMove):
            move(stale, RunState.RUNNING)


def test_starting_twice_gives_the_run_that_is_under_way():
    run = make_run()
    again = start_run(
        organization=run.organization, sync_id=run.sync_id, periods=None, requested_by="other"
    )
    assert again.pk == run.pk


def test_starting_fifty_times_at_once_makes_one_run_and_one_line_of_the_trail():
    sync = make_sync()
    wish = {"organization": sync.organization, "sync_id": sync.pk, "periods": None}
    found = all_at_once(50, lambda number: start_run(**wish, requested_by=f"person {number}").pk)
    assert (len(found), len(set(found))) == (50, 1)
    with tenant(sync.organization_id):
        assert Event.objects.filter(action="run.queued").count() == 1


def test_a_queued_run_is_cancelled_at_once():
    run = make_run()
    cancel_run(organization=run.organization, run_id=run.pk, requested_by="test")
    with tenant(run.organization_id):
        assert Run.objects.get(pk=run.pk).state == RunState.CANCELLED
    assert not DueRun.objects.filter(run_id=run.pk).exists()
    with pytest.raises(Refused, match="cancelled already"):
        cancel_run(organization=run.organization, run_id=run.pk, requested_by="test")


def test_another_organization_cannot_cancel_or_claim_it():
    run, stranger = make_run(), make_sync().organization
    with pytest.raises(Refused, match="no run"):
        cancel_run(organization=stranger, run_id=run.pk, requested_by="stranger")
    assert claim_run(stranger.pk, run.pk) is None


def test_a_sync_without_a_mapping_is_refused():
    from integrations.models import MappingVersion

    sync = make_sync()
    with tenant(sync.organization_id):
        MappingVersion.objects.all().delete()
    with pytest.raises(Refused, match="no approved mapping"):
        start_run(
            organization=sync.organization, sync_id=sync.pk, periods=None, requested_by="test"
        )
