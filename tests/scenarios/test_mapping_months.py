"""Month-ends in which the mapping changes: a center is split, an account is new."""

from collections import defaultdict
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

import pytest
from django.db.models import F
from django.test import Client

from audit.tenancy import tenant
from integrations.models import CodeList, Run, Sync
from integrations.pipeline.rules import RuleKey
from integrations.services.mappings import set_members
from integrations.services.reference import read_by_worker
from integrations.templatetags.amounts import format_amount
from simulators.data.modelparts import period_name
from tests.runs.test_alignment import counts
from tests.runs.test_closed_periods import person
from tests.scenarios.books import IS_WHOLE, Cells, Row, nonzero
from tests.scenarios.conftest import House

ACTUALS = "ACT01 Actuals"
SPLIT, FIRST, SECOND = "00002", "CC_00003", "CC_00004"
SIXTY = Decimal("0.6")


def parts_of(row: Row) -> tuple[Decimal, Decimal]:
    """Cut a row's net 60/40 by hand: the first part rounded down, the rest to the last."""
    net = Decimal(row["debit"]) - Decimal(row["credit"])
    first = (net * SIXTY).quantize(net, ROUND_DOWN)
    return first, net - first


def split_books(house: House, start: int) -> Cells:
    """What each cell must hold when the center is split from a period on."""
    statistical = {
        row["gl_account"] for row in house.books.rows("accounts") if row["gl_type"] != "STANDARD"
    }
    cells: Cells = defaultdict(Decimal)
    for row in house.books.rows("gl_balances"):
        if row["layer"] != "OFFICIAL" or row["gl_account"] in statistical:
            continue
        place = (
            f"E_{row['entity']} A_{row['gl_account']} {{}} {period_name(int(row['year_period']))}"
        )
        if row["cost_center"] == SPLIT and int(row["year_period"]) >= start:
            for member, part in zip((FIRST, SECOND), parts_of(row), strict=True):
                cells[place.format(member)] += part
        else:
            net = Decimal(row["debit"]) - Decimal(row["credit"])
            cells[place.format(f"CC_{row['cost_center'] or 'NONE'}")] += net
    return nonzero(cells)


def test_a_center_is_split_sixty_to_forty_from_mid_year(make_house: Any) -> None:
    """Scenario 3: exact cents in both parts, earlier months stay, the grand total never moves."""
    house: House = make_house()
    rig, periods = house.rig, house.books.periods
    start = periods[len(periods) // 2]
    assert house.run("gl_balances", *periods).state == "reconciled"
    posted = house.cells(ACTUALS, "Net")
    set_members(
        organization=rig.organization,
        key=RuleKey("cost_center", "", "exact", SPLIT, ""),
        members=[(FIRST, SIXTY), (SECOND, 1 - SIXTY)],
        valid_from=start,
        requested_by="test",
    )
    run = house.run("gl_balances", *periods)
    assert (run.state, run.error_code) == ("reconciled", "")
    after = house.cells(ACTUALS, "Net")
    assert after == split_books(house, start)
    changed = {cell for cell in posted.keys() | after.keys() if posted.get(cell) != after.get(cell)}
    earlier = tuple(period_name(period) for period in periods if period < start)
    assert changed
    assert [cell for cell in changed if cell.endswith(earlier)] == []
    assert sum(after.values()) == sum(posted.values())
    assert without_centers(after) == without_centers(posted)
    restated = split_in_all(house)
    assert restated == split_books(house, periods[0])
    for cells in (after, restated):
        assert year_to_date(cells) == year_to_date(posted)


def without_centers(cells: Cells) -> Cells:
    """What each account of an entity comes to in a month over all its centers."""
    sums: Cells = defaultdict(Decimal)
    for cell, amount in cells.items():
        entity, account, _, month = cell.split(" ", 3)
        sums[f"{entity} {account} {month}"] += amount
    return nonzero(sums)


def split_in_all(house: House) -> Cells:
    """Restate the earlier months too, and return what the model holds then."""
    set_members(
        organization=house.rig.organization,
        key=RuleKey("cost_center", "", "exact", SPLIT, ""),
        members=[(FIRST, SIXTY), (SECOND, 1 - SIXTY)],
        requested_by="test",
    )
    assert house.run("gl_balances", *house.books.periods).state == "reconciled"
    return house.cells(ACTUALS, "Net")


def year_to_date(cells: Cells) -> Cells:
    """What each account of an entity comes to over all months and centers."""
    sums: Cells = defaultdict(Decimal)
    for cell, amount in cells.items():
        entity, account, _ = cell.split(" ", 2)
        sums[f"{entity} {account}"] += amount
    return nonzero(sums)


# Its short form is in tests/runs/test_exceptions.py.
@pytest.mark.skipif(not IS_WHOLE, reason="make months runs it")
def test_a_new_center_without_a_member_is_held_and_not_dropped(make_house: Any) -> None:
    """Scenario 3: what is loaded before its members are mapped waits for them."""
    house: House = make_house()
    rig, period = house.rig, house.books.periods[-1]
    month = period_name(period)
    wanted = {c: a for c, a in nonzero(house.books.balances("net")["net"]).items() if month in c}
    rig.map("cost_center", SPLIT, "")
    run = house.run("gl_balances", period)
    assert run.state == "partial"
    assert run.counts["loaded"] + run.counts["held"] == run.counts["rows"]
    kept = {cell: amount for cell, amount in wanted.items() if f" CC_{SPLIT} " not in cell}
    assert (house.cells(ACTUALS, "Net"), len(kept) < len(wanted)) == (kept, True)
    rig.map("cost_center", SPLIT, f"CC_{SPLIT}")
    child = rig.replay(run)
    assert (child.state, child.counts["loaded"]) == ("reconciled", run.counts["held"])
    assert house.cells(ACTUALS, "Net") == wanted


# Its short form is in tests/runs/test_alignment.py.
@pytest.mark.skipif(not IS_WHOLE, reason="make months runs it")
def test_a_center_is_renamed_and_nothing_moves(make_house: Any) -> None:
    """Scenario 3: a rename changes no cell and raises one drift note."""
    house: House = make_house()
    rig, period = house.rig, house.books.periods[0]
    assert house.run("gl_balances", period).state == "reconciled"
    read_by_worker(rig.organization.pk, is_asked=False)
    before = house.cells(ACTUALS, "Net")
    named = {"cost_center": SPLIT, "description": "Another name"}
    rig.qad.call("POST", "cost_centers", named)
    run = house.run("gl_balances", period)
    with tenant(rig.organization.pk):
        CodeList.objects.update(tried_at=F("tried_at") - timedelta(hours=1))
    read_by_worker(rig.organization.pk, is_asked=False)
    assert (run.state, run.counts["lines"]) == ("reconciled", 0)
    assert house.cells(ACTUALS, "Net") == before
    assert counts(rig)["renamed"] == 1


def desk_of(house: House) -> tuple[Client, str, str]:
    """A browser of an owner, the address of the desk, and what it shows."""
    client = Client()
    client.force_login(person(house.rig))
    url = f"/o/{house.rig.organization.slug}/mapping/"
    return client, url, " ".join(client.get(url).content.decode().split())


# The small world has the two others: tests/runs/test_mapping_engine.py.
@pytest.mark.parametrize("policy", ["hold", *["block", "suspense"] * IS_WHOLE])
def test_a_new_account_without_a_member(make_house: Any, policy: str) -> None:
    """Scenario 4: nothing, all others, or all load; mapping it releases exactly its rows."""
    house: House = make_house()
    rig, period = house.rig, house.books.periods[-1]
    month = period_name(period)
    wanted = {c: a for c, a in nonzero(house.books.balances("net")["net"]).items() if month in c}
    by_account: Cells = defaultdict(Decimal)
    for cell, amount in wanted.items():
        by_account[cell.split(" ")[1]] += amount
    account = max(by_account, key=lambda name: abs(by_account[name]))
    code, held = account.removeprefix("A_"), {c for c in wanted if f" {account} " in c}
    suspense = next(name for name in sorted(by_account) if name != account)
    rig.map("gl_account", code, "")
    take_policy(house, policy, suspense)
    run = house.run("gl_balances", period)
    read_by_worker(rig.organization.pk, is_asked=False)
    found = house.cells(ACTUALS, "Net")
    client, url, page = desk_of(house)
    first = page[page.index("<tbody>") : page.index("</tr>", page.index("<tbody>"))]
    assert (f"<code>{code}</code>" in first, f">{account}</strong>" in first) == (True, True)
    for stake in stakes_of(house, {cell: wanted[cell] for cell in held}):
        assert f">{stake}<" in first
    if policy == "block":
        assert (run.state, found, rig.anaplan.count("import_posts")) == ("failed", {}, 0)
    elif policy == "hold":
        assert (run.state, found) == ("partial", {c: wanted[c] for c in wanted.keys() - held})
        assert run.counts["loaded"] + run.counts["held"] == run.counts["rows"]
    else:
        assert run.state == "reconciled"
        assert total_of(found, suspense) == by_account[suspense] + by_account[account]
    answer = client.post(
        f"{url}map/", {"dimension": "gl_account", "code": code, "member": account}, follow=True
    )
    assert f"GL account {code} is {account}, from version" in answer.content.decode()
    with tenant(rig.organization.pk):
        child = Run.objects.filter(parent=run).first()
    if policy == "suspense":
        assert child is None
        child = rig.start(period)
    child = rig.finish(child)
    rig.check(child)
    assert (child.state, child.counts["held"]) == ("reconciled", 0)
    if policy == "hold":
        loaded, lines = child.counts["loaded"], child.counts["lines"]
        assert (loaded, lines) == (run.counts["held"], len(held))
    assert house.cells(ACTUALS, "Net") == wanted
    assert f"<code>{code}</code>" not in client.get(url).content.decode()


def take_policy(house: House, policy: str, suspense: str) -> None:
    """Say what becomes of rows without a member."""
    house.use("gl_balances")
    with tenant(house.rig.organization.pk):
        Sync.objects.filter(pk=house.rig.sync.pk).update(
            unmapped_policy=policy,
            suspense_members={"gl_account": suspense} if policy == "suspense" else {},
        )


def stakes_of(house: House, cells: Cells) -> list[str]:
    """What cells come to by the currency of their entity, as pages show it."""
    currencies = {f"E_{r['entity']}": r["base_currency"] for r in house.books.rows("entities")}
    sums: Cells = defaultdict(Decimal)
    for cell, amount in cells.items():
        sums[currencies[cell.split(" ")[0]]] += amount
    return [f"{format_amount(amount)} {currency}" for currency, amount in sums.items()]


def total_of(cells: Cells, account: str) -> Decimal:
    """What an account comes to over all its cells."""
    return sum((amount for cell, amount in cells.items() if f" {account} " in cell), Decimal(0))
