"""Failures of what everything stands on: database, Redis, disk, clock, trail and backups."""

import resource
import socket
import time
from contextlib import contextmanager
from datetime import timedelta
from functools import partialmethod

from celery import Celery
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from accounts.models import Role
from audit.tenancy import tenant
from connector_site.celery import celery_settings
from integrations.models import DueRun, Run
from integrations.pipeline.cells import CellStore
from integrations.services.runs import advance_run
from tests.integrations.scenes import make_house

NO_TASKS = {
    "meta": {"paging": {"currentPageSize": 0, "totalSize": 0, "offset": 0}},
    "status": {"code": 200, "message": "Success"},
    "tasks": [],
}


def test_run_now_is_answered_at_once_while_redis_says_nothing(engines, monkeypatch):
    house = make_house()
    client = house.client(Role.OPERATOR)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        lost = Celery("lost", set_as_current=False)
        lost.conf.update(celery_settings(url))
        monkeypatch.setattr("integrations.queue.current_app", lost)
        with override_settings(REDIS_URL=url):
            began = time.monotonic()
            answer = client.post(house.url("runs/start/"), {"sync": house.sync.pk, "period": ""})
            seconds = time.monotonic() - began
        lost.close()
    with tenant(house.organization.pk):
        run = Run.objects.get(organization=house.organization)
    assert (answer["Location"], run.state) == (house.url(f"runs/{run.pk}/"), "queued")
    assert DueRun.objects.filter(run_id=run.pk).exists()
    assert seconds < 3


def test_a_clock_that_is_ten_minutes_fast_starts_no_second_import(rig, monkeypatch):
    """Anaplan's list shows the started task late: the grace is of the database's clock."""
    monkeypatch.setattr(settings, "START_GRACE_SECONDS", 20)
    rig.anaplan.fault(path="imports/.*/tasks$", method="POST", kind="reset")
    rig.anaplan.fault(
        path="imports/.*/tasks$", method="GET", kind="status", status=200, after=1, body=NO_TASKS
    )
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(minutes=10))
    run = rig.run()
    assert run.state == "reconciled"
    assert rig.anaplan.count("import_posts") == 1


def test_a_full_disk_stops_the_run_cleanly_and_nothing_is_left_behind(
    rig, monkeypatch, settings, tmp_path
):
    settings.SPOOL_FOLDER = tmp_path / "spool"
    monkeypatch.setattr(CellStore, "__init__", partialmethod(CellStore.__init__, spill_at=1))
    run = rig.start()
    with no_room_for_files():
        assert advance_run(rig.organization.pk, run.pk) is not None
    waiting = rig.reload(run)
    assert (waiting.state, waiting.error_code) == ("waiting", "disk_full")
    assert list(settings.SPOOL_FOLDER.iterdir()) == []
    rig.make_due(run)
    run = rig.finish(run)
    rig.check(run)
    assert run.state == "reconciled"


@contextmanager
def no_room_for_files():
    """Let this process write no byte into any file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
