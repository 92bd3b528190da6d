"""What no fault, kill or deadline may turn into a false green."""

import json
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from accounts.errors import Refused
from audit.selectors import events_of_run
from audit.tenancy import tenant
from integrations.models import Connection, ModelLease, Run
from integrations.services import proof
from integrations.services.leases import lease_key
from integrations.services.syncs import start_run
from tests.runs.small_world import MODEL, ROWS, write_world

IMPORTS = "/imports/[0-9]+/tasks$"


def let_deadline_pass(rig, run):
    with tenant(rig.organization.pk):
        Run.objects.filter(pk=run.pk).update(deadline=Now() - timedelta(minutes=1))


def kill_before_the_group_is_kept(monkeypatch):
    """Let the first group that has rejected records die between their commit and its own."""
    monkeypatch.setattr("integrations.services.states.ROWS_TOGETHER", 0)
    keep, died = proof._Prover.commit, []

    def die(self, counts):
        if counts["rejected"] and not died:
            died.append(True)
            raise KeyboardInterrupt
        return keep(self, counts)

    monkeypatch.setattr(proof._Prover, "commit", die)


def test_a_kill_between_records_and_group_never_turns_rejected_records_green(
    make_rig, tmp_path, monkeypatch
):
    rig = make_rig(write_world(tmp_path / "w", rows={("US01", 202611): ROWS}))
    rig.map("cost_center", "200", "CC_NOWHERE")
    kill_before_the_group_is_kept(monkeypatch)
    run = rig.start(202611)
    with pytest.raises(KeyboardInterrupt):
        rig.finish(run)
    with tenant(rig.organization.pk):
        Run.objects.filter(pk=run.pk).update(claimed_until=Now(), not_before=Now())
    run = rig.finish(run)
    assert (run.state, run.counts["rejected"]) == ("partial", 2)
    assert len(rig.exceptions(run)) == 2


def test_an_ignored_row_does_not_explain_a_cell_that_was_not_sent(rig):
    rig.run()
    rig.alter("E_US01 A_1000 CC_100 Oct 26", "Debit", "1.00")
    rig.journal("DE01", 202611, ("6000", "100", "5.00", "0"), ("1000", "100", "0", "5.00"))
    rig.anaplan.fault(path=IMPORTS, method="POST", kind="ignore_rows", rows=1, counted=True)
    run = rig.run()
    assert (run.state, run.error_code) == ("failed", "tie_out_difference")
    unexplained = [cell.cell_key for cell in rig.differences(run) if not cell.is_explained]
    assert unexplained == ["E_US01,A_1000,CC_100,Oct 26,USD"]
    assert run.counts["ignored"] == 1


def test_a_run_that_waits_for_another_load_is_deferred_at_its_deadline(rig):
    run = rig.start()
    target = rig.sync.target
    key = lease_key(Connection(identity=rig.world.customer, address=target.address), MODEL)
    ModelLease.objects.update_or_create(
        key=key,
        defaults={
            "organization_id": 0,
            "run_id": 0,
            "expires_at": Now() + timedelta(hours=1),
        },
    )
    rig.finish(run, slices=3)
    assert rig.reload(run).error_code == "model_leased"
    let_deadline_pass(rig, run)
    run = rig.finish(run)
    ModelLease.objects.filter(key=key).delete()
    assert (run.state, run.error_code) == ("deferred", "model_leased")


def test_an_import_that_never_ends_is_unknown_at_the_deadline(rig):
    rig.anaplan.fault(path=IMPORTS, method="POST", kind="task_never_ends")
    run = rig.start()
    rig.finish(run, slices=4)
    let_deadline_pass(rig, run)
    run = rig.finish(run)
    assert (run.state, run.error_code) == ("unknown", "import_unclear")


def test_the_balance_gate_is_not_silent_without_a_net_column(make_rig, tmp_path):
    world = write_world(
        tmp_path / "w", rows={("US01", 202611): (("1000", "100", "10.00", "0.00"),)}
    )
    model = json.loads(world.model.read_text())
    (inner,) = model["workspaces"][0]["models"]
    for action in inner["imports"] + inner["exports"]:
        action["columns"] = [c for c in action["columns"] if c["header"] not in ("Net", "Quantity")]
    world.model.write_text(json.dumps(model))
    run = make_rig(world).run(202611)
    assert (run.state, run.error_code) == ("reconciled", "")
    assert [warning["code"] for warning in run.warnings] == ["books_not_balanced"]


def test_the_trail_of_a_run_begins_with_who_asked_for_it(rig):
    run = rig.run()
    with tenant(rig.organization.pk):
        actions = [event.action for event in events_of_run(rig.organization.pk, run.pk)]
    assert actions[:2] == ["run.queued", "run.started"]
    assert actions[-1] == "run.finished"


def test_a_run_that_must_be_its_own_is_refused_while_another_works(rig):
    first = rig.start(202610)
    with pytest.raises(Refused, match=f"Run {first.pk}"):
        start_run(
            organization=rig.organization,
            sync_id=rig.sync.pk,
            periods=[202611],
            requested_by="test",
            may_join=False,
        )
