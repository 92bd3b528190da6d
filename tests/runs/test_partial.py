"""Scenario: a file that ends COMPLETE with a dozen rows left out, from partial to mended."""

import html

from django.core import mail

from accounts.api_keys import Scope
from accounts.models import Role
from audit.tenancy import tenant
from integrations.models import EvidenceKind, Load, RecordException, Sync
from integrations.services.evidence import Place, iter_blocks
from tests.accounts.people import Cast
from tests.integrations.api.calls import program_of
from tests.runs.small_world import ENTITIES, PERIODS, ROWS, write_world
from tests.runs.test_commands import run_command

BOOKS = (*ROWS, ("1000", "200", "5.00", "0.00"))


def wide_rig(make_rig, tmp_path):
    """Two entities and two periods, each with three rows of a cost center the model has not."""
    rows = {(entity, period): BOOKS for entity in ENTITIES for period in PERIODS}
    rig = make_rig(write_world(tmp_path / "w", rows=rows))
    rig.map("cost_center", "200", "CC_NOWHERE")
    return rig


def test_a_dozen_rows_left_out_are_partial_on_page_api_exit_code_and_mail_until_replayed(
    make_rig, tmp_path
):
    rig = wide_rig(make_rig, tmp_path)
    report, code = run_command(rig, "run_sync", rig.sync.name, "--all-periods", "--here")
    assert (code, report["state"], report["error"]["code"]) == (1, "partial", "records_missing")
    assert (report["counts"]["loaded"], report["counts"]["rejected"]) == (12, 12)
    number = report["run"]
    assert run_command(rig, "tie_out", str(number))[1] == 1
    cast = Cast(rig.organization)
    page = cast.client(Role.VIEWER).get(cast.url(f"runs/{number}/")).content.decode()
    text = " ".join(html.unescape(page).split())
    assert "12 records are rejected" in text
    assert "tone-warn" in text
    assert "tie out to the cent" not in text
    answer = program_of(cast, Scope.RUNS_READ).call(f"runs/{number}").json()
    assert (answer["state"], answer["failure"]["code"]) == ("partial", "records_missing")
    assert not [sent for sent in mail.outbox if "reconciled" in sent.subject + sent.body]
    with tenant(rig.organization.pk):
        load = Load.objects.get(run_id=number)
        place = Place(rig.organization.pk, number, EvidenceKind.DUMP)
        assert (load.task_state, load.dump_lines) == ("COMPLETE", 12)
        assert b"".join(iter_blocks(place)).count(b"CC_NOWHERE") >= 12

    rig.map("cost_center", "200", "CC_200")
    fixed, code = run_command(rig, "replay", str(number), "--here")
    assert (code, fixed["state"], fixed["counts"]["loaded"]) == (0, "reconciled", 12)
    assert fixed["counts"]["lines"] == 12
    posts = rig.anaplan.count("import_posts")
    again, code = run_command(rig, "replay", str(number), "--here")
    assert (code, again["counts"]["loaded"], again["counts"]["lines"]) == (0, 0, 0)
    assert rig.anaplan.count("import_posts") == posts


def test_with_the_policy_off_refused_cells_are_kept_back_and_listed_until_replayed(
    make_rig, tmp_path
):
    rig = wide_rig(make_rig, tmp_path)
    with tenant(rig.organization.pk):
        Sync.objects.filter(pk=rig.sync.pk).update(policies={"retry_failed": False})
    assert rig.run().counts["rejected"] == 12
    posts = rig.anaplan.count("import_posts")
    for _ in range(2):
        run = rig.run()
        assert (run.state, run.counts["held"], run.counts["rejected"]) == ("partial", 12, 0)
    assert rig.anaplan.count("import_posts") == posts
    listed = rig.exceptions(run)
    assert {item.code for item in listed} == {"not_retried"}
    assert all("CC_NOWHERE" in item.message for item in listed)
    assert all(cell.is_explained for cell in rig.differences(run))
    refused = rig.replay(run, *[item.pk for item in listed])
    assert (refused.counts["rejected"], rig.anaplan.count("import_posts")) == (12, posts + 1)
    rig.map("cost_center", "200", "CC_200")
    assert rig.run().state == "reconciled", "another cell was never refused"
    with tenant(rig.organization.pk):
        assert not RecordException.objects.filter(sync=rig.sync, state="open").exists()
