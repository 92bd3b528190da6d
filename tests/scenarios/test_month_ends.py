"""Month-ends of a manufacturer: each cell to the cent, against sums made apart."""

import json
import signal
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.conf import settings

from audit.models import Event
from audit.tenancy import tenant
from integrations.models import (
    ClosedChange,
    EvidenceKind,
    Load,
    MappingVersion,
    Run,
    Sync,
    TieOutLine,
)
from integrations.pipeline.outcome import read_dump
from integrations.services.clients import build_anaplan
from integrations.services.closed_changes import approve_change
from integrations.services.evidence import Place, iter_blocks
from integrations.services.tokens import redis_client
from integrations.transport.errors import IntegrationError
from simulators.data.modelparts import period_name
from tests.runs.test_closed_periods import person
from tests.runs.test_crashes import let_time_pass, workers
from tests.runs.test_plans import Planner
from tests.scenarios.books import IS_WHOLE, Cells, nonzero
from tests.scenarios.conftest import House, alter_model

__all__ = ["workers"]

CASH = "100000"
ACTUALS, SPEND, INVOICES = "ACT01 Actuals", "SPD01 Spend", "INV01 Invoices"


def test_first_load_of_every_data_set(make_house):
    """Scenario 1: one run a data set, lists first, each import started once, 0.00 everywhere."""
    house: House = make_house()
    books = house.books
    runs = [
        house.run(name)
        for name in ("supplier_list", "gl_balances", "cost_center_spend", "supplier_invoices")
    ]
    assert [(run.state, run.error_code) for run in runs] == [("reconciled", "")] * 4
    assert [run.warnings for run in runs] == [[]] * 4
    assert house.rig.anaplan.count("import_posts") == 4
    expected = books.balances("debit", "credit", "net")
    for measure, cells in expected.items():
        assert house.cells(ACTUALS, measure.title()) == nonzero(cells)
    assert house.cells(SPEND, "Amount") == nonzero(books.spend())
    assert house.cells(INVOICES, "Amount") == nonzero(books.invoices())
    with tenant(house.rig.organization.pk):
        lines = TieOutLine.objects.filter(run=runs[1], measure="net")
        net: dict[tuple[str, str], Decimal] = {}
        for line in lines:
            assert line.source == line.sent == line.target
            place = (line.entity, line.period)
            net[place] = net.get(place, Decimal(0)) + line.source
        assert len(net) == 3 * len(books.periods)
        assert set(net.values()) == {Decimal(0)}
        version = MappingVersion.objects.get(pk=runs[1].mapping_version_id)
        approved = Event.objects.get(
            organization_id=house.rig.organization.pk, action="mapping.approved"
        )
    assert (version.number, version.approved_by) == (1, "test")
    assert approved.subject_id == "1"


def test_late_backdated_posting(make_house):
    """Scenario 2: exactly the cells that changed, the emptied one as 0, the rest untouched."""
    house: House = make_house()
    period = house.books.periods[0]
    first = house.run("gl_balances", period)
    before = house.cells(ACTUALS, "Net")
    account, center, cell = _a_balance_of(house, period, before)
    amount = before[cell]
    _move(house, period, (account, center), (CASH, ""), amount)
    run = house.run("gl_balances", period)
    assert (first.state, run.state) == ("reconciled", "reconciled")
    after = house.cells(ACTUALS, "Net")
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    moved = f"E_01CO A_{CASH} CC_NONE {cell.split(' ', 3)[3]}"
    assert changed == {cell, moved}
    assert cell not in after
    assert after[moved] - before.get(moved, Decimal(0)) == amount
    assert run.counts["lines"] == 2
    with tenant(house.rig.organization.pk):
        Sync.objects.filter(pk=house.rig.sync.pk).update(policies={"closed_changes": "approve"})
    _move(house, period, (CASH, ""), (account, center), amount)
    held = house.run("gl_balances", period)
    assert (held.state, held.counts["lines"]) == ("partial", 0)
    assert house.cells(ACTUALS, "Net") == after
    with tenant(house.rig.organization.pk):
        change = ClosedChange.objects.get(state="waiting")
    approved = approve_change(
        organization=house.rig.organization, change_id=change.pk, actor=person(house.rig)
    )
    child = house.rig.finish(approved)
    house.rig.check(child)
    assert (child.state, child.counts["lines"]) == ("reconciled", 2)
    assert house.cells(ACTUALS, "Net") == before


def _a_balance_of(house: House, period: int, cells: Cells) -> tuple[str, str, str]:
    """An account and cost center of 01CO that one row alone makes up, and their cell."""
    row = next(
        row
        for row in house.books.rows("gl_balances")
        if row["year_period"] == str(period) and row["entity"] == "01CO"
        and row["layer"] == "OFFICIAL" and row["cost_center"] and not row["sub_account"]
        and not row["project"] and row["currency"] == "USD"
    )  # fmt: skip
    key = f"E_01CO A_{row['gl_account']} CC_{row['cost_center']} "
    (cell,) = [name for name in cells if name.startswith(key)]
    return row["gl_account"], row["cost_center"], cell


def _move(
    house: House, period: int, old: tuple[str, str], new: tuple[str, str], amount: Decimal
) -> None:
    """Move an amount between two accounts of a period that was closed and is closed again."""
    at = {"entity": "01CO", "year_period": period}
    lines = [(*old, -amount), (*new, amount)]
    journal = [
        {"gl_account": account, "cost_center": center, "debit": str(debit), "credit": "0"}
        for account, center, debit in lines
    ]
    house.rig.qad.call("POST", "journals", at | {"reopen": True, "lines": journal})
    house.rig.qad.call("POST", "periods", at | {"status": "REPORTED"})


@pytest.mark.parametrize("unknown", ["ignore", "reject"][not IS_WHOLE :])
def test_complete_with_ignored_rows(make_house, unknown):
    """Scenario 5: partial everywhere; replay after the fix sends exactly those, then none.

    Anaplan lists in its dump only what it refused: what it ignored is found by reading back.
    """
    house: House = make_house(
        lambda folder: alter_model(folder, "Actuals from QAD", onUnknown=unknown)
    )
    period = house.books.periods[-1]
    wanted = nonzero(house.books.balances("net")["net"])
    of_center = [c for c in wanted if " CC_00002 " in c and c.endswith(period_name(period))]
    house.rig.map("cost_center", "00002", "CC_GONE")
    run = house.run("gl_balances", period)
    left_out = run.counts["ignored"] + run.counts["rejected"]
    assert left_out >= len(of_center) > 3
    assert (run.state, run.counts["loaded"] + left_out) == ("partial", run.counts["rows"])
    load = _load_of(house, run)
    counts = {"ignore": load.result["counts"]["ignoredCount"], "reject": load.dump_lines}
    assert [run.counts["rejected"] == 0, load.dump_lines == 0] == [unknown == "ignore"] * 2
    house.rig.map("cost_center", "00002", "CC_00002")
    child = house.rig.replay(run)
    assert (child.state, child.counts["lines"]) == ("reconciled", counts[unknown])
    assert _lines_of_dump(load) == load.dump_lines
    with pytest.raises(IntegrationError, match="anaplan_dump_gone"):
        list(_anaplans_dump(house, load))
    again = house.rig.replay(run)
    assert (again.state, again.counts["lines"]) == ("reconciled", 0)
    month = {c: amount for c, amount in wanted.items() if c.endswith(period_name(period))}
    assert house.cells(ACTUALS, "Net") == month


def _lines_of_dump(load: Load) -> int:
    """How many lines the dump of a load lists that we have kept."""
    place = Place(load.organization_id, load.run_id, EvidenceKind.DUMP)
    with tenant(load.organization_id):
        return len(list(read_dump(iter_blocks(place))))


def _anaplans_dump(house: House, load: Load) -> Iterator[bytes]:
    """Anaplan's own dump of a load."""
    sync = house.rig.sync
    with tenant(load.organization_id):
        client = build_anaplan(sync.target, sync)
    return client.iter_dump(load.import_id, load.task_id)


def _load_of(house: House, run: Run) -> Load:
    """The load of a run."""
    with tenant(house.rig.organization.pk):
        return Load.objects.get(run=run)


def test_model_locked_then_token_lost_then_storm(make_house):
    """Scenarios 6 to 8: gentle waiting, one refresh, one import, and nothing twice."""
    house: House = make_house()
    period = house.books.periods[0]
    house.use("gl_balances")
    anaplan = house.rig.anaplan
    anaplan.call("POST", "hold", {"seconds": 600, "tooltip": "Import by Paula Planner"})
    run = house.rig.start(period)
    house.rig.finish(run, slices=6)
    waiting = house.rig.reload(run)
    assert (waiting.state, waiting.error_code) == ("waiting", "anaplan_model_busy")
    assert "Paula Planner" in waiting.error_message
    assert anaplan.count("import_posts") == anaplan.count("chunk_puts") == 0
    anaplan.call("DELETE", "hold")
    tokens = anaplan.count("tokens_issued")
    anaplan.fault(path="chunks/0", method="PUT", kind="token_revoked")
    anaplan.fault(path="/tasks", kind="rate_limited", retry_after="1", times=2)
    run = house.rig.finish(run, slices=2_000)
    house.rig.check(run)
    assert (run.state, run.error_code) == ("reconciled", "")
    assert anaplan.count("tokens_issued") + anaplan.count("token_refreshes") == tokens + 1
    assert anaplan.count("import_posts") == 1
    assert max(house.rig.waits) >= 5.0
    month = period_name(period)
    wanted = nonzero(house.books.balances("net")["net"])
    assert house.cells(ACTUALS, "Net") == {c: a for c, a in wanted.items() if c.endswith(month)}


# Its short form is each crash point of tests/runs/test_crashes.py.
@pytest.mark.skipif(not IS_WHOLE, reason="make months runs it")
def test_workers_killed_one_after_the_other(make_house, workers, monkeypatch):
    """Scenario 9: four workers die, the fifth finishes; the file is whole, one import in all."""
    monkeypatch.setattr(settings, "START_GRACE_SECONDS", 0)
    house: House = make_house()
    rig, period = house.rig, house.books.periods[0]
    house.use("gl_balances")
    rig.anaplan.call("POST", "settings", {"task_seconds": 4.0})
    run = rig.start(period)
    for point in ("load.after_chunk", "load.uploaded", "load.started", "collect.polled"):
        killed_by = workers.work_until_killed(rig.organization.pk, run.pk, CRASH_AT=point)
        assert (point, killed_by) == (point, signal.SIGKILL)
        redis_client().flushdb()
        let_time_pass(rig, run)
    run = rig.finish(run, slices=2_000)
    rig.check(run)
    assert (run.state, run.error_code) == ("reconciled", "")
    assert rig.anaplan.count("import_posts") == 1
    month = period_name(period)
    wanted = nonzero(house.books.balances("net")["net"])
    assert house.cells(ACTUALS, "Net") == {c: a for c, a in wanted.items() if c.endswith(month)}


def test_a_plan_comes_back_in_qads_codes(make_house):
    """Scenario 10: QAD holds what was planned, inactive codes are listed, variance is exact."""
    house: House = make_house()
    rig, books = house.rig, house.books
    period = books.periods[-1]
    assert house.run("gl_balances", period).state == "reconciled"
    planner = Planner(rig)
    pulled = planner.pull()
    wanted = books.plan()
    assert (pulled.state, pulled.counts["held"]) == ("reconciled", 0)
    assert {tuple(row) for row in planner.values(1)} == set(wanted)
    pushed = planner.publish(1)
    refused = {row for row in wanted if row[1] in books.inactive or row[2] in books.inactive}
    assert pushed.counts["rejected"] == len(refused) > 0
    assert (pushed.state, pushed.counts["loaded"]) == ("partial", len(wanted) - len(refused))
    assert set(planner.in_qad("FY BUDGET-A1")) == set(wanted) - refused
    variance = json.loads(planner.call("plan_actual", "Plan", "--json"))
    actual = nonzero(books.balances("net")["net"])
    planned = {(e, str(p), a, c): Decimal(amount) for e, a, c, p, _, amount in wanted}
    seen = 0
    for line in variance["lines"]:
        if line["period"] != str(period):
            continue
        place = (line["entity"], line["period"], line["account"], line["cost_center"])
        cell = f"E_{place[0]} A_{place[2]} CC_{place[3] or 'NONE'} {period_name(period)}"
        plan = planned.get(place)
        assert line["plan"] == (None if plan is None else str(plan))
        spent = actual.get(cell, Decimal(0))
        assert (line, Decimal(line["actual"] or 0)) == (line, spent)
        if plan is not None and line["actual"] is not None:
            assert Decimal(line["variance"]) == spent - plan
            seen += 1
    assert seen > 0
