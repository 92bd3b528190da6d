"""Past periods are loaded one after the other, up to the first that is not green."""

import pytest
from django.core.management import CommandError, call_command

from audit.tenancy import tenant
from integrations.models import Position, Sync
from tests.runs.test_command_shapes import example, shape
from tests.runs.test_commands import run_command

RANGE = ("--from", "202601", "--to", "202611")


def load(rig, *more):
    told, code = run_command(rig, "backfill", rig.sync.name, *RANGE, "--here", *more)
    assert told["complete"] == (code == 0)
    assert shape(told) == shape(example("backfill"))
    return [(row["period"], row["state"], row["skipped"]) for row in told["periods"]]


def test_a_backfill_stops_where_it_is_not_green_and_goes_on_there(rig):
    rig.map("period", "202610", "")
    assert load(rig) == [(202610, "partial", False)]
    assert "Nov 26" not in str(rig.cells())
    rig.map("period", "202610", "Oct 26")
    assert load(rig) == [(202610, "reconciled", False), (202611, "reconciled", False)]
    sent = rig.anaplan.count("put_chunk")
    assert load(rig) == [(202610, "reconciled", True), (202611, "reconciled", True)]
    assert rig.anaplan.count("put_chunk") == sent
    assert load(rig, "--again") == [(202610, "reconciled", False), (202611, "reconciled", False)]


def test_what_was_green_for_other_entities_or_another_aim_is_not_taken_for_green(rig):
    with tenant(rig.organization.pk):
        entities = rig.sync.entities
        Sync.objects.filter(pk=rig.sync.pk).update(entities=entities[:1])
    assert load(rig)[-1] == (202611, "reconciled", False)
    with tenant(rig.organization.pk):
        Sync.objects.filter(pk=rig.sync.pk).update(entities=entities)
    assert load(rig) == [(202610, "reconciled", False), (202611, "reconciled", False)]
    with tenant(rig.organization.pk):
        Position.objects.filter(sync=rig.sync, group="E_US01|Nov 26").delete()
    assert load(rig) == [(202610, "reconciled", True), (202611, "reconciled", False)]
    # A later run of a period that is red makes it due again, whoever has asked for it.
    rig.alter("E_US01 A_6000 CC_100 Oct 26", "Debit", "1")
    assert rig.run(202610).state == "failed"
    assert load(rig)[0] == (202610, "reconciled", False)
    busy = rig.start(202611)
    with pytest.raises(CommandError, match=f"Run {busy.pk} of the same sync has not ended"):
        call_command(
            "backfill", rig.sync.name, *RANGE, "--again", "--here",
            organization=rig.organization.slug,
        )  # fmt: skip
    with pytest.raises(CommandError, match="no period from 201001 to 201012"):
        call_command(
            "backfill", rig.sync.name, "--from", "201001", "--to", "201012",
            organization=rig.organization.slug,
        )  # fmt: skip
