"""Which models are looked at by night, and that one look that fails keeps nobody else waiting."""

from datetime import UTC, datetime, timedelta

import pytest

from audit.tenancy import tenant
from integrations import queue
from integrations.models import Connection, ModelCatalogue
from integrations.services.model_watch import hint_due_looks, look_by_night
from integrations.services.nights import is_due
from tests.integrations.model_scene import add_model
from tests.integrations.scenes import make_house

NIGHT = datetime(2026, 11, 30, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours_ago", "now", "zone", "due"),
    [
        (21, NIGHT, "UTC", True),
        (19, NIGHT, "UTC", False),
        (21, NIGHT, "America/New_York", False),
        (21, NIGHT + timedelta(hours=5), "America/New_York", True),
        (29, NIGHT + timedelta(hours=10), "UTC", False),
        (31, NIGHT + timedelta(hours=10), "UTC", True),
    ],
)
def test_a_model_is_due_by_night_after_a_day_or_at_once_after_a_missed_night(
    hours_ago, now, zone, due
):
    assert is_due(now - timedelta(hours=hours_ago), now, zone) is due


def test_each_connection_with_a_model_is_hinted_at_unless_it_is_paused(engines, monkeypatch):
    house, paused, without = make_house(), make_house(), make_house()
    for each in (house, paused):
        add_model(each)
    with tenant(paused.organization.pk):
        Connection.objects.update(paused_at=NIGHT)
    hints = []
    monkeypatch.setattr(queue, "_send", lambda task, ids, **_: hints.append((task, ids)))

    def hinted(hours):
        hints.clear()
        with tenant(house.organization.pk):
            looked_at = ModelCatalogue.objects.exclude(model_id="").get().found_at
        hint_due_looks(looked_at + timedelta(hours=hours))
        mine = {each.organization.pk for each in (house, paused, without)}
        return [(task, ids) for task, ids in hints if ids[0] in mine]

    look = ("integrations.tasks.look_by_night", [house.organization.pk, house.sync.target_id])
    assert hinted(0) == []
    assert hinted(31) == [look]


def test_a_look_that_is_refused_ends_quietly(engines):
    house = make_house()
    look_by_night(house.organization.pk, house.sync.source_id)
