"""From a line of the tie-out to its cells and their source rows, on the page and by command."""

import html
import re

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Role
from tests.accounts.people import Cast
from tests.runs.test_commands import run_command


def follow(client, page, word):
    """Open the first link whose words begin with a word."""
    (address, *_) = re.findall(rf'<a href="([^"]+)"[^>]*>{word}', page)
    return html.unescape(client.get(html.unescape(address)).content.decode())


@pytest.fixture
def red(rig):
    """A run after somebody has changed a cell in Anaplan and QAD has changed another."""
    rig.run()
    rig.alter("E_US01 A_6000 CC_200 Nov 26", "Debit", "1.00")
    rig.journal("US01", 202611, ("6000", "100", "5.00", "0"), ("1000", "100", "0", "5.00"))
    return rig.run()


def test_two_clicks_lead_from_a_run_to_the_source_rows_of_a_cell(rig, red):
    cast = Cast(rig.organization)
    client = cast.client(Role.VIEWER)
    run_page = client.get(cast.url(f"runs/{red.pk}/")).content.decode()
    cells = follow(client, run_page, "A_6000<")
    flat = re.sub(r"<[^>]+>|\s+", " ", cells)
    found = re.findall(r"CC_(\d+) .*?Debit +(\S+) +(\S+) +(\S+) +(\S+) ", flat)
    assert found == [
        ("100", "805.10", "805.10", "805.10", "0.00"),
        ("200", "200.15", "200.15", "1.00", "199.15"),
    ]
    rows = follow(client, cells, "Source rows")
    flat = re.sub(r"<[^>]+>|\s+", " ", rows)
    assert re.search(r"US01, 2026/11 +US01 +6000 +— +100 +.*OFFICIAL +USD +805.10 +0.00", flat)


def test_the_command_drills_to_cells_and_rows_by_members_or_qads_codes(rig, red):
    for entity, period, account in (("E_US01", "Nov 26", "A_6000"), ("US01", "202611", "6000")):
        report, code = run_command(
            rig, "tie_out", str(red.pk), "--entity", entity, "--period", period,
            "--account", account, "--cost-center", "200", "--rows",
        )  # fmt: skip
        key = "E_US01,A_6000,CC_200,Nov 26,USD"
        assert (code, report["state"], report["after"]) == (1, "failed", "")
        assert {cell["cell"] for cell in report["cells"]} == {key}
        debit = report["cells"][0]
        assert (debit["measure"], debit["qad"], debit["sent"]) == ("debit", "200.15", "200.15")
        assert (debit["anaplan"], debit["difference"]) == ("1.00", "199.15")
        assert debit["members"]["cost_center"] == "CC_200"
        (row,) = report["rows"][key]
        assert (row["fields"]["cost_center"], row["values"]["debit"]) == ("200", "200.15")
    whole, _ = run_command(
        rig, "tie_out", str(red.pk), "--entity", "US01", "--period", "202611",
        "--after", "E_US01,A_6000,CC_100,Nov 26,USD",
    )  # fmt: skip
    assert len({cell["cell"] for cell in whole["cells"]}) == 2
    for wish, words in (
        (("--entity", "US01"), "both --entity and --period"),
        (("--entity", "XX", "--period", "202611"), "no cells of entity XX"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("tie_out", str(red.pk), *wish, "--organization", rig.organization.slug)
