"""Somebody else's books, another model and its mapping, given as files."""

from pathlib import Path

import pytest
from django.db.models import F

from audit.tenancy import tenant
from simulators.data import adventureworks
from tests.runs.small_world import World

ADVENTUREWORKS = Path(adventureworks.__file__).parent
OTHER = Path(__file__).resolve().parents[1] / "data" / "other_books"


def world_in(folder):
    """Return the world that lies in a folder."""
    return World(folder / "books", folder / "model.json", folder / "mapping.csv")


@pytest.mark.parametrize("folder", [OTHER, ADVENTUREWORKS], ids=["other", "adventureworks"])
def test_books_given_as_files_reconcile_and_stay_so(make_rig, folder):
    rig = make_rig(world_in(folder))
    run = rig.run()
    assert (run.state, run.error_code) == ("reconciled", "")
    assert run.counts["loaded"] == run.counts["rows"] > 0
    with tenant(rig.organization.pk):
        assert not run.tie_out_lines.exclude(source=F("target")).exists()
        assert not run.tie_out_lines.exclude(source=F("sent")).exists()
    again = rig.run()
    assert (again.state, again.counts["unchanged"]) == ("reconciled", run.counts["rows"])
    assert rig.anaplan.count("import_posts") == 1
    assert rig.anaplan.count("files_created") == 0


def test_the_books_of_adventureworks_are_those_of_the_sample(make_rig):
    rig = make_rig(world_in(ADVENTUREWORKS))
    run = rig.run()
    assert (run.counts["rows"], run.counts["units"]) == (5035, 42)
    assert [warning["code"] for warning in run.warnings] == ["books_not_balanced"]
    with tenant(rig.organization.pk):
        lines = run.tie_out_lines
        assert lines.filter(currency="CAD").exists()
        assert not lines.filter(account="A_9510").exclude(measure="quantity").exists()
