"""Which models are looked at by night, and that one look that fails keeps nobody else waiting."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from audit.tenancy import tenant
from connector_site.celery import BEAT_TABLE
from integrations import queue
from integrations.models import Connection, ModelCatalogue, Sync
from integrations.services.model_watch import hint_due_looks, look_by_night
from integrations.services.nights import is_due
from integrations.services.tokens import redis_client
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


@pytest.fixture
def hinted(monkeypatch):
    """Return which houses are hinted at so many hours from now."""
    hints = []

    def send(task, ids, *, expires):
        assert expires < BEAT_TABLE["watch models"]["schedule"], "never two of one connection"
        hints.append((task, *ids))

    monkeypatch.setattr(queue, "_send", send)

    def of(hours, *houses):
        hints.clear()
        hint_due_looks(timezone.now() + timedelta(hours=hours))
        task = "integrations.tasks.look_by_night"
        return [h for h in houses if (task, h.organization.pk, h.sync.target_id) in hints]

    return of


def make_seen():
    house = make_house()
    add_model(house)
    return house


def test_each_connection_with_a_model_is_hinted_at_unless_it_is_paused(engines, hinted):
    house, paused, without, new = make_seen(), make_seen(), make_house(), make_house()
    with tenant(paused.organization.pk):
        Connection.objects.update(paused_at=NIGHT)
    with tenant(without.organization.pk):
        Sync.objects.update(model_id="")
    houses = house, paused, without, new
    assert hinted(0, *houses) == [new], "what was never seen is looked at now"
    assert hinted(31, *houses) == [house, new]


def test_a_model_that_nobody_uses_any_more_calls_for_no_look(engines, hinted):
    house = make_seen()
    with tenant(house.organization.pk):
        catalogue = ModelCatalogue.objects.get()
        catalogue.pk, catalogue.model_id = None, "D" * 32
        catalogue.found_at -= timedelta(days=90)
        catalogue.save()
    assert hinted(0, house) == []
    with tenant(house.organization.pk):
        Sync.objects.update(model_id="D" * 32)
    assert hinted(0, house) == [house]


def test_a_look_that_fails_ends_quietly_and_is_not_tried_again_for_twenty_hours(engines, hinted):
    house, other = make_seen(), make_seen()
    assert hinted(31, house, other) == [house, other]
    look_by_night(house.organization.pk, house.sync.target_id)
    assert hinted(31, house, other) == [other]
    redis = redis_client()
    (key,) = redis.keys(f"*models-looked-at:{house.sync.target_id}")
    assert 19.9 < redis.ttl(key) / 3600 <= 20
    redis.delete(key)
    assert hinted(31, house, other) == [house, other]


def test_a_look_that_is_refused_ends_quietly(engines):
    house = make_house()
    look_by_night(house.organization.pk, house.sync.source_id)
