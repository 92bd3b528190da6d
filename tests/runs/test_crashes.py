"""SIGKILL at every named point: another worker finishes, with one import in all."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models.functions import Now

from audit.tenancy import tenant
from integrations.models import Evidence, EvidenceKind, ModelLease, Run
from integrations.services.crashpoints import CRASHPOINTS
from tests.runs.small_world import ENTITIES, PERIODS, ROWS

ROOT = Path(__file__).resolve().parents[2]


def run_until_killed(rig, engines, point):
    """Let another process move a run until it kills itself at the point."""
    environment = {
        **engines,
        "ENCRYPTION_KEYS": ",".join(settings.ENCRYPTION_KEYS),
        "ALLOW_LOOPBACK_ADDRESSES": "1",
        "PAGES_A_COMMIT": "1",
        "CHUNK_BYTES": "1000",
        "CRASH_AT": point,
    }
    command = [
        sys.executable, "manage.py", "run_sync", rig.sync.name, "--all-periods", "--here",
        "--organization", rig.organization.slug,
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=60)
    return done.returncode, done.stderr.decode()[-2000:]


def let_time_pass(rig, run):
    """Let the dead worker's claim run out; the lease on the model stays its run's."""
    with tenant(rig.organization.pk):
        Run.objects.filter(pk=run.pk).update(claimed_until=Now(), not_before=Now())


@pytest.mark.parametrize("point", CRASHPOINTS)
def test_another_worker_finishes_after_a_kill(rig, engines, monkeypatch, point):
    monkeypatch.setattr(settings, "START_GRACE_SECONDS", 0)
    with tenant(rig.organization.pk):
        rig.sync.source.profile["paging"]["size"] = 2
        rig.sync.source.save(update_fields=["profile"])
    rig.anaplan.call("POST", "settings", {"task_seconds": 0.3})
    code, words = run_until_killed(rig, engines, point)
    assert code == -signal.SIGKILL, words
    with tenant(rig.organization.pk):
        run = Run.objects.get()
    assert run.is_active
    let_time_pass(rig, run)
    run = rig.finish(run)
    rig.check(run)
    assert (run.state, run.error_code) == ("reconciled", "")
    assert run.counts["loaded"] == run.counts["rows"] == 20
    assert len(rig.cells()) == len(ENTITIES) * len(PERIODS) * len(ROWS)
    assert rig.anaplan.count("import_posts") == 1
    assert rig.anaplan.count("files_created") == 0
    with tenant(rig.organization.pk):
        pages = Evidence.objects.filter(run=run, kind=EvidenceKind.PAGE)
        assert sum(page.rows for page in pages) == 20
        assert not ModelLease.objects.filter(run_id=run.pk).exists()


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
