"""A run whose lease went to somebody else sends nothing more, right up to the start."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now

from integrations.anaplan.client import AnaplanClient
from integrations.models import ModelLease
from integrations.services.runs import advance_run
from tests.runs.small_world import MODEL

SOMEBODY = 2**40


@pytest.fixture
def lease(rig):
    """The lease of the small world's model, free before and after."""
    rows = ModelLease.objects.filter(key__endswith=f":{rig.world.customer}/{MODEL}")
    rows.update(run_id=None, organization_id=None, expires_at=None)
    yield rows
    rows.update(run_id=None, organization_id=None, expires_at=None)


def steal_once(monkeypatch, lease, verb):
    """Give the lease to somebody else right before the client's next call of this verb."""
    call, stolen = getattr(AnaplanClient, verb), []

    def after_the_theft(client, *arguments):
        if not stolen:
            stolen.append(verb)
            lease.update(
                fence=F("fence") + 1, run_id=SOMEBODY, expires_at=Now() + timedelta(minutes=5)
            )
        return call(client, *arguments)

    monkeypatch.setattr(AnaplanClient, verb, after_the_theft)


@pytest.mark.parametrize(("verb", "uploads"), [("put_chunk", 2), ("list_tasks", 2)])
def test_the_import_is_started_once_and_only_by_who_holds_the_model(
    rig, monkeypatch, lease, verb, uploads
):
    steal_once(monkeypatch, lease, verb)
    run = rig.start()
    for _ in range(10):
        advance_run(rig.organization.pk, run.pk)
        rig.make_due(run)
    assert rig.reload(run).error_code in ("lease_lost", "model_leased")
    assert rig.anaplan.count("import_posts") == 0
    lease.update(run_id=None, expires_at=None)
    run = rig.finish(run)
    rig.check(run)
    assert run.state == "reconciled"
    assert rig.anaplan.count("import_posts") == 1
    assert rig.anaplan.count("chunk_puts") == uploads
