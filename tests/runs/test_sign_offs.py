"""Signing off an entity and period: only what is final and green, and open again once it is not."""

import pytest

from accounts.errors import Refused
from accounts.models import Role
from accounts.services.people import confirm_address
from audit.selectors import events_of_run
from audit.tenancy import tenant
from integrations.models import Sync, TieOutSignOff
from integrations.selectors.sign_offs import finality_of, list_standings
from integrations.services.sign_offs import sign_off, sign_off_unit
from tests.accounts.people import Cast

PLACE = ("US01", 202611)
GROUP = "E_US01|Nov 26"


def set_status(rig, status, entity="US01", year_period=202611):
    """Close or open a period in QAD."""
    rig.qad.call(
        "POST", "periods", {"entity": entity, "year_period": year_period, "status": status}
    )


def sign(rig, run, role=Role.OWNER, **more):
    """Sign November of US01 as a run has proved it."""
    actor = Cast(rig.organization).member(role)
    wish = {"run_id": run.pk, "group": GROUP, **more}
    return sign_off(organization=rig.organization, actor=actor, **wish)


def refusal(rig, run, **more):
    """The code for which a sign-off is refused; nothing was written."""
    with tenant(rig.organization.pk):
        before = TieOutSignOff.objects.count()
    with pytest.raises(Refused) as refused:
        sign(rig, run, **more)
    with tenant(rig.organization.pk):
        assert TieOutSignOff.objects.count() == before
    return refused.value.code


def standing(rig, run, group=GROUP):
    """How a group of a run stands."""
    with tenant(rig.organization.pk):
        return {found.group: found for found in list_standings(run)}[group]


def stored(row):
    """A sign-off as it is now."""
    with tenant(row.organization_id):
        return TieOutSignOff.objects.get(pk=row.pk)


@pytest.mark.parametrize(
    ("statuses", "finality"),
    [
        (["REPORTED"], "final"),
        (["FROZEN", "REPORTED"], "final"),
        (["REPORTED", "OPEN"], "preliminary"),
        (["LOCKED"], "preliminary"),
        (["SEALED"], "preliminary"),
        (["REPORTED", ""], "preliminary"),
        ([""], ""),
        ([], ""),
    ],
)
def test_only_what_qad_calls_reported_or_frozen_throughout_is_final(statuses, finality):
    assert finality_of(statuses) == finality


def test_a_period_is_signed_only_when_it_is_final_and_its_newest_tie_out_is_green(rig):
    open_run = rig.run()
    assert standing(rig, open_run).finality == "preliminary"
    assert refusal(rig, open_run) == "sign_off_not_final"
    set_status(rig, "REPORTED")
    assert refusal(rig, open_run) == "sign_off_not_final"
    rig.alter("E_US01 A_1000 CC_100 Nov 26", "Debit", "1.00")
    red = rig.run()
    assert (red.state, refusal(rig, red)) == ("failed", "sign_off_not_green")
    green = rig.run()
    assert refusal(rig, open_run) == "sign_off_not_newest"
    for role in (Role.OPERATOR, Role.VIEWER, Role.AUDITOR):
        assert refusal(rig, green, role=role) == "right_missing"
    under_way = rig.start()
    assert refusal(rig, green) == "sync_is_busy"
    under_way = rig.finish(under_way)
    assert refusal(rig, under_way, group="E_US01|Dec 26") == "sign_off_unknown"
    row = sign(rig, under_way, note=" Closed with controlling. ")
    assert (row.entity, row.period, row.note) == ("E_US01", "Nov 26", "Closed with controlling.")
    assert {"currency": "USD", "measure": "debit", "amount": "2500.50"} in row.totals
    assert refusal(rig, under_way) == "sign_off_exists"
    assert standing(rig, under_way).is_signed
    assert standing(rig, under_way, "E_DE01|Nov 26").finality == "preliminary"
    with tenant(rig.organization.pk):
        event = events_of_run(rig.organization.pk, under_way.pk).get(action="tie_out.signed_off")
    assert (event.actor, event.data["digest"]) == (row.signed_by, row.digest)
    rig.check(under_way)


def test_a_sign_off_holds_while_amounts_stay_and_is_kept_when_they_do_not(rig):
    set_status(rig, "FROZEN")
    first = sign(rig, rig.run())
    rig.run()
    assert stored(first).reopened_at is None
    rig.journal("DE01", 202611, ("6000", "100", "5", "0"), ("1000", "100", "0", "5"))
    rig.run()
    assert stored(first).reopened_at is None, "another entity's amounts"
    # The stand-in opens a period for a late journal; it is frozen again before the run.
    set_status(rig, "OPEN")
    rig.journal("US01", 202611, ("6000", "100", "5", "0"), ("1000", "100", "0", "5"))
    set_status(rig, "FROZEN")
    changed = rig.run()
    row = stored(first)
    assert (row.reopened_code, row.reopened_by_id) == ("sign_off_amounts_changed", changed.pk)
    assert changed.state == "reconciled"
    assert standing(rig, changed).reopened.code == "sign_off_amounts_changed"
    second = sign(rig, changed)
    assert second.digest != first.digest
    rig.alter("E_US01 A_1000 CC_100 Nov 26", "Debit", "1.00")
    rig.run()
    assert stored(second).reopened_code == "sign_off_differs"
    third = sign(rig, rig.run())
    set_status(rig, "LOCKED")
    last = rig.run()
    assert stored(third).reopened_code == "sign_off_period_open"
    with tenant(rig.organization.pk):
        assert TieOutSignOff.objects.count() == 3
        event = events_of_run(rig.organization.pk, last.pk).get(action="tie_out.reopened")
    assert event.data["signed_by"] == third.signed_by


def test_two_cells_swapped_in_qad_open_a_sign_off_though_no_sum_has_changed(rig):
    set_status(rig, "REPORTED")
    first = sign(rig, rig.run(202611))
    set_status(rig, "OPEN")
    rig.journal("US01", 202611, ("6000", "100", "7", "0"), ("6000", "200", "-7", "0"))
    set_status(rig, "REPORTED")
    second = rig.run(202611)
    assert stored(first).reopened_code == "sign_off_amounts_changed"
    assert sign(rig, second).totals == first.totals


def test_a_run_that_is_stopped_after_mapping_has_seen_the_other_amounts_all_the_same(rig):
    set_status(rig, "REPORTED")
    first = sign(rig, rig.run(202611))
    with tenant(rig.organization.pk):
        Sync.objects.filter(pk=rig.sync.pk).update(balance_gate="block")
    set_status(rig, "OPEN")
    row = {"entity": "US01", "year_period": 202611, "glAccountCode": "4000"}
    rig.qad.call("DELETE", "balances", row)
    set_status(rig, "REPORTED")
    stopped = rig.run(202611)
    assert (stopped.state, stopped.error_code) == ("failed", "books_not_balanced")
    assert stored(first).reopened_code == "sign_off_amounts_changed"


def test_a_sign_off_by_qads_codes_names_a_member(rig):
    set_status(rig, "REPORTED")
    run = rig.run(202611)
    owner = Cast(rig.organization).member(Role.OWNER)
    confirm_address(user=owner)
    wish = {"organization": rig.organization, "sync": rig.sync, "entity": "US01"}
    for email, period, code in (
        ("nobody@example.com", 202611, "right_missing"),
        (owner.email, 202612, "sign_off_unknown"),
    ):
        with pytest.raises(Refused) as refused:
            sign_off_unit(**wish, year_period=period, email=email)
        assert refused.value.code == code
    row = sign_off_unit(**wish, year_period=202611, email=owner.email)
    assert (row.run_id, row.group, row.signed_by) == (run.pk, GROUP, owner.email)
