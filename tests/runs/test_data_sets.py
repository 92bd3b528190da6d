"""Cost-center spend and supplier invoices arrive to the cent, each by its own conventions."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from audit.tenancy import tenant
from integrations.models import Load, Sync
from tests.runs.conftest import Rig
from tests.runs.wide_world import (
    INVOICES,
    POSTINGS,
    SPEND,
    add_list,
    add_sync,
    held_by,
    items_of,
    write_wide_world,
)


@pytest.fixture
def wide(make_rig: Any, tmp_path: Path) -> Rig:
    """The wide world, wired."""
    built: Rig = make_rig(write_wide_world(tmp_path / "wide"))
    return built


def test_spend_is_that_of_profit_and_loss_and_agrees_with_the_balances(wide: Rig) -> None:
    add_sync(wide, "cost_center_spend", SPEND, "net", balance_gate="block")
    run = wide.run(202610)
    assert (run.state, run.error_code) == ("reconciled", "")
    # Six postings of each entity; the one on the balance sheet is no spend.
    assert (run.counts["rows"], run.counts["left_out"], run.counts["loaded"]) == (10, 2, 10)
    assert run.warnings == []
    assert held_by(wide, SPEND) == {
        f"E_{entity} {account} {center} Oct 26": amount
        for entity in ("US01", "DE01")
        for account, center, amount in (
            ("A_4000", "CC_200", "-2500.50"),
            ("A_6000", "CC_100", "800.10"),
            ("A_6000", "CC_200", "200.15"),
        )
    }


def test_spend_that_the_balances_do_not_know_is_named_before_anything_is_sent(
    make_rig: Any, tmp_path: Path
) -> None:
    lost = (*POSTINGS[:4], *POSTINGS[5:])
    wide: Rig = make_rig(write_wide_world(tmp_path / "lost", postings=lost))
    add_sync(wide, "cost_center_spend", SPEND, "net", balance_gate="block")
    run = wide.run(202610)
    assert (run.state, run.error_code) == ("failed", "spend_differs_from_balances")
    assert "account 6000, cost center 200: postings -50.00, balances 200.15" in run.error_message
    assert wide.anaplan.count("chunk_puts") == 0
    with tenant(wide.organization.pk):
        Sync.objects.filter(pk=wide.sync.pk).update(balance_gate="warn")
    run = wide.run(202610)
    assert run.state == "reconciled"
    assert [warning["code"] for warning in run.warnings] == ["spend_differs_from_balances"] * 2


def test_invoices_are_added_up_by_supplier_without_what_is_no_invoice(wide: Rig) -> None:
    add_sync(wide, "supplier_invoices", INVOICES, "amount")
    run = wide.run(202610)
    assert (run.state, run.error_code) == ("reconciled", "")
    assert (run.counts["rows"], run.counts["left_out"]) == (6, 6)
    assert held_by(wide, INVOICES) == {
        f"E_{entity} V_{supplier} Oct 26": amount
        for entity in ("US01", "DE01")
        for supplier, amount in (("S1", "1100.00"), ("S2", "99.99"))
    }
    # Somebody wants prepayments too, and takes the sign and the name of the month from the sync.
    with tenant(wide.organization.pk):
        Sync.objects.filter(pk=wide.sync.pk).update(
            conventions={"left_out": {"invoice_status": ["AP-INITIAL"]}}
        )
    run = wide.run(202610)
    assert (run.state, run.counts["left_out"]) == ("reconciled", 2)
    assert held_by(wide, INVOICES)["E_US01 V_S2 Oct 26"] == "608.99"


def test_conventions_turn_the_sign_name_the_month_and_choose_the_currency(wide: Rig) -> None:
    wide.map("period", "202610", "")
    conventions = {"sign": "income_positive", "period_name": "{Mon} {yy}"}
    add_sync(wide, "cost_center_spend", SPEND, "net", conventions=conventions)
    run = wide.run(202610)
    assert (run.state, run.error_code) == ("reconciled", "")
    held = held_by(wide, SPEND)
    assert held["E_DE01 A_4000 CC_200 Oct 26"] == "2500.50"
    assert held["E_DE01 A_6000 CC_100 Oct 26"] == "800.10"
    with tenant(wide.organization.pk):
        Sync.objects.filter(pk=wide.sync.pk).update(
            conventions={**conventions, "currency": "statutory"}, data_set="gl_balances"
        )
    run = wide.run(202610)
    # The module takes no quantity: the two headcounts are held, the money is there.
    assert (run.state, run.counts["held"]) == ("partial", 2)
    assert held_by(wide, SPEND)["E_US01 A_1000 CC_100 Oct 26"] == "1500.25"
    with tenant(wide.organization.pk):
        Sync.objects.filter(pk=wide.sync.pk).update(conventions={"sign": "sideways"})
    run = wide.run(202610)
    assert (run.state, run.error_code) == ("failed", "conventions_invalid")


def test_balances_since_the_beginning_are_never_taken_for_movements(rig: Rig) -> None:
    with tenant(rig.organization.pk):
        rig.sync.source.profile["documents"]["gl_balance"]["measure"] = "cumulative"
        rig.sync.source.save(update_fields=["profile"])
    run = rig.run(202610)
    assert (run.state, run.error_code) == ("failed", "balances_cumulative")
    assert rig.anaplan.count("chunk_puts") == 0


def test_a_process_is_a_target_and_its_steps_are_told(wide: Rig) -> None:
    add_sync(wide, "cost_center_spend", SPEND, "net", process_name="Spend, all of it")
    wide.map("cost_center", "200", "CC_404")
    run = wide.run(202610)
    assert (run.state, run.counts["rejected"], run.counts["loaded"]) == ("partial", 6, 4)
    with tenant(wide.organization.pk):
        load = Load.objects.get(run=run)
    assert load.process_id == "118000000001"
    (step,) = load.result["steps"]
    assert step["name"] == f"{SPEND} from QAD"
    wide.anaplan.call(
        "POST",
        "objects",
        {
            "model": wide.sync.model_id,
            "kind": "processes",
            "id": "118000000001",
            "change": {"name": "Spend 2"},
        },
    )
    run = wide.run(202610)
    assert (run.state, run.error_code) == ("failed", "anaplan_process_renamed")


def test_a_target_that_is_emptied_first_gets_every_cell_each_time(wide: Rig) -> None:
    add_sync(wide, "cost_center_spend", SPEND, "net", process_name="Spend anew", sends_all=True)
    run = wide.run(202610)
    assert (run.state, run.counts["lines"]) == ("reconciled", 6)
    moved = (("6000", "200", "-200.15", "0"), ("6000", "100", "200.15", "0"))
    wide.journal("US01", 202610, *moved)
    run = wide.run(202610)
    # Five cells of six are left with an amount; the emptied one is sent as what QAD says of it.
    assert (run.state, run.error_code) == ("reconciled", "")
    assert "E_US01 A_6000 CC_200 Oct 26" not in nonzero(held_by(wide, SPEND))
    assert held_by(wide, SPEND)["E_US01 A_6000 CC_100 Oct 26"] == "1000.25"
    wide.map("cost_center", "200", "")
    run = wide.run(202610)
    assert (run.state, run.counts["lines"]) == ("partial", 2)
    wide.map("cost_center", "200", "CC_200")
    chosen = [row.pk for row in wide.exceptions(run)][:1]
    # What a replay was not asked for would be gone with the rest: it sends everything.
    child = wide.replay(run, *chosen)
    assert (child.state, child.counts["held"]) == ("reconciled", 0)
    with tenant(wide.organization.pk):
        Sync.objects.filter(pk=wide.sync.pk).update(policies={"closed_changes": "approve"})
    run = wide.run(202610)
    assert (run.state, run.error_code) == ("failed", "policies_invalid")


def nonzero(held: dict[str, str]) -> dict[str, str]:
    """Leave out cells that hold nothing."""
    return {place: amount for place, amount in held.items() if Decimal(amount)}


def test_a_list_takes_what_qad_has_and_holds_a_code_that_means_two_things(
    make_rig: Any, tmp_path: Path
) -> None:
    world = write_wide_world(tmp_path / "lists")
    path = world.books / "cost_centers.csv"
    path.write_text(
        path.read_text()
        + "10USA,CC,300,Paint Shop,true\n20EUR,CC,400,Welding,true\n10USA,CC,400,Press,true\n"
    )
    wide: Rig = make_rig(world)
    add_list(wide)
    run = wide.run()
    # 100 and 200 are mapped and stand in both domains as one member; 400 means two things.
    assert (run.state, run.error_code) == ("partial", "records_missing")
    assert (run.counts["rows"], run.counts["held"], run.counts["cells"]) == (7, 2, 3)
    assert [(row.member_code, row.code) for row in wide.exceptions(run)] == [
        ("400", "list_code_torn")
    ] * 2
    assert items_of(wide, "Cost Centers") == {
        "CC_100": "Assembly",
        "CC_200": "Sales Office",
        "CC_300": "Paint Shop",
    }
    # A new name changes that member alone; a code that QAD has no more stays in the list.
    wide.qad.call("POST", "cost_centers", {"cost_center": "300", "description": "Paint and Polish"})
    run = wide.run()
    assert (run.counts["lines"], run.counts["unexplained"]) == (1, 0)
    assert items_of(wide, "Cost Centers")["CC_300"] == "Paint and Polish"


@pytest.mark.parametrize(
    ("data_set", "module", "measure", "control"),
    [
        ("gl_balances", "", "", "net"),
        ("cost_center_spend", SPEND, "net", "net"),
        ("supplier_invoices", INVOICES, "amount", "amount"),
    ],
)
def test_a_cent_that_was_read_and_is_nowhere_since_is_never_green(
    wide: Rig, data_set: str, module: str, measure: str, control: str
) -> None:
    """What was read = mapped + held + left out, also where signs are turned."""
    conventions = {"sign": "income_positive"}
    if module:
        add_sync(wide, data_set, module, measure, conventions=conventions)
    else:
        with tenant(wide.organization.pk):
            Sync.objects.filter(pk=wide.sync.pk).update(conventions=conventions)
    wide.anaplan.call("POST", "hold", {"seconds": 600, "tooltip": "by hand"})
    run = wide.start(202610)
    wide.finish(run, slices=3)
    assert wide.reload(run).phase == "load"
    with tenant(wide.organization.pk):
        unit = run.units.first()
        assert unit is not None
        unit.control[control] = str(Decimal(unit.control[control]) + Decimal("0.01"))
        unit.save(update_fields=["control"])
    wide.anaplan.call("DELETE", "hold")
    run = wide.finish(run)
    assert (run.state, run.error_code) == ("failed", "control_totals_differ")
    assert wide.run(202610).state == "reconciled"
