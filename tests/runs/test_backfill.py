"""Past periods are loaded one after the other, up to the first that is not green."""

import pytest
from django.core.management import CommandError, call_command

from audit.tenancy import tenant
from integrations.models import Position, Sync
from tests.runs.test_command_shapes import example, shape
from tests.runs.test_commands import run_command


def load(rig, *more, first="202601"):
    wanted = ("--from", first, "--to", "202611", "--here", *more)
    told, code = run_command(rig, "backfill", rig.sync.name, *wanted)
    assert told["complete"] == (code == 0)
    assert shape(told) == shape(example("backfill"))
    return [(row["period"], row["state"], row["skipped"]) for row in told["periods"]]


def test_a_backfill_stops_where_it_is_not_green_and_goes_on_there(rig):
    rig.map("period", "202610", "")
    assert load(rig) == [(202610, "partial", False)]
    assert "Nov 26" not in str(rig.cells())
    rig.map("period", "202610", "Oct 26")
    assert load(rig) == [(202610, "reconciled", False), (202611, "reconciled", False)]
    sent = rig.anaplan.count("chunk_puts")
    assert load(rig) == [(202610, "reconciled", True), (202611, "reconciled", True)]
    assert rig.anaplan.count("chunk_puts") == sent
    assert load(rig, "--again", first="202611") == [(202611, "reconciled", False)]


def test_what_was_green_for_other_entities_or_another_aim_is_not_taken_for_green(rig):
    entities = rig.sync.entities
    done, skipped = [(202611, "reconciled", False)], [(202611, "reconciled", True)]

    def change(**fields):
        with tenant(rig.organization.pk):
            Sync.objects.filter(pk=rig.sync.pk).update(**fields)

    change(entities=entities[:1])
    assert load(rig, first="202611") == done
    change(entities=entities)
    assert load(rig, first="202611") == done
    assert load(rig, first="202611") == skipped
    with tenant(rig.organization.pk):
        Position.objects.filter(sync=rig.sync, group="E_US01|Nov 26").delete()
    assert load(rig, first="202611") == done
    # A later run of a period that is red makes it due again, whoever has asked for it.
    rig.alter("E_US01 A_6000 CC_100 Nov 26", "Debit", "1")
    assert rig.run(202611).state == "failed"
    assert load(rig, first="202611") == done
    busy = rig.start(202611)
    wanted = {"organization": rig.organization.slug}
    with pytest.raises(CommandError, match=f"Run {busy.pk} of the same sync has not ended"):
        call_command("backfill", rig.sync.name, "--from", "202610", "--to", "202611", **wanted)
    with pytest.raises(CommandError, match="no period from 201001 to 201012"):
        call_command("backfill", rig.sync.name, "--from", "201001", "--to", "201012", **wanted)
