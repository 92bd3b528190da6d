"""Records that do not arrive: held, rejected, ignored; and their replay."""

from audit.tenancy import tenant
from integrations.services.replay import replay_records, replay_run
from tests.runs.small_world import write_world

CENTER_ROWS = ["DE01/202611", "US01/202611"]


def test_rows_without_a_member_are_held_and_all_others_load(rig):
    rig.map("cost_center", "200", "")
    run = rig.run()
    assert (run.state, run.error_code) == ("partial", "records_missing")
    assert (run.counts["rows"], run.counts["loaded"], run.counts["held"]) == (20, 12, 8)
    held = rig.exceptions(run)
    assert {(item.code, item.dimension, item.member_code) for item in held} == {
        ("unmapped_cost_center", "cost_center", "200")
    }
    assert not rig.differences(run)


def test_the_held_amounts_explain_the_whole_difference(rig):
    rig.map("gl_account", "6000", "")
    run = rig.run(202611)
    with tenant(rig.organization.pk):
        lines = run.tie_out_lines.filter(account="6000", measure="debit", entity="E_US01")
        (line,) = lines
    assert (str(line.source), str(line.sent), str(line.target)) == ("1000.25", "0", "0")
    assert (str(line.listed), line.records, line.is_mapped) == ("1000.25", 2, False)


def test_mapping_the_code_and_replaying_loads_just_its_rows(rig):
    rig.map("cost_center", "200", "")
    run = rig.run()
    rig.map("cost_center", "200", "CC_200")
    child = rig.replay(run)
    assert child.state == "reconciled"
    assert (child.parent_id, child.counts["loaded"], child.counts["unchanged"]) == (run.pk, 8, 12)
    assert rig.cells()["E_US01 A_4000 CC_200 Nov 26"]["Credit"] == "2500.50"
    assert {item.state for item in rig.exceptions(run)} == {"released"}


def test_a_second_replay_sends_nothing(rig):
    rig.map("cost_center", "200", "")
    run = rig.run()
    rig.map("cost_center", "200", "CC_200")
    rig.replay(run)
    imports = rig.anaplan.count("import_posts")
    again = rig.replay(run)
    assert (again.state, again.counts["loaded"]) == ("reconciled", 0)
    assert rig.anaplan.count("import_posts") == imports


def test_pressing_replay_twice_makes_one_run(rig):
    rig.map("cost_center", "200", "")
    run = rig.run()
    rig.map("cost_center", "200", "CC_200")
    wish = {"organization": rig.organization, "run_id": run.pk, "requested_by": "test"}
    first, second = replay_run(**wish), replay_run(**wish)
    assert first.pk == second.pk
    records = [item.pk for item in rig.exceptions(run)][:1]
    rig.finish(first)
    one = replay_records(exception_ids=records, **wish)
    assert replay_records(exception_ids=records, **wish).pk == one.pk
    assert rig.finish(one).state == "reconciled"


def test_replaying_one_record_sends_its_cell_and_lists_the_others(rig):
    rig.map("cost_center", "200", "")
    run = rig.run(202611)
    rig.map("cost_center", "200", "CC_200")
    (chosen,) = [
        item.pk
        for item in rig.exceptions(run)
        if item.part == "US01/202611" and "|4000|" in item.source_key
    ]
    child = rig.replay(run, chosen)
    assert (child.state, child.counts["loaded"], child.counts["held"]) == ("partial", 1, 1)
    cells = rig.cells()
    assert cells["E_US01 A_4000 CC_200 Nov 26"]["Credit"] == "2500.50"
    assert "E_US01 A_6000 CC_200 Nov 26" not in cells
    (rest,) = rig.exceptions(child)
    assert (rest.code, rest.cell_key) == ("replay_not_chosen", "E_US01,A_6000,CC_200,Nov 26,USD")
    assert all(cell.is_explained for cell in rig.differences(child))


def test_a_rejected_row_keeps_anaplans_own_words(rig):
    rig.map("cost_center", "200", "CC_999")
    run = rig.run(202611)
    assert run.state == "partial"
    assert (run.counts["loaded"], run.counts["rejected"]) == (6, 4)
    rejected = rig.exceptions(run)
    assert [item.part for item in rejected][::2] == CENTER_ROWS
    assert all("CC_999" in item.message for item in rejected)
    assert all(item.line and item.line > 1 for item in rejected)
    assert all(cell.is_explained for cell in rig.differences(run))


def test_a_rejected_row_loads_after_the_mapping_is_mended(rig):
    rig.map("cost_center", "200", "CC_999")
    run = rig.run(202611)
    rig.map("cost_center", "200", "CC_200")
    child = rig.replay(run)
    assert (child.state, child.counts["loaded"], child.counts["unchanged"]) == ("reconciled", 4, 6)


def test_rows_that_anaplan_ignores_without_a_word_are_found_by_reading_back(make_rig, tmp_path):
    world = write_world(tmp_path / "ignoring", import_options={"onUnknown": "ignore"})
    rig = make_rig(world)
    rig.map("cost_center", "200", "CC_999")
    run = rig.run(202611)
    assert (run.state, run.counts["ignored"], run.counts["loaded"]) == ("partial", 4, 6)
    assert {item.code for item in rig.exceptions(run)} == {"anaplan_row_ignored"}
    assert all(cell.is_explained for cell in rig.differences(run))


def test_lines_dropped_in_silence_are_red(rig):
    rig.anaplan.fault(path="/tasks", method="POST", kind="ignore_rows", rows=2)
    run = rig.run(202611)
    assert run.state in ("failed", "partial")
    assert run.counts["differences"] == 2


def test_an_older_reading_never_undoes_a_newer_one(rig):
    rig.map("cost_center", "200", "")
    old = rig.run(202611)
    rig.map("cost_center", "200", "CC_200")
    rig.journal("US01", 202611, ("6000", "100", "50.05", "0"), ("1000", "100", "0", "50.05"))
    assert rig.run(202611).state == "reconciled"
    child = rig.replay(old)
    assert (child.state, child.counts["loaded"]) == ("reconciled", 0)
    assert rig.cells()["E_US01 A_6000 CC_100 Nov 26"]["Debit"] == "850.15"
