"""Runs read only what a check of the instance profile has proved, or what they prove themselves."""

import copy

import pytest

from accounts.errors import Refused
from audit.catalogue import Kind
from audit.tenancy import tenant
from integrations.models import Connection, Run
from integrations.qad.probes import Prober
from integrations.services.document_checks import accept_warning, check_profile
from integrations.services.profile_gate import prove_profile, refuse_unusable
from integrations.services.profiles import keep_profile
from integrations.transport.errors import IntegrationError


def edit(rig, document, **changes):
    with tenant(rig.organization.pk):
        source = Connection.objects.get(pk=rig.sync.source_id)
        profile = copy.deepcopy(source.profile)
        profile["documents"][document].update(changes)
        keep_profile(source, profile)


def check(rig):
    check_profile(organization=rig.organization, connection_id=rig.sync.source_id, asked_by="test")


def asked_for(rig):
    with tenant(rig.organization.pk):
        return Connection.objects.get(pk=rig.sync.source_id).check_asked_by


def usable(rig):
    with tenant(rig.organization.pk):
        try:
            refuse_unusable(rig.sync)
        except Refused:
            return False
    return True


def test_a_run_is_refused_for_a_document_that_it_needs_and_for_no_other(rig):
    edit(rig, "cost_center", path="api/bdoc/qad/base/coa/Centers")
    check(rig)
    assert usable(rig)
    assert rig.run(202611).state == "reconciled"
    edit(rig, "gl_period", path="api/bdoc/qad/financials/generalledger/Periods")
    check(rig)
    assert not usable(rig)
    with pytest.raises(Refused) as refused:
        rig.start(202611)
    assert refused.value.code == "profile_not_usable"
    assert refused.value.facts["document"] == "gl_period"
    with tenant(rig.organization.pk):
        assert Run.objects.count() == 1


def test_a_run_proves_by_itself_what_nobody_has_checked_before_anything_is_uploaded(rig):
    edit(rig, "gl_balance", measure="movement", enabled=True, rows_at="rows")
    uploads = rig.anaplan.count("chunk_puts")
    run = rig.finish(rig.start(202611))
    assert (run.state, run.error_code) == ("failed", "qad_unexpected_shape")
    assert rig.anaplan.count("chunk_puts") == uploads
    edit(rig, "gl_balance", rows_at="data")
    assert rig.run(202611).state == "reconciled"
    assert usable(rig)


def test_a_warning_that_nobody_has_accepted_keeps_a_run_from_reading(rig):
    edit(rig, "gl_balance", static_filters=[])
    run = rig.finish(rig.start(202611))
    assert (run.state, run.error_code) == ("failed", "profile_not_usable")
    assert "Nothing keeps other layers out" in run.error_message


def test_a_run_that_meets_a_changed_instance_has_the_profile_checked_again(rig):
    check(rig)
    assert asked_for(rig) == ""
    rig.qad.fault(path="GLBalances", kind="status", status=404, times=-1)
    run = rig.finish(rig.start(202611))
    assert run.error_code == "qad_path_not_found"
    assert asked_for(rig) == f"run {run.pk}"


def test_an_outage_during_a_check_does_not_refuse_later_runs(rig):
    rig.qad.fault(path="GL|Cost|Entities", kind="status", status=503, times=-1)
    check(rig)
    assert usable(rig)
    rig.qad.heal()
    assert rig.run(202611).state == "reconciled"


def test_an_outage_at_night_keeps_no_run_from_what_an_admin_has_accepted(rig):
    edit(rig, "gl_balance", static_filters=[])
    check(rig)
    accept_warning(
        organization=rig.organization, connection_id=rig.sync.source_id,
        document="gl_balance", accepted_by="admin@example.com",
    )  # fmt: skip
    rig.qad.fault(path="GL|Cost|Entities", kind="status", status=503, times=-1)
    check(rig)
    rig.qad.heal()
    assert usable(rig)
    assert rig.run(202611).state == "reconciled"


def test_a_run_that_cannot_look_waits_and_takes_no_older_result_for_an_answer(rig):
    edit(rig, "gl_balance", static_filters=[])
    run = rig.start(202611)
    check(rig)
    rig.qad.fault(path="GLBalances", kind="status", status=503, times=-1)
    with pytest.raises(IntegrationError) as caught:
        prove_profile(run)
    assert (caught.value.code, caught.value.kind) == ("qad_error", Kind.TRANSIENT)


@pytest.mark.parametrize("at", [0, 1])
def test_a_profile_that_is_saved_while_a_run_checks_it_is_not_read_unproved(rig, at, monkeypatch):
    real = Prober.findings

    def findings(self, names):
        for number, finding in enumerate(real(self, names)):
            if number == at:
                edit(rig, "gl_balance", rows_at="rows")
            yield finding

    edit(rig, "gl_balance", sort=["gl_account"])
    monkeypatch.setattr(Prober, "findings", findings)
    run = rig.start(202611)
    with pytest.raises(IntegrationError) as caught:
        prove_profile(run)
    assert (caught.value.code, caught.value.kind) == ("profile_in_change", Kind.TRANSIENT)


def test_a_run_does_not_read_by_an_older_profile_than_the_one_that_was_proved(rig):
    run = rig.start(202611)
    assert run.sync.source.profile
    edit(rig, "gl_balance", sort=["gl_account"])
    check(rig)
    with pytest.raises(IntegrationError) as caught:
        prove_profile(run)
    assert caught.value.code == "profile_in_change"


def test_a_document_that_is_switched_off_is_named_and_not_waited_for(rig):
    edit(rig, "gl_balance", enabled=False)
    run = rig.finish(rig.start(202611))
    assert (run.state, run.error_code) == ("failed", "profile_invalid")
    assert "switched off" in run.error_message
