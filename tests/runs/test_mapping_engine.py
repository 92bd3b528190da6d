"""Splits by date and what becomes of codes without a member, in whole runs, to the last digit."""

import io
import json
from decimal import Decimal

import pytest
from django.core.management import call_command

from audit.tenancy import tenant
from integrations.models import Phase, Sync
from integrations.services import states
from integrations.services.replay import replay_records
from integrations.services.runs import advance_run
from tests.runs.small_world import MEASURES, write_world

CENTERS = ("CC_A", "CC_B")


@pytest.fixture
def rig(make_rig, tmp_path):
    """The small world, whose model has more members than are mapped."""
    world = write_world(tmp_path / "growing")
    model = json.loads(world.model.read_text())
    (place,) = model["workspaces"]
    for members in place["models"][0]["lists"]:
        more = {"Accounts": ("A_SUSPENSE",), "Cost Centers": CENTERS}.get(members["name"], ())
        members["items"] += [{"name": code, "code": code} for code in more]
    world.model.write_text(json.dumps(model))
    return make_rig(world)


def map_code(rig, *arguments):
    """Map as the command does; return what it noted."""
    output = io.StringIO()
    call_command("map_code", *arguments, "--organization", rig.organization.slug, stdout=output)
    return output.getvalue()


def set_policy(rig, policy, **members):
    with tenant(rig.organization.pk):
        Sync.objects.filter(pk=rig.sync.pk).update(unmapped_policy=policy, suspense_members=members)


def amounts(rig, center, month="Nov 26", entity="E_US01"):
    """What one cost center holds in a month, by account: debit, credit and quantity."""
    return {
        place.split(" ")[1]: tuple(values[name] for name in ("Debit", "Credit", "Quantity"))
        for place, values in rig.cells().items()
        if place.startswith(f"{entity} ") and place.endswith(f" {center} {month}")
    }


def totals(rig):
    sums = dict.fromkeys(MEASURES, Decimal(0))
    for values in rig.cells().values():
        for name in MEASURES:
            sums[name] += Decimal(values[name] or "0")
    return sums


def test_a_rename_changes_no_cell_and_a_split_by_date_just_those_of_its_months(rig):
    first = rig.run()
    before, whole = rig.cells(), totals(rig)
    assert first.state == "reconciled"
    rig.qad.call("POST", "cost_centers", {"cost_center": "100", "description": "Hall 1"})
    note = map_code(rig, "cost_center", "100", "--from", "202611", "--split", "CC_A=0.6",
                    "--split", "CC_B=0.4")  # fmt: skip
    assert "cost_center 100 mapped to CC_A (0.6), CC_B (0.4) from 202611" in note

    run = rig.run()
    assert (run.state, run.counts["rows"], run.counts["loaded"], run.counts["unchanged"]) == (
        "reconciled", 20, 6, 14,
    )  # fmt: skip
    assert (run.counts["cells_changed"], run.counts["zero_sends"]) == (18, 6)
    assert amounts(rig, "CC_A") == {
        "A_1000": ("900.15", "0.00", "0"), "A_6000": ("480.06", "0.00", "0"),
        "A_9000": ("0", "0", "7"),
    }  # fmt: skip
    assert amounts(rig, "CC_B") == {
        "A_1000": ("600.10", "0.00", "0"), "A_6000": ("320.04", "0.00", "0"),
        "A_9000": ("0", "0", "5"),
    }  # fmt: skip
    assert set(amounts(rig, "CC_100").values()) == {("0", "0", "0")}
    after = rig.cells()
    assert {place for place in before if place.endswith("Oct 26")} == {
        place for place in before if place.endswith("Oct 26") and before[place] == after[place]
    }
    assert totals(rig) == whole

    map_code(rig, "cost_center", "100", "--split", "CC_A=0.6", "--split", "CC_B=0.4")
    restated = rig.run()
    assert (restated.state, restated.counts["loaded"], restated.counts["unchanged"]) == (
        "reconciled", 6, 14,
    )  # fmt: skip
    assert amounts(rig, "CC_A", "Oct 26") == amounts(rig, "CC_A")
    assert totals(rig) == whole


def test_a_split_row_with_bad_cells_is_listed_once_with_what_it_brings_there(rig):
    map_code(rig, "cost_center", "100", "CC_A", "--weight", "0.6", "--split", "CC_998=0.1",
             "--split", "CC_999=0.3")  # fmt: skip
    run = rig.run(202611)
    assert (run.state, run.counts["loaded"], run.counts["rejected"]) == ("partial", 4, 6)
    records = {r.cell_key: r for r in rig.exceptions(run) if r.part == "US01/202611"}
    assert {cell: record.values["debit"] for cell, record in records.items()} == {
        "E_US01,A_1000,CC_998,Nov 26,USD": "600.10",
        "E_US01,A_6000,CC_998,Nov 26,USD": "320.04",
        "E_US01,A_9000,CC_998,Nov 26,USD": "0",
    }
    assert amounts(rig, "CC_A")["A_1000"][0] == "900.15"
    assert all(cell.is_explained for cell in rig.differences(run))

    map_code(rig, "cost_center", "100", "--split", "CC_A=0.5", "--split", "CC_B=0.5")
    child = rig.replay(run, records["E_US01,A_1000,CC_998,Nov 26,USD"].pk)
    assert (child.state, child.counts["loaded"], child.counts["held"]) == ("partial", 1, 2)
    assert amounts(rig, "CC_B")["A_1000"][0] == "750.13"
    assert {record.code for record in rig.exceptions(child)} == {"replay_not_chosen"}
    assert {cell.cell_key.split(",")[2] for cell in rig.differences(child)} == {"CC_A", "CC_B"}
    assert all(cell.is_explained for cell in rig.differences(child))
    assert rig.replay(child).state == "reconciled"


def test_hold_sends_the_rest_block_nothing_and_suspense_exactly_what_lacks(rig):
    map_code(rig, "gl_account", "6000")
    held = rig.run(202611)
    assert (held.state, held.counts["held"], held.counts["loaded"]) == ("partial", 4, 6)
    with tenant(rig.organization.pk):
        lines = held.tie_out_lines.filter(entity="E_US01", measure="debit")
        assert sum(line.source for line in lines) == Decimal("2500.50")
        assert sum(line.sent + line.listed for line in lines) == Decimal("2500.50")

    set_policy(rig, "block")
    before, puts = rig.cells(), rig.anaplan.count("chunk_puts")
    run = rig.run(202611)
    assert (run.state, run.error_code) == ("failed", "unmapped_blocked")
    assert (run.counts["rows"], run.counts["held"]) == (10, 4)
    assert (
        "4 rows have a code without a member: "
        "gl account 6000 (4 rows, net 1000.25 EUR, net 1000.25 USD)."
    ) in run.error_message
    assert (rig.cells(), rig.anaplan.count("chunk_puts")) == (before, puts)
    assert [record.code for record in rig.exceptions(run)] == ["unmapped_gl_account"] * 4
    assert {record.state for record in rig.exceptions(held)} == {"superseded"}

    set_policy(rig, "suspense", gl_account="A_SUSPENSE")
    run = rig.run(202611)
    assert (run.state, run.counts["suspense"], run.counts["held"]) == ("reconciled", 4, 0)
    assert (run.counts["loaded"], run.counts["unchanged"]) == (4, 6)
    assert [warning["code"] for warning in run.warnings] == ["rows_in_suspense"]
    assert "gl account 6000 (4 rows, net 1000.25 EUR, net" in run.warnings[0]["message"]
    assert amounts(rig, "CC_100")["A_SUSPENSE"] == ("800.10", "0.00", "0")
    assert amounts(rig, "CC_200")["A_SUSPENSE"] == ("200.15", "0.00", "0")
    assert {record.state for record in rig.exceptions(held)} == {"superseded"}

    set_policy(rig, "block")
    map_code(rig, "gl_account", "60", "A_6000", "--kind", "prefix")
    child = rig.replay(run)
    assert (child.state, child.counts["loaded"], child.warnings) == ("reconciled", 4, [])
    assert amounts(rig, "CC_100")["A_6000"] == ("800.10", "0.00", "0")
    assert amounts(rig, "CC_100")["A_SUSPENSE"] == ("0", "0", "0")


def test_what_was_sent_of_a_row_that_is_held_back_must_agree_all_the_same(rig, monkeypatch):
    map_code(rig, "cost_center", "100", "CC_998")
    map_code(rig, "cost_center", "200", "CC_999")
    run = rig.run(202611)
    [chosen] = [r.pk for r in rig.exceptions(run) if r.source_key.startswith("US01|6000||200|")]
    map_code(rig, "cost_center", "100", "--split", "CC_A=0.5", "--split", "CC_B=0.5")
    map_code(rig, "cost_center", "200", "CC_A")
    child = replay_records(
        organization=rig.organization, run_id=run.pk, exception_ids=[chosen], requested_by="test"
    )
    monkeypatch.setattr(states, "SLICE_SECONDS", 0.0)
    while rig.reload(child).phase != Phase.RECONCILE:
        advance_run(rig.organization.pk, child.pk)
        rig.make_due(child)
    rig.alter("E_US01 A_6000 CC_A Nov 26", "Debit", "1.00")
    child = rig.finish(child)
    assert (child.state, child.error_code) == ("failed", "tie_out_difference")
    assert child.counts["rows"] == child.counts["loaded"] + child.counts["held"] == 5
    unexplained = {cell.cell_key for cell in rig.differences(child) if not cell.is_explained}
    assert unexplained == {"E_US01,A_6000,CC_A,Nov 26,USD"}
