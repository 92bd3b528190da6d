"""Commands: their JSON stays as it is, and only a reconciled run exits with 0."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command


def run_command(rig, name, *arguments):
    """Return a command's output as JSON and its exit code."""
    out = StringIO()
    code = 0
    try:
        call_command(
            name, *arguments, "--organization", rig.organization.slug, "--json", stdout=out
        )
    except SystemExit as end:
        code = int(end.code or 0)
    return json.loads(out.getvalue()), code


def test_run_sync_reports_a_reconciled_run_and_exits_with_0(rig):
    report, code = run_command(rig, "run_sync", rig.sync.name, "--all-periods", "--here")
    assert code == 0
    assert set(report) == {
        "run", "organization", "sync", "kind", "parent", "state", "phase", "periods", "counts",
        "seconds", "warnings", "standings", "read_back", "error",
    }  # fmt: skip
    assert (report["state"], report["periods"], report["error"]) == (
        "reconciled",
        [202610, 202611],
        None,
    )
    assert report["counts"]["loaded"] == 20


def test_a_partial_run_exits_with_1_and_says_why(rig):
    rig.map("cost_center", "200", "")
    report, code = run_command(rig, "run_sync", rig.sync.name, "--period", "202611", "--here")
    assert code == 1
    assert (report["state"], report["error"]["code"]) == ("partial", "records_missing")


def test_tie_out_prints_every_amount_as_exact_text(rig):
    run = rig.run(202611)
    report, code = run_command(rig, "tie_out", str(run.pk))
    assert (code, report["state"], report["differing_cells"]) == (0, "reconciled", [])
    assert {
        "entity": "E_US01",
        "period": "Nov 26",
        "finality": "preliminary",
        "account": "A_6000",
        "currency": "USD",
        "measure": "debit",
        "qad": "1000.25",
        "sent": "1000.25",
        "anaplan": "1000.25",
        "difference": "0.00",
        "explained": "0.00",
        "records": 0,
    } in report["lines"]


def test_tie_out_of_a_red_run_exits_with_1_and_names_the_cell(rig):
    rig.run(202611)
    rig.alter("E_US01 A_6000 CC_100 Nov 26", "Debit", "1")
    run = rig.run(202611)
    report, code = run_command(rig, "tie_out", str(run.pk))
    assert (code, len(report["differing_cells"])) == (1, 1)
    assert report["differing_cells"][0]["cell"] == "E_US01,A_6000,CC_100,Nov 26,USD"


def test_replay_and_map_code_work_from_the_command_line(rig):
    run_command(rig, "map_code", "cost_center", "200")
    report, _ = run_command(rig, "run_sync", rig.sync.name, "--all-periods", "--here")
    version, _ = run_command(rig, "map_code", "cost_center", "200", "CC_200")
    assert version == {"version": 3, "note": "cost_center 200 mapped to CC_200"}
    replayed, code = run_command(rig, "replay", str(report["run"]), "--here")
    assert (code, replayed["kind"], replayed["parent"]) == (0, "replay", report["run"])


def test_a_refusal_is_one_sentence_with_its_fix(rig):
    with pytest.raises(CommandError, match=r"no run 999999 here.*list of runs"):
        call_command("tie_out", "999999", "--organization", rig.organization.slug)


def test_verify_audit_says_that_the_chain_holds(rig):
    rig.run(202611)
    out = StringIO()
    call_command("verify_audit", "--organization", rig.organization.slug, stdout=out)
    assert "chain intact" in out.getvalue()
