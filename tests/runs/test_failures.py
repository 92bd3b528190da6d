"""Failures of what everything stands on: database, Redis, disk, clock, trail and backups."""

import resource
import socket
import time
from contextlib import contextmanager
from datetime import timedelta
from functools import partialmethod
from importlib import import_module

import psycopg
import pytest
from celery import Celery
from django.conf import settings
from django.db import DatabaseError, connection
from django.test import override_settings
from django.utils import timezone

from accounts.models import Role
from audit.tenancy import tenant
from connector_site.celery import celery_settings
from integrations.models import DueRun, Load, MappingVersion, Position, Run, RunUnit
from integrations.pipeline.cells import CellStore
from integrations.services.invariants import check_invariants
from integrations.services.phases import load as load_phase
from integrations.services.runs import advance_run
from tests.integrations.scenes import make_house

NO_TASKS = {
    "meta": {"paging": {"currentPageSize": 0, "totalSize": 0, "offset": 0}},
    "status": {"code": 200, "message": "Success"},
    "tasks": [],
}


@contextmanager
def read_only_database():
    """Let this process's connection refuse every write, as a full or a lost disk does."""
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = off")


def test_a_database_that_takes_no_writes_marks_nothing_as_done(rig, monkeypatch):
    """Right after the import was started, which is where a forgotten note costs the most."""
    run = rig.start()
    monkeypatch.setattr(load_phase, "crashpoint", lambda name: refuse_writes(name))
    with pytest.raises(DatabaseError, match="read-only"):
        rig.finish(run)
    monkeypatch.undo()
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = off")
    with tenant(rig.organization.pk):
        load = Load.objects.get(run=run)
        assert (load.intended_at is not None, load.task_id) == (True, "")
        Run.objects.filter(pk=run.pk).update(claimed_until=timezone.now())
    assert rig.reload(run).is_active
    run = rig.finish(run)
    rig.check(run)
    assert run.state == "reconciled"
    assert rig.anaplan.count("import_posts") == 1


def refuse_writes(point):
    """Take no writes any more once the import has been started."""
    if point == "load.started":
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = on")


@pytest.mark.parametrize(
    "write", ["integrations.services.phases.extract.keep", "integrations.services.lines.copy_rows"]
)
def test_a_connection_that_is_lost_while_rows_are_written_in_bulk_is_no_bug(
    rig, monkeypatch, write
):
    """These writes go past Django's cursor; their failures are those of the database all the
    same, and no end of the run."""
    module, _, name = write.rpartition(".")
    real = getattr(import_module(module), name)

    def write_without_a_connection(*arguments):
        monkeypatch.undo()
        drop_connection()
        return real(*arguments)

    run = rig.start()
    monkeypatch.setattr(write, write_without_a_connection)
    with pytest.raises(DatabaseError, match="terminat"):
        rig.finish(run)
    assert rig.reload(run).is_active
    with tenant(rig.organization.pk):
        Run.objects.filter(pk=run.pk).update(claimed_until=timezone.now())
    run = rig.finish(run)
    rig.check(run)
    assert (run.state, rig.anaplan.count("import_posts")) == ("reconciled", 1)


def drop_connection():
    """End this process's connection to the database from another one."""
    pid = connection.connection.info.backend_pid
    password = connection.settings_dict["PASSWORD"]
    with psycopg.connect(connection.connection.info.dsn, password=password) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])


def test_pages_are_read_and_nothing_is_half_done_while_the_database_takes_no_writes(engines):
    house = make_house()
    client = house.client(Role.OPERATOR)
    with read_only_database(), pytest.raises(DatabaseError, match="read-only"):
        client.post(house.url("runs/start/"), {"sync": house.sync.pk, "period": ""})
    with tenant(house.organization.pk):
        assert not Run.objects.filter(organization=house.organization).exists()
    assert not DueRun.objects.filter(organization_id=house.organization.pk).exists()


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


def test_what_the_trail_cannot_note_is_not_done(rig, monkeypatch):
    def break_down(_event):
        raise RuntimeError("the trail cannot be written")

    before = versions(rig)
    run = rig.start()
    with monkeypatch.context() as patch:
        patch.setattr("audit.trail.compute_hash", break_down)
        with pytest.raises(RuntimeError, match="trail"):
            rig.map("gl_account", "6000", "A_9000")
        with pytest.raises(RuntimeError, match="trail"):
            advance_run(rig.organization.pk, run.pk)
    assert versions(rig) == before
    assert (rig.reload(run).state, rig.reload(run).claim) == ("queued", "")
    rig.check(rig.finish(run))


def versions(rig):
    with tenant(rig.organization.pk):
        return list(MappingVersion.objects.order_by("pk").values_list("number", "rules"))


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


def test_after_a_restore_to_an_earlier_moment_nothing_is_loaded_twice(rig):
    """The restored rows know nothing of the last run: what it sent is in Anaplan all the same."""
    first = rig.run()
    with tenant(rig.organization.pk):
        kept = list(Position.objects.filter(run=first).values())
    rig.journal("US01", 202611, ("6000", "100", "10.00", "0.00"), ("1000", "100", "0.00", "10.00"))
    lost = rig.run()
    before = rig.cells()
    assert lost.counts["cells_changed"] == 2
    with tenant(rig.organization.pk):
        for row in kept:
            Position.objects.filter(pk=row["id"]).update(**row)
        RunUnit.objects.filter(run=lost).delete()
        lost.delete()
    again = rig.finish(rig.start())
    assert (again.state, again.counts["cells_changed"]) == ("reconciled", 2)
    assert rig.cells() == before
    assert list(check_invariants(rig.organization, deep=True)) == []
    assert rig.run().counts["unchanged"] == 20
