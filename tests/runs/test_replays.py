"""Replays: seen before they start, one run however often they are pressed, each record once."""

import threading
from collections import Counter

import pytest
from django.db import connections

from accounts.errors import Refused
from accounts.models import Role
from audit.tenancy import tenant
from integrations.models import RecordException, Run
from integrations.services.replay import replay_held, replay_records
from tests.accounts.people import Cast
from tests.runs.small_world import ROWS, write_world
from tests.runs.test_commands import run_command


def at_once(*acts):
    """Do things at the same moment, each on a connection of its own; return what came of them."""
    found, gate = [], threading.Barrier(len(acts))

    def do(act):
        gate.wait(10)
        try:
            found.append(act().pk)
        except Refused as refused:
            found.append(refused.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=do, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def test_a_double_press_in_two_tabs_by_two_people_is_one_run_and_each_record_once(rig):
    rig.map("cost_center", "200", "")
    run = rig.run(202611)
    rig.map("cost_center", "200", "CC_200")
    records = [item.pk for item in rig.exceptions(run)]

    def press(name, chosen):
        return lambda: replay_records(
            organization=rig.organization, run_id=run.pk, exception_ids=chosen, requested_by=name
        )

    found = at_once(
        press("mia", records), press("mia", records[::-1]), press("noah", records),
        press("olga", records[:1]),
    )  # fmt: skip
    with tenant(rig.organization.pk):
        (child,) = Run.objects.filter(parent=run)
    assert set(found) <= {child.pk, "sync_is_busy"}
    assert Counter(found)[child.pk] in (1, 3), "one wish won; the other was told"
    child = rig.finish(child)
    rig.check(child)
    sent = len(child.selection)
    assert child.counts["loaded"] == sent
    assert rig.anaplan.count("import_posts") == 2
    with tenant(rig.organization.pk):
        tries = RecordException.objects.filter(run=run).values_list("tries", flat=True)
        assert sorted(tries) == [0] * (len(records) - sent) + [1] * sent


def test_a_replay_that_the_model_refuses_keeps_the_record_with_both_reasons(rig):
    rig.map("cost_center", "200", "")
    first = rig.run(202611)
    rig.map("cost_center", "200", "CC_NOWHERE")
    second = rig.replay(first)
    assert (second.state, second.counts["rejected"]) == ("partial", 4)
    old, new = rig.exceptions(first)[0], rig.exceptions(second)[0]
    assert (old.code, old.state, old.ended_by_id) == (
        "unmapped_cost_center",
        "superseded",
        second.pk,
    )
    assert (new.code, new.state, old.source_key) == ("anaplan_row_rejected", "open", new.source_key)
    cast = Cast(rig.organization)
    page = cast.client(Role.VIEWER).get(cast.url(f"runs/{second.pk}/")).content.decode()
    assert "CC_NOWHERE" in page
    assert f">run {first.pk}</a>: cost center 200" in page
    assert "What became of the replayed records" in page
    third = rig.run(202611)
    assert (third.state, third.counts["rejected"]) == ("partial", 4), "failed rows are tried again"
    rig.map("cost_center", "200", "CC_200")
    assert rig.run(202611).state == "reconciled"


def test_all_that_a_sync_holds_is_replayed_at_once_over_runs_and_seen_before(rig):
    rig.map("cost_center", "200", "")
    rig.run(202610)
    newest = rig.run(202611)
    rig.map("cost_center", "200", "CC_200")
    cast = Cast(rig.organization)
    client = cast.client(Role.OPERATOR)
    page = client.get(cast.url(f"syncs/{rig.sync.pk}/replay/")).content.decode()
    assert "8 records of DE01, 2026/10; DE01, 2026/11; US01, 2026/10; US01, 2026/11." in page
    assert "5,001.00 EUR credit" in page
    assert "8 are mapped now and 0 are held still." in page
    preview, _ = run_command(rig, "replay", "--held", rig.sync.name, "--preview")
    assert (preview["records"], preview["mapped"], preview["still_held"]) == (8, 8, 0)
    assert {"currency": "USD", "measure": "debit", "amount": "400.30"} in preview["amounts"]
    before = rig.anaplan.count("import_posts")
    report, code = run_command(rig, "replay", "--held", rig.sync.name, "--here")
    assert (code, report["state"], report["parent"]) == (0, "reconciled", newest.pk)
    assert (report["periods"], report["counts"]["loaded"]) == ([202610, 202611], 8)
    assert rig.anaplan.count("import_posts") == before + 1
    with pytest.raises(Refused, match="open any more"):
        replay_held(organization=rig.organization, sync_id=rig.sync.pk, requested_by="test")


def test_a_reason_or_one_code_is_replayed_by_name(rig):
    rig.map("cost_center", "200", "")
    rig.map("gl_account", "1000", "")
    run = rig.run(202611)
    rig.map("gl_account", "1000", "A_1000")
    wish = ("replay", str(run.pk), "--code", "unmapped_cost_center", "--preview")
    assert run_command(rig, *wish)[0]["still_held"] == 4
    report, code = run_command(rig, "replay", str(run.pk), "--member", "gl_account=1000", "--here")
    assert (code, report["state"]) == (1, "partial")
    assert (report["counts"]["loaded"], report["counts"]["held"]) == (2, 4)


def test_a_code_that_joins_anothers_member_never_takes_the_others_amounts_away(make_rig, tmp_path):
    rows = {(entity, 202611): ROWS for entity in ("US01", "DE01")}
    rig = make_rig(write_world(tmp_path / "w", rows=rows))
    rig.map("entity", "DE01", "")
    run = rig.run(202611)
    rig.map("entity", "DE01", "E_US01")
    rig.map("currency", "EUR", "USD")
    child = rig.replay(run, *[item.pk for item in rig.exceptions(run)])
    assert (child.state, child.counts["zero_sends"]) == ("reconciled", 0)
    assert rig.cells()["E_US01 A_1000 CC_100 Nov 26"]["Debit"] == "3000.50"
