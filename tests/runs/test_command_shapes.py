"""What commands print as JSON has the shape that docs/commands.md gives."""

import io
import json
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from connector_site.places import CHECKOUT

PAGE = (CHECKOUT / "docs" / "commands.md").read_text("utf-8")


def example(heading: str) -> Any:
    """The JSON that a section of the page shows."""
    found = re.search(rf"\n## {heading}\n.*?```json\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return json.loads(found[1])


def shape(value: Any) -> Any:
    """Names and types of a JSON value; a list is known by its first item."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value[:1]]
    return type(value).__name__


def answer(rig: Any, *arguments: str) -> tuple[Any, int]:
    """Run a command; return its JSON and its exit code."""
    output, code = io.StringIO(), 0
    try:
        call_command(*arguments, "--organization", rig.organization.slug, "--json", stdout=output)
    except SystemExit as end:
        code = int(str(end.code))
    return json.loads(output.getvalue()), code


def test_a_run_is_reported_as_documented(rig):
    rig.run()
    rig.map("gl_account", "6000", "")
    report, code = answer(rig, "run_sync", rig.sync.name, "--period", "202611", "--here")
    shown = example("run_sync")
    assert (report["state"], code) == ("partial", 1)
    assert shape(report["counts"]) == shape(shown["counts"])
    assert shape(report) | {"warnings": []} == shape(shown) | {"warnings": []}


def test_a_replay_is_reported_like_a_run_and_ends_with_0_when_reconciled(rig):
    rig.map("gl_account", "6000", "")
    run = rig.run()
    version, _ = answer(rig, "map_code", "gl_account", "6000", "A_6000")
    report, code = answer(rig, "replay", str(run.pk), "--here")
    assert shape(version) == shape(example("map_code"))
    assert set(report) == set(example("run_sync"))
    assert (report["kind"], report["parent"], report["error"], code) == ("replay", run.pk, None, 0)


def test_a_tie_out_is_reported_as_documented(rig):
    rig.run()
    rig.alter("E_US01 A_1000 CC_100 Nov 26", "Debit", "1.00")
    run = rig.run()
    report, code = answer(rig, "tie_out", str(run.pk))
    assert shape(report) == shape(example("tie_out"))
    assert (report["state"], code) == ("failed", 1)
    (cell,) = report["differing_cells"]
    assert (cell["qad"], cell["anaplan"], cell["explanation"]) == ("1500.25", "1.00", "")


def test_a_check_is_reported_as_documented(rig):
    moment = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
    rig.qad.fault(path="CostCenters", kind="status", status=404, times=-1)
    report, code = answer(rig, "check_profile", str(rig.sync.source_id))
    found, shown = report["documents"][0], example("check_profile")
    assert (found["state"], code) == ("bad", 1)
    assert shape(report) == shape(shown)
    assert all(found[name] for name in ("meaning", "fix", "who"))
    assert moment.fullmatch(report["checked_at"])
    assert moment.fullmatch(found["checked_at"])
    rig.qad.heal()
    assert answer(rig, "check_profile", str(rig.sync.source_id))[1] == 0
    rig.qad.fault(path="CostCenters", kind="status", status=503, times=-1)
    report, code = answer(rig, "check_profile", str(rig.sync.source_id))
    found = report["documents"][0]
    assert (found["state"], found["missed"]["code"], code) == ("ok", "qad_error", 1)
    assert moment.fullmatch(found["missed"]["at"])
    assert set(found["missed"]) == {"at", "code", "meaning", "fix", "who"}


def test_a_refusal_says_what_forbids_it_and_prints_no_json(rig):
    with pytest.raises(CommandError, match=r"There is no sync named nothing here\. Check the name"):
        answer(rig, "run_sync", "nothing", "--all-periods", "--here")
