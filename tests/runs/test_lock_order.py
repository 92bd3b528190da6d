"""Two people at one model: whoever comes second waits, and nobody waits in a circle."""

import threading
import time

import pytest
from django.db import connection as database
from django.db.models import F

from audit.tenancy import tenant
from integrations.models import Connection, Sync
from integrations.services.connections import lock_connection
from integrations.services.offers import look_at_models
from tests.runs.conftest import rigs
from tests.runs.test_drift import PLACE, save_with

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@pytest.fixture(scope="module")
def rig(engines, tmp_path_factory):
    with rigs(tmp_path_factory.mktemp("order")) as build:
        yield build()


def ask(sql):
    with database.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def wait_until_somebody_waits():
    ends = time.monotonic() + 10
    while not ask(WAITING):
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_saving_a_sync_waits_for_a_deed_at_its_connection_before_it_holds_the_sync(rig):
    """Accepting a change of the model locks the connection, then writes the syncs bound to it."""
    with tenant(rig.organization.pk):
        offered = {"workspaces": rig.sync.entities}
        Connection.objects.filter(pk=rig.sync.source_id).update(offered=offered)
        Connection.objects.filter(pk=rig.sync.target_id).update(place=PLACE)
        rig.sync.import_name, rig.sync.export_name = "Actuals from QAD", "Actuals read back"
        rig.sync.save()
    look_at_models(organization=rig.organization, connection_id=rig.sync.target_id)
    saved = []

    def press():
        saved.append(save_with(rig, balance_gate="block").balance_gate)
        database.close()

    saving = threading.Thread(target=press)
    with tenant(rig.organization.pk):
        lock_connection(rig.organization, rig.sync.target_id)
        saving.start()
        wait_until_somebody_waits()
        with database.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '3s'")
        assert Sync.objects.filter(pk=rig.sync.pk).update(name=F("name")) == 1
        assert saved == []
    saving.join(20)
    assert saved == ["block"]
