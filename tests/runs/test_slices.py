"""Slices: long work stops in time, keeps what it has and goes on where it was."""

from functools import partialmethod

import pytest

from audit.tenancy import tenant
from integrations.services.runs import advance_run


def test_a_long_unit_is_read_over_several_slices_and_no_page_twice(rig, settings, monkeypatch):
    settings.PAGES_A_COMMIT = 1
    monkeypatch.setattr("integrations.services.states.SLICE_SECONDS", 0.0)
    read_by_pairs(rig)
    run = rig.start(202611)
    slices = 0
    while advance_run(rig.organization.pk, run.pk) is not None:
        rig.make_due(run)
        slices += 1
        assert slices < 80
    run = rig.reload(run)
    rig.check(run)
    assert (run.state, run.counts["rows"], run.counts["pages"]) == ("reconciled", 10, 6)
    assert slices > 10


@pytest.mark.parametrize("spill_at", [1, 3])
def test_a_group_that_does_not_fit_in_memory_gives_the_same_cells(rig, monkeypatch, spill_at):
    from integrations.pipeline.cells import CellStore, GroupedCells

    for store in (CellStore, GroupedCells):
        monkeypatch.setattr(store, "__init__", partialmethod(store.__init__, spill_at=spill_at))
    run = rig.run()
    assert (run.state, run.counts["loaded"]) == ("reconciled", 20)
    assert rig.cells()["E_US01 A_6000 CC_100 Nov 26"]["Debit"] == "800.10"


@pytest.mark.parametrize(("slice_seconds", "by"), [(45.0, 1), (45.0, -1), (0.0, 1)])
def test_rows_that_move_between_pages_are_read_again_and_none_is_missed(
    rig, settings, monkeypatch, slice_seconds, by
):
    settings.PAGES_A_COMMIT = 1
    monkeypatch.setattr("integrations.services.states.SLICE_SECONDS", slice_seconds)
    read_by_pairs(rig)
    rig.qad.fault(path="GLBalances.*page=2", kind="shift_rows", by=by)
    run = rig.finish(rig.start(202611), slices=90)
    rig.check(run)
    assert rig.qad.count("faults") == 1
    assert (run.state, run.counts["rows"], run.counts["repeats"]) == ("reconciled", 10, 0)
    assert len(rig.cells()) == 10


def test_a_row_that_goes_away_while_its_unit_is_read_is_seen_by_the_total(rig):
    """The total of the second page is another than that of the first."""
    read_by_pairs(rig)
    rig.qad.fault(path="GLBalances.*page=2", kind="total_off", by=-1)
    run = rig.run(202611)
    assert (run.state, run.counts["rows"], run.counts["repeats"]) == ("reconciled", 10, 0)
    assert rig.qad.count("pages_GLBalances") > 6


def test_a_qad_that_always_pages_like_that_is_taken_as_it_is(rig):
    read_by_pairs(rig)
    rig.qad.fault(path="GLBalances.*page=2", kind="shift_rows", times=-1)
    run = rig.finish(rig.start(202611))
    rig.check(run)
    assert (run.state, run.counts["repeats"]) == ("reconciled", 2)


def read_by_pairs(rig):
    """Let QAD give two rows a page."""
    with tenant(rig.organization.pk):
        rig.sync.source.profile["paging"]["size"] = 2
        rig.sync.source.save(update_fields=["profile"])
