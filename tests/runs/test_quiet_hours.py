"""No load begins in the quiet hours of a sync; everything else goes on."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from audit.tenancy import tenant
from integrations.models import Sync
from integrations.pipeline.policies import Policies
from integrations.transport.errors import IntegrationError


def test_a_run_reads_and_maps_and_sends_nothing_before_the_quiet_hours_end(rig):
    now = timezone.now().astimezone(ZoneInfo(rig.organization.time_zone))
    hours = {
        "quiet_from": f"{now - timedelta(hours=1):%H:%M}",
        "quiet_to": f"{now + timedelta(hours=1):%H:%M}",
    }
    with tenant(rig.organization.pk):
        Sync.objects.filter(pk=rig.sync.pk).update(policies=hours)
    run = rig.start()
    rig.finish(run, slices=3)
    run = rig.reload(run)
    assert (run.state, run.phase, run.error_code) == ("waiting", "load", "quiet_hours")
    assert hours["quiet_to"] in run.error_message
    assert 3_400 < rig.waits[-1] <= 3_600
    assert rig.anaplan.count("chunk_puts") == rig.anaplan.count("import_posts") == 0
    with tenant(rig.organization.pk):
        Sync.objects.filter(pk=rig.sync.pk).update(policies={})
    run = rig.finish(run)
    rig.check(run)
    assert (run.state, run.error_code) == ("reconciled", "")


@pytest.mark.parametrize(
    ("begin", "end", "at", "hours"),
    [
        ("22:00", "06:00", (2026, 11, 30, 23, 0), 7.0),
        ("22:00", "06:00", (2026, 11, 30, 5, 30), 0.5),
        ("22:00", "06:00", (2026, 11, 30, 6, 0), 0.0),
        ("08:00", "18:00", (2026, 11, 30, 12, 0), 6.0),
        ("", "", (2026, 11, 30, 12, 0), 0.0),
        # The night in which New York's clocks are put back is an hour longer.
        ("22:00", "06:00", (2026, 10, 31, 23, 0), 8.0),
    ],
)
def test_quiet_hours_end_by_the_organizations_clock(begin, end, at, hours):
    now = datetime(*at, tzinfo=ZoneInfo("America/New_York"))
    policies = Policies.parse({"quiet_from": begin, "quiet_to": end})
    assert policies.quiet_seconds(now) == hours * 3_600


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"quiet_from": "22:00"}, "quiet_to"),
        ({"quiet_to": "6:00", "quiet_from": "22:00"}, "quiet_to"),
    ],
)
def test_half_a_quiet_time_is_refused_at_its_place(given, place):
    with pytest.raises(IntegrationError) as refused:
        Policies.parse(given)
    assert (refused.value.code, refused.value.facts["place"]) == ("policies_invalid", place)
