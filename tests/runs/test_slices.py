"""Slices: long work stops in time, keeps what it has and goes on where it was."""

from functools import partialmethod

import pytest

from audit.tenancy import tenant
from integrations.services.runs import advance_run


def test_a_long_unit_is_read_over_several_slices_and_no_page_twice(rig, settings, monkeypatch):
    settings.PAGES_A_COMMIT = 1
    monkeypatch.setattr("integrations.services.states.SLICE_SECONDS", 0.0)
    with tenant(rig.organization.pk):
        rig.sync.source.profile["paging"]["size"] = 2
        rig.sync.source.save(update_fields=["profile"])
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
