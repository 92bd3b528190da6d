"""Failures of what everything stands on: database, Redis, disk, clock, trail and backups."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

NO_TASKS = {
    "meta": {"paging": {"currentPageSize": 0, "totalSize": 0, "offset": 0}},
    "status": {"code": 200, "message": "Success"},
    "tasks": [],
}


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
