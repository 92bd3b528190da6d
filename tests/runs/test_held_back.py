"""A run whose calls are held back waits for its turn: never a failure, and never an early call."""

import html

import pytest

from accounts.models import Role
from audit.tenancy import tenant
from integrations.models import Connection
from integrations.services.manners import budget_of, limits_of, turns_of
from integrations.services.runs import PATIENCE
from integrations.transport.turns import Turns
from tests.accounts.people import Cast

SLICES = PATIENCE["extract"] + 2


@pytest.fixture
def connections(rig):
    with tenant(rig.organization.pk):
        pair = Connection.objects.in_bulk([rig.sync.source_id, rig.sync.target_id])
    return pair[rig.sync.source_id], pair[rig.sync.target_id]


def test_a_run_waits_out_anaplans_pause_however_long_and_its_page_says_so(rig, connections):
    _, target = connections
    budget_of(target).pause(100)
    before = rig.anaplan.count("requests")
    run = rig.finish(rig.start(), slices=SLICES)
    assert (run.state, run.error_code, run.failures) == ("waiting", "anaplan_rate_limited", 0)
    assert min(rig.waits) > 98
    assert rig.anaplan.count("requests") == before
    cast = Cast(rig.organization)
    page = cast.client(Role.VIEWER).get(cast.url(f"runs/{run.pk}/"))
    words = " ".join(html.unescape(page.content.decode()).split())
    assert "Waiting: Anaplan takes 600 calls a minute from all tools of a customer" in words
    assert "Tried again <time" in words


def test_a_run_waits_for_its_turn_at_qad_and_then_ends_green(rig, connections, monkeypatch):
    source, _ = connections
    limits = limits_of(source)
    turns = turns_of(source, limits)
    others = [turns.take(1) for _ in range(limits.concurrency)]
    take = Turns.take
    monkeypatch.setattr(Turns, "take", lambda self, _patience: take(self, 0.02))
    run = rig.finish(rig.start(), slices=SLICES)
    assert (run.state, run.error_code, run.failures) == ("waiting", "qad_turn_late", 0)
    for ticket in others:
        turns.give_back(ticket)
    monkeypatch.undo()
    run = rig.finish(run)
    rig.check(run)
    assert run.state == "reconciled"
