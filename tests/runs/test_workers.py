"""Real workers on a real broker: hints may be lost, workers may be killed, runs still end."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from django.conf import settings

from audit.tenancy import tenant
from connector_site import roster
from integrations.selectors.pings import get_ping
from integrations.services.pinging.asking import start_ping

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0

pytestmark = pytest.mark.timeout(300)


@contextmanager
def celery(engines, *arguments, log=subprocess.DEVNULL, **extra):
    """Start a Celery process of its own group, and end the group afterwards."""
    environment = {
        **engines,
        "ENCRYPTION_KEYS": ",".join(settings.ENCRYPTION_KEYS),
        "ALLOW_LOOPBACK_ADDRESSES": "1",
        "RUN_LEASE_SECONDS": "5",
        "START_GRACE_SECONDS": "0",
        **extra,
    }
    command = [sys.executable, "-m", "celery", "-A", "connector_site", *arguments]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=log,
    )
    try:
        yield process
    finally:
        kill(process)


def kill(process):
    """SIGKILL a process and all its children."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)


def worker(engines, **extra):
    """Start a worker with two processes."""
    return celery(engines, "worker", "--concurrency", "2", "--loglevel", "WARNING", **extra)


def beat(engines, tmp_path):
    """Start a beat."""
    return celery(engines, "beat", "--schedule", str(tmp_path / "beat"), "--pidfile", "")


def wait_for(condition):
    """Look again and again until a condition holds."""
    ends = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.1)
    return found


def end_of(rig, run):
    """Return the run once it has ended."""

    def ended():
        now = rig.reload(run)
        return None if now.is_active else now

    return wait_for(ended)


@pytest.fixture
def started(rig, engines):
    """A queued run whose hint went to this session's own broker."""
    broker = redis.Redis.from_url(engines["REDIS_URL"])
    broker.flushdb()
    return rig.start()


def test_a_worker_moves_a_run_to_its_end_by_hints_alone(rig, engines, started):
    with worker(engines):
        run = end_of(rig, started)
    rig.check(run)
    assert run.state == "reconciled"


def test_the_quick_worker_takes_pings_and_leaves_runs_to_the_others(rig, engines, started):
    source = rig.sync.source
    ping = start_ping(
        organization=rig.organization, connection_id=source.pk, asked_by="owner@example.com"
    )

    def ended():
        with tenant(rig.organization.pk):
            seen = get_ping(rig.organization, source.pk, ping.pk)
        return None if seen.is_running else seen

    command = list(roster.quick())
    quick = command[command.index("worker") :]
    with celery(engines, *quick):
        assert wait_for(ended).state == "ok"
    assert rig.reload(started).state == "queued"
    rig.finish(started)
    rig.check(rig.reload(started))


def test_a_run_whose_hints_are_lost_is_found_by_the_beat(rig, engines, started, tmp_path):
    redis.Redis.from_url(engines["REDIS_URL"]).flushdb()
    with worker(engines), beat(engines, tmp_path):
        run = end_of(rig, started)
    rig.check(run)
    assert run.state == "reconciled"


def test_a_killed_worker_is_replaced_by_a_fresh_one(rig, engines, started, tmp_path):
    with worker(engines, CRASH_AT="load.started") as first:
        wait_for(lambda: rig.anaplan.count("import_posts") == 1)
        kill(first)
    with worker(engines), beat(engines, tmp_path):
        run = end_of(rig, started)
    rig.check(run)
    assert (run.state, run.counts["loaded"]) == ("reconciled", 20)
    assert rig.anaplan.count("import_posts") == 1


def test_a_worker_that_is_told_to_stop_during_the_upload_leaves_a_run_that_goes_on(
    rig, engines, started
):
    """A deployment: SIGTERM in the middle of a chunk, and what was begun is finished."""
    rig.anaplan.fault(path="chunks/", method="PUT", kind="slow", seconds=1.0)
    with worker(engines) as first:
        wait_for(lambda: rig.anaplan.count("faults") == 1)
        first.terminate()
        assert first.wait(timeout=60) == 0
    left = rig.reload(started)
    assert (left.claim, left.phase in ("load", "collect", "reconcile")) == ("", True)
    run = rig.finish(started)
    rig.check(run)
    assert run.state == "reconciled"
    assert rig.anaplan.count("import_posts") == 1
