"""SIGKILL at every named point: another worker finishes, with one import in all."""

import ast
import signal
from collections import Counter

import pytest
from django.conf import settings
from django.db.models.functions import Now

from audit.tenancy import tenant
from integrations.models import Evidence, EvidenceKind, Run
from integrations.services.crashpoints import CRASHPOINTS
from tests.house.sources import iter_python
from tests.runs.crashing import nursery
from tests.runs.small_world import exact, expected_cells

pytestmark = pytest.mark.crash


@pytest.fixture(scope="module")
def workers(engines):
    """A process that works on runs in forks."""
    environment = {
        **engines,
        "ENCRYPTION_KEYS": ",".join(settings.ENCRYPTION_KEYS),
        "ALLOW_LOOPBACK_ADDRESSES": "1",
        "PAGES_A_COMMIT": "1",
        "CHUNK_BYTES": "1000",
    }
    with nursery(environment) as started:
        yield started


def let_time_pass(rig, run):
    """Let the dead worker's claim run out; the lease on the model stays its run's."""
    with tenant(rig.organization.pk):
        Run.objects.filter(pk=run.pk).update(claimed_until=Now(), not_before=Now())


@pytest.mark.parametrize("point", CRASHPOINTS)
def test_another_worker_finishes_after_a_kill(rig, workers, monkeypatch, point):
    monkeypatch.setattr(settings, "START_GRACE_SECONDS", 0)
    with tenant(rig.organization.pk):
        rig.sync.source.profile["paging"]["size"] = 2
        rig.sync.source.save(update_fields=["profile"])
    rig.anaplan.call("POST", "settings", {"task_seconds": 0.3})
    run = rig.start()
    ended_by = workers.work_until_killed(rig.organization.pk, run.pk, CRASH_AT=point)
    assert ended_by == signal.SIGKILL
    assert rig.reload(run).is_active
    let_time_pass(rig, run)
    run = rig.finish(run)
    rig.check(run)
    assert (run.state, run.error_code) == ("reconciled", "")
    assert run.counts["loaded"] == run.counts["rows"] == 20
    assert exact(rig.cells()) == expected_cells()
    assert rig.anaplan.count("import_posts") == 1
    assert rig.anaplan.count("files_created") == 0
    with tenant(rig.organization.pk):
        pages = Evidence.objects.filter(run=run, kind=EvidenceKind.PAGE)
        assert sum(page.rows for page in pages) == 20


def points_of(source):
    """The names of all points in a module's code; None for one that is no plain text."""
    return [
        getattr(node.args[0], "value", None)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "crashpoint"
    ]


def test_every_point_in_the_code_is_listed_and_every_listed_one_is_in_the_code():
    """What is listed is killed at by the test above."""
    found = [
        point
        for path in iter_python("accounts", "audit", "connector_site", "integrations")
        for point in points_of(path.read_text("utf-8"))
    ]
    assert Counter(found) == Counter(CRASHPOINTS)


def test_a_point_in_the_code_is_found():
    assert points_of('crashpoint("load.new")\ncrashpoint(name)\nother("x")') == ["load.new", None]


def test_a_worker_that_lost_its_claim_writes_nothing_more(rig):
    from integrations.services.states import ClaimLost, claim_run

    run = rig.start()
    first = claim_run(rig.organization.pk, run.pk)
    assert first is not None
    assert claim_run(rig.organization.pk, run.pk) is None
    let_time_pass(rig, run)
    second = claim_run(rig.organization.pk, run.pk)
    assert second is not None
    with pytest.raises(ClaimLost), first.commit():
        pass
    with second.commit():
        pass


def test_a_hint_given_five_times_moves_a_run_once(rig):
    from integrations.services.runs import advance_run

    run = rig.start()
    rig.finish(run)
    for _ in range(5):
        assert advance_run(rig.organization.pk, run.pk) is None
    assert rig.anaplan.count("import_posts") == 1
