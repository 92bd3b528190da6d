"""The main job: posted balances from QAD to Anaplan, proved cell by cell."""

from audit.tenancy import tenant
from tests.runs.small_world import ENTITIES, PERIODS, ROWS, write_world

WAGES = "E_US01 A_6000 CC_100 Nov 26"


def test_the_first_load_reconciles_and_every_cell_is_exact(rig):
    run = rig.run()
    assert (run.state, run.error_code) == ("reconciled", "")
    cells = rig.cells()
    assert len(cells) == len(ENTITIES) * len(PERIODS) * len(ROWS)
    assert cells["E_US01 A_6000 CC_100 Oct 26"] == {
        "Debit": "800.10",
        "Credit": "0.00",
        "Net": "800.10",
        "Quantity": "0",
    }
    assert cells["E_DE01 A_4000 CC_200 Nov 26"]["Net"] == "-2500.50"
    assert cells["E_DE01 A_9000 CC_100 Nov 26"] == {
        "Debit": "0",
        "Credit": "0",
        "Net": "0",
        "Quantity": "12",
    }


def test_one_load_is_one_file_and_one_import_and_creates_nothing(rig):
    rig.run()
    assert rig.anaplan.count("import_posts") == 1
    assert rig.anaplan.count("files_created") == 0
    assert rig.anaplan.count("max_parallel_tasks") == 1


def test_every_row_has_one_verdict_and_every_line_is_proved(rig):
    run = rig.run()
    assert {
        name: run.counts[name] for name in ("rows", "loaded", "unchanged", "held", "lines")
    } == {
        "rows": 20,
        "loaded": 20,
        "unchanged": 0,
        "held": 0,
        "lines": 20,
    }
    with tenant(rig.organization.pk):
        lines = list(run.tie_out_lines.all())
        assert all(line.source == line.sent == line.target for line in lines)
        assert len({(line.entity, line.period) for line in lines}) == 4
        assert {line.measure for line in lines} == {"debit", "credit", "net", "quantity"}
        assert {line.currency for line in lines} == {"USD", "EUR"}


def test_an_unchanged_second_run_sends_nothing_and_is_green_by_reading_back(rig):
    rig.run()
    again = rig.run()
    assert (again.state, again.counts["unchanged"], again.counts["loaded"]) == ("reconciled", 20, 0)
    assert rig.anaplan.count("import_posts") == 1
    assert rig.anaplan.count("export_posts") == 2


def test_a_late_journal_sends_just_the_cells_it_changed_with_their_full_value(rig):
    rig.run()
    rig.journal("US01", 202611, ("6000", "100", "50.05", "0"), ("1000", "100", "0", "50.05"))
    run = rig.run()
    assert run.state == "reconciled"
    assert (run.counts["loaded"], run.counts["unchanged"]) == (2, 18)
    cells = rig.cells()
    assert cells[WAGES]["Debit"] == "850.15"
    assert cells["E_US01 A_1000 CC_100 Nov 26"]["Net"] == "1450.20"


def test_a_row_that_vanished_is_sent_as_zero_and_counted_apart(rig):
    rig.run()
    rig.qad.call(
        "DELETE",
        "balances",
        {"entity": "US01", "year_period": 202611, "glAccountCode": "6000", "costCenterCode": "100"},
    )
    run = rig.run(202611)
    assert (run.state, run.counts["zero_sends"], run.counts["rows"]) == ("reconciled", 1, 9)
    assert rig.cells().get(WAGES, {"Debit": "0"})["Debit"] in ("0", "0.00")
    assert rig.run(202611).counts["zero_sends"] == 0


def test_several_codes_on_one_member_are_one_cell(rig):
    rig.map("cost_center", "200", "CC_100")
    run = rig.run(202611)
    assert run.state == "reconciled"
    assert rig.cells()[WAGES]["Debit"] == "1000.25"
    assert (run.counts["loaded"], run.counts["lines"]) == (10, 8)


def test_a_cell_altered_behind_our_back_turns_the_next_run_red_and_is_named(rig):
    rig.run()
    rig.alter(WAGES, "Debit", "800.11")
    run = rig.run()
    assert (run.state, run.error_code) == ("failed", "tie_out_difference")
    (cell,) = rig.differences(run)
    assert cell.cell_key == "E_US01,A_6000,CC_100,Nov 26,USD"
    assert (cell.measure, str(cell.source), str(cell.target)) == ("debit", "800.10", "800.11")
    assert not cell.is_explained
    healed = rig.replay(run)
    assert healed.state == "reconciled"
    assert rig.cells()[WAGES]["Debit"] == "800.10"


def test_two_swapped_cells_whose_total_agrees_are_red(rig):
    rig.run()
    rig.swap(WAGES, "E_US01 A_6000 CC_200 Nov 26")
    run = rig.run()
    assert (run.state, run.error_code) == ("failed", "tie_out_difference")
    named = {cell.cell_key for cell in rig.differences(run)}
    assert named == {"E_US01,A_6000,CC_100,Nov 26,USD", "E_US01,A_6000,CC_200,Nov 26,USD"}


def test_a_cell_that_appeared_in_anaplan_alone_is_red(rig):
    rig.run()
    rig.alter("E_US01 A_1000 CC_200 Nov 26", "Net", "0.01")
    run = rig.run()
    assert (run.state, run.error_code) == ("failed", "tie_out_difference")
    (cell,) = rig.differences(run)
    assert (str(cell.source), str(cell.target)) == ("0", "0.01")


def test_amounts_of_28_digits_arrive_exactly(make_rig, tmp_path):
    amount = "1234567890123456789012345.678"
    rows = {("US01", 202611): (("1000", "100", amount, "0"), ("4000", "200", "0", amount))}
    rows |= {("DE01", 202611): (("1000", "100", "0.1", "0"), ("4000", "200", "0", "0.1"))}
    rig = make_rig(write_world(tmp_path / "digits", rows=rows))
    run = rig.run(202611)
    assert run.state == "reconciled"
    cells = rig.cells()
    assert cells["E_US01 A_1000 CC_100 Nov 26"]["Debit"] == amount
    assert cells["E_US01 A_4000 CC_200 Nov 26"]["Net"] == f"-{amount}"


def test_without_an_export_the_run_is_unverified_and_not_green(rig):
    with tenant(rig.organization.pk):
        rig.sync.export_name = ""
        rig.sync.save(update_fields=["export_name"])
    run = rig.run()
    assert (run.state, run.error_code) == ("unverified", "read_back_missing")
    assert run.counts["loaded"] == 20
    assert rig.run().counts["unchanged"] == 20
