"""Each rule of `manage.py invariants` is broken by hand, and named with its place."""

import io
import json
from contextlib import contextmanager, suppress

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit.tenancy import tenant
from integrations.services.invariants import check_invariants
from tests.runs.conftest import rigs
from tests.runs.test_command_shapes import example, shape

# What is done to the rows by hand, the rule that names it, and the words of the place and
# the problem. The braces are the red, the green and the queued run.
BREAKS = {
    "a row without a verdict": (
        """UPDATE integrations_run SET counts = counts || '{"loaded": 5}' WHERE id = [green]""",
        "rows", "run [green]: 20 rows were read, the six verdicts add up to",
    ),
    "a row that no group mapped": (
        """UPDATE integrations_rungroup SET counts = counts || '{"held": 9}'
            WHERE run_id = [green] AND name = 'E_US01|Oct 26'""",
        "rows", "run [green], group E_US01|Oct 26: 5 rows were read, 5 were mapped, 14 held,",
    ),
    "counts that are not those of the evidence": (
        """UPDATE integrations_run SET counts = counts || '{"zero_sends": 3}'
            WHERE id = [green]""",
        "rows", "run [green]: 3 zero_sends were counted, its evidence says 0",
    ),
    "a held record that is not listed": (
        "DELETE FROM integrations_recordexception WHERE run_id = [red] AND part = 'DE01/202611'"
        " AND verdict = 'held'",
        "records", "run [red], group E_DE01|Nov 26: 2 records were counted as held, 0 are listed",
    ),
    "a rejected record that is not listed": (
        "DELETE FROM integrations_recordexception WHERE run_id = [red] AND part = 'DE01/202611'"
        " AND verdict = 'rejected'",
        "records", "E_DE01|Nov 26: 1 records were counted as rejected, 0 are listed",
    ),
    "a page that is gone": (
        "DELETE FROM integrations_evidence WHERE run_id = [green] AND kind = 'page'"
        " AND part = 'US01/202610'",
        "evidence",
        "run [green], unit US01/202610: 1 pages with 5 rows were read, 0 pages with 0 rows",
    ),
    "a gap between blocks": (
        "UPDATE integrations_evidence SET number = 7 WHERE run_id = [green]"
        " AND kind = 'read_back' AND part = 'E_US01|Oct 26'",
        "evidence", "run [green], read_back E_US01|Oct 26: 1 blocks are kept, numbered from 7 to 7",
    ),
    "lines that are gone": (
        "DELETE FROM integrations_evidence WHERE run_id = [red] AND kind = 'segment'"
        " AND part = 'E_US01|Nov 26'",
        "evidence", "run [red], group E_US01|Nov 26: 3 lines were made, 0 are kept",
    ),
    "a chunk that nobody sent": (
        "UPDATE integrations_loadchunk SET sent_at = NULL WHERE load_id IN"
        " (SELECT id FROM integrations_load WHERE run_id = [red])",
        "evidence", "run [red]: the file has 7 lines in 1 chunks, 0 lines in 0 chunks were sent",
    ),
    "a position without its cells": (
        "DELETE FROM integrations_evidence WHERE run_id = [green] AND kind = 'position'"
        " AND part = 'E_US01|Oct 26'",
        "position", "E_US01|Oct 26: the cells that run [green] left are not those of its digest",
    ),
    "green by hand": (
        "UPDATE integrations_run SET state = 'reconciled' WHERE id = [red]",
        "state", "run [red]: it is reconciled, its evidence says partial",
    ),
    "green with a refused zero, which no record lists": (
        """UPDATE integrations_rungroup SET counts = counts || '{"differences": 1}'
            WHERE run_id = [green] AND number = 1""",
        "state", "run [green]: it is reconciled, its evidence says failed",
    ),
    "green without a read-back": (
        "UPDATE integrations_run SET plan = plan - 'read_back' WHERE id = [green]",
        "state", "run [green]: it is reconciled without a proof of every group",
    ),
    "green with a differing cell": (
        "UPDATE integrations_celldifference SET run_id = [green] WHERE run_id = [red]",
        "state", "run [green]: it is reconciled, and 4 differing cells are kept",
    ),
    "green with a line that differs": (
        "UPDATE integrations_tieoutplace SET target[1] = 7 WHERE run_id = [green]"
        " AND entity = 'E_US01' AND period = 'Oct 26' AND account = 'A_1000'",
        "state",
        "run [green], E_US01 Oct 26 A_1000: it is reconciled, and debit is 1500.25 in QAD, 7 in",
    ),
    "an import that nobody knows the end of": (
        "UPDATE integrations_load SET outcome = '' WHERE run_id = [red]",
        "import", "run [red]: it is partial, and nobody knows whether its import took place",
    ),
    "another import than the trail tells": (
        "UPDATE integrations_load SET task_id = 'F00D' WHERE run_id = [red]",
        "import", "run [red]: it has the import task F00D, the trail tells of ",
    ),
    "one import for two runs": (
        "UPDATE integrations_load SET task_id ="
        " (SELECT task_id FROM integrations_load WHERE run_id = [red]) WHERE run_id = [green]",
        "import", "runs [red], [green]: they have the same import task ",
    ),
    "a lease of an ended run": (
        "UPDATE integrations_modellease SET expires_at = now() + interval '1 minute',"
        " run_id = [red], organization_id = [organization] WHERE key = '[lease]'",
        "lease", "it is leased to run [red], which has ended",
    ),
    "a claim on an ended run": (
        "UPDATE integrations_run SET claim = 'worker' WHERE id = [green]",
        "claim", "run [green]: it has ended and is still claimed",
    ),
    "a run that nobody moves": (
        "UPDATE integrations_run SET not_before = now() - interval '17 minutes'"
        " WHERE id = [queued]",
        "claim", "run [queued]: nobody has moved it for 17 minutes, though it is due",
    ),
    "a run that no tick will find": (
        "DELETE FROM integrations_duerun WHERE run_id = [queued]",
        "queue", "run [queued]: it is under way and does not stand in the queue",
    ),
    "an ended run that ticks still find": (
        "INSERT INTO integrations_duerun VALUES ([green], [organization], now())",
        "queue", "run [green]: it stands in the queue and is not under way",
    ),
    "a trail that was cut": (
        "UPDATE audit_chainhead SET sequence = sequence + 1",
        "trail", "the head of the chain does not match its last event",
    ),
    "a damaged block": (
        "UPDATE integrations_evidenceblock SET data = 'x' WHERE id = (SELECT block_id FROM"
        " integrations_evidence WHERE run_id = [green] AND kind = 'page' LIMIT 1)",
        "block", "(run [green] page DE01/202610 1",
    ),
    "other bytes in a block": (
        "UPDATE integrations_evidenceblock SET data = (SELECT data FROM"
        " integrations_evidenceblock ORDER BY id DESC LIMIT 1) WHERE id ="
        " (SELECT min(id) FROM integrations_evidenceblock)",
        "block", ": other bytes",
    ),
    "a block of another size": (
        "UPDATE integrations_evidenceblock SET raw_size = 1 WHERE id ="
        " (SELECT min(id) FROM integrations_evidenceblock)",
        "block", ": it has another size",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def scene(tmp_path_factory, engines):
    """A run with held and rejected records, a green one, and one that waits for a worker."""
    with rigs(tmp_path_factory.mktemp("invariants")) as build:
        rig = build()
        rig.map("gl_account", "6000", "")
        rig.map("gl_account", "4000", "A_GONE")
        red = rig.run(202611)
        assert (red.state, red.counts["held"], red.counts["rejected"]) == ("partial", 4, 2)
        rig.map("gl_account", "6000", "A_6000")
        rig.map("gl_account", "4000", "A_4000")
        green = rig.run()
        assert green.state == "reconciled"
        yield rig, {
            "red": red.pk, "green": green.pk, "queued": rig.start().pk,
            "organization": rig.organization.pk, "lease": red.plan["lease_key"],
        }  # fmt: skip


class Undo(Exception):
    """Takes back what was broken."""


@contextmanager
def broken(organization, statement):
    """Break something for the length of one transaction."""
    with suppress(Undo), tenant(organization.pk):
        with connection.cursor() as cursor:
            cursor.execute(statement)
            assert cursor.rowcount >= 1
        yield
        raise Undo


def filled(text, names):
    for name, value in names.items():
        text = text.replace(f"[{name}]", str(value))
    return text


@pytest.mark.parametrize("name", BREAKS)
def test_what_does_not_hold_is_named_with_its_place(scene, name):
    rig, names = scene
    statement, rule, words = (filled(text, names) for text in BREAKS[name])
    with broken(rig.organization, statement):
        found = list(check_invariants(rig.organization, deep=True))
    said = [f"{one.rule}: {one.place}: {one.problem}" for one in found]
    assert [line for line in said if line.startswith(f"{rule}: ") and words in line], said
    assert {one.organization for one in found} == {rig.organization.slug}
    assert list(check_invariants(rig.organization, deep=True)) == []


def run_command(*arguments):
    output, code = io.StringIO(), 0
    try:
        call_command("invariants", *arguments, stdout=output)
    except SystemExit as end:
        code = end.code
    return output.getvalue(), code


def test_the_command_ends_with_1_and_names_what_does_not_hold(scene):
    rig, names = scene
    mine = ("--organization", rig.organization.slug)
    assert run_command(*mine, "--deep") == ("1 organizations, 0 violations.\n", 0)
    statement, _, words = (filled(text, names) for text in BREAKS["green by hand"])
    with broken(rig.organization, statement):
        text, code = run_command(*mine)
        report, json_code = run_command(*mine, "--json")
    assert f"{rig.organization.slug}: state: {words}.\n" in text
    assert (code, json_code) == (1, 1)
    assert shape(json.loads(report)) == shape(example("invariants"))
    with pytest.raises(CommandError, match="There is no organization 'nobody'"):
        run_command("--organization", "nobody")


def test_a_run_may_be_due_for_as_long_as_the_caller_says(scene):
    rig, names = scene
    late = filled(BREAKS["a run that nobody moves"][0], names)
    with broken(rig.organization, late):
        assert list(check_invariants(rig.organization, stalled_minutes=18)) == []
