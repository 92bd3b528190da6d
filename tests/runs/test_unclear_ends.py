"""Ends that nobody is told: the state is unknown, unverified or deferred, never green."""

from datetime import timedelta

from django.utils import timezone

from audit.tenancy import tenant
from integrations.models import Run
from integrations.services.pausing import pause_connection, resume_connection
from integrations.services.tokens import RedisTokenStore
from integrations.transport.errors import IntegrationError

POLL = r"imports/\d+/tasks/\w+"


def let_deadline_pass(rig, run):
    """Let the run's deadline lie in the past."""
    with tenant(rig.organization.pk):
        past = timezone.now() - timedelta(seconds=1)
        Run.objects.filter(pk=run.pk).update(deadline=past)


def test_a_read_back_that_fails_leaves_the_run_unverified_and_the_next_one_proves_it(rig):
    rig.anaplan.fault(path="exports/.*/tasks$", method="POST", kind="status", status=403, times=-1)
    run = rig.run()
    assert (run.state, run.counts["loaded"]) == ("unverified", 20)
    assert run.error_code
    rig.anaplan.heal()
    again = rig.run()
    assert (again.state, again.counts["unchanged"]) == ("reconciled", 20)


def test_rejected_rows_are_listed_even_without_a_read_back(rig):
    rig.map("cost_center", "200", "CC_999")
    rig.anaplan.fault(path="exports/.*/tasks$", method="POST", kind="status", status=403, times=-1)
    run = rig.run(202611)
    assert (run.state, run.counts["rejected"], run.counts["loaded"]) == ("unverified", 4, 6)
    assert len(rig.exceptions(run)) == 4


def test_a_task_that_anaplan_no_longer_knows_is_settled_by_reading_back(rig):
    rig.anaplan.fault(
        path=r"imports/\d+/tasks/\w+", method="GET", kind="status", status=404, times=-1
    )
    run = rig.run()
    assert (run.state, run.counts["loaded"]) == ("reconciled", 20)
    assert run.warnings
    assert rig.anaplan.count("import_posts") == 1


def test_a_busy_model_past_the_deadline_defers_the_run_and_sends_nothing(rig):
    rig.anaplan.call("POST", "hold", {"tooltip": "Import by Pat Planner"})
    run = rig.start()
    rig.finish(run, slices=1)
    let_deadline_pass(rig, run)
    run = rig.finish(run)
    assert (run.state, run.error_code) == ("deferred", "anaplan_model_busy")
    assert rig.anaplan.count("import_posts") == 0
    rig.anaplan.call("DELETE", "hold")
    assert rig.run().state == "reconciled"


def test_an_import_whose_end_nobody_tells_before_the_deadline_is_unknown(rig):
    rig.anaplan.fault(
        path=r"imports/\d+/tasks/\w+", method="GET", kind="status", status=503, times=-1
    )
    run = rig.start()
    rig.finish(run, slices=2)
    let_deadline_pass(rig, run)
    run = rig.finish(run)
    assert run.state == "unknown"
    rig.anaplan.heal()
    again = rig.run()
    assert again.state == "reconciled"


def start_and_lose_sight(rig):
    """Start a run and let it come as far as an import whose end it cannot read."""
    rig.anaplan.fault(path=POLL, method="GET", kind="status", status=503, times=-1)
    run = rig.start()
    rig.finish(run, slices=2)
    rig.anaplan.heal()
    return run


def check_next_run_proves(rig):
    """Let the connection go on as a ping does, and see the next run find what was done."""
    RedisTokenStore(rig.sync.target).forget_refusal()
    mine = {"organization": rig.organization, "connection_id": rig.sync.target_id}
    assert resume_connection(**mine)
    again = rig.run()
    assert again.state == "reconciled"


def test_a_sign_in_that_is_lost_while_the_import_may_run_leaves_its_end_unknown(rig):
    run = start_and_lose_sight(rig)
    rig.anaplan.call("POST", "settings", {"basic_is_enabled": False})
    rig.anaplan.fault(path=POLL, method="GET", kind="token_revoked", times=-1)
    run = rig.finish(run)
    assert (run.state, run.error_code) == ("unknown", "import_unclear")
    assert [warning["code"] for warning in run.warnings] == ["anaplan_sign_in_refused"]
    rig.anaplan.heal()
    rig.anaplan.call("POST", "settings", {"basic_is_enabled": True})
    check_next_run_proves(rig)


def test_a_pause_while_the_import_may_run_leaves_its_end_unknown(rig):
    run = start_and_lose_sight(rig)
    pause_connection(rig.sync.target, IntegrationError("anaplan_sign_in_refused"))
    run = rig.finish(run)
    assert (run.state, run.error_code) == ("unknown", "connection_paused")
    check_next_run_proves(rig)


def test_a_cancelled_run_stops_before_anything_is_sent(rig):
    from integrations.services.syncs import cancel_run

    rig.anaplan.call("POST", "hold", {"tooltip": "Import by Pat Planner"})
    run = rig.start()
    rig.finish(run, slices=1)
    cancel_run(organization=rig.organization, run_id=run.pk, requested_by="test")
    run = rig.finish(run)
    rig.check(run)
    assert run.state == "cancelled"
    rig.anaplan.call("DELETE", "hold")
    assert rig.cells() == {}
    assert rig.anaplan.count("import_posts") == 0


def test_cancelling_a_running_import_asks_anaplan_and_tells_what_is_true(rig):
    from integrations.services.syncs import cancel_run

    rig.anaplan.call("POST", "settings", {"task_seconds": 30.0})
    run = rig.start()
    rig.finish(run, slices=2)
    assert rig.reload(run).phase == "collect"
    cancel_run(organization=rig.organization, run_id=run.pk, requested_by="test")
    rig.anaplan.call("POST", "settings", {"task_seconds": 0.0})
    run = rig.finish(run)
    rig.check(run)
    assert (run.state, run.error_code) == ("cancelled", "anaplan_import_cancelled")
    assert rig.cells() == {}
