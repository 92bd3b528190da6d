"""The editor of syncs for each kind of data set, over stand-ins that have all of them."""

import html
import io
import json
import re
import time

import pytest
from django.core.management import call_command

from accounts.models import Role
from audit.models import Event
from audit.tenancy import tenant
from integrations.models import Connection, Position, Sync
from integrations.services import asking
from tests.accounts.people import Cast
from tests.runs.conftest import rigs
from tests.runs.test_command_shapes import example
from tests.runs.wide_world import INVOICES, SPEND, add_sync, write_wide_world

ENTITIES = ["10USA|US01", "20EUR|DE01"]


@pytest.fixture(scope="module")
def rig(engines, tmp_path_factory):
    folder = tmp_path_factory.mktemp("editor")
    with rigs(folder) as build:
        made = build(write_wide_world(folder / "wide"))
        with tenant(made.organization.pk):
            made.sync.source.offered = {"workspaces": [
                {**place, "description": "", "base_currency": ""} for place in made.sync.entities
            ]}  # fmt: skip
            made.sync.source.save(update_fields=["offered"])
        yield made


@pytest.fixture(scope="module")
def cast(rig):
    return Cast(rig.organization)


@pytest.fixture(scope="module")
def client(cast):
    return cast.client(Role.ADMIN)


def read(answer):
    return html.unescape(answer.content.decode())


def shown(page):
    """Return what a form holds: fields by name, as a browser would send them."""
    form = page[page.index('id="sync-form"') : page.index("</form>", page.index('id="sync-form"'))]
    fields = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ("checkbox" not in tag or " checked" in tag):
            fields.setdefault(name[1], []).append(value[1] if value else "")
    for name, options in re.findall(r'<select name="([^"]*)".*?>(.*?)</select>', form, re.DOTALL):
        picked = re.search(r'<option value="([^"]*)" selected', options)
        fields[name] = [picked[1] if picked else ""]
    return fields


def fill(rig, client, cast, path, **fields):
    """Press Next with some fields, and return all that the form then holds."""
    sides = {"source": rig.sync.source_id, "target": rig.sync.target_id, "entities": ENTITIES}
    page = read(client.post(cast.url(path), {**sides, "next": "1", **fields}))
    return {**shown(page), **fields}


def save(client, cast, path, form):
    return client.post(cast.url(path), {**form, "save": "1"})


def saved(rig, name):
    with tenant(rig.organization.pk):
        return Sync.objects.select_related("source", "target").get(name=name)


def test_spend_is_set_up_by_a_process_with_its_conventions_and_the_trail_says_what_changed(
    rig, client, cast
):
    form = fill(
        rig, client, cast, "syncs/new/", name="Spend", data_set="cost_center_spend",
        import_name=f"{SPEND} from QAD", export_name=f"{SPEND} read back",
        process_name="Spend, all of it",
    )  # fmt: skip
    # What a column named Spend holds is nobody's guess.
    assert form["column_5"] == [""]
    assert (form["sign"], form["layers"]) == (["as_posted"], ["OFFICIAL"])
    form |= {"column_5": "net", "sign": "income_positive", "period_name": "{Mon} {yy}"}
    assert save(client, cast, "syncs/new/", form).status_code == 302
    sync = saved(rig, "Spend")
    assert (sync.data_set, sync.process_name, sync.sends_all) == (
        "cost_center_spend", "Spend, all of it", False,
    )  # fmt: skip
    assert sync.conventions == {"sign": "income_positive", "period_name": "{Mon} {yy}"}
    rig.sync = sync
    run = rig.run(202610)
    assert (run.state, run.counts["left_out"]) == ("reconciled", 2)
    page = read(client.get(cast.url(f"runs/{run.pk}/")))
    assert "Cost-center spend" in page
    assert "<dt>Left out</dt><dd>2</dd>" in page
    assert "Steps of the process" in page
    assert f"{SPEND} from QAD" in page
    assert "Cost-center spend" in read(client.get(cast.url("syncs/")))
    path = f"syncs/{sync.pk}/"
    form = shown(read(client.get(cast.url(path))))
    for changed in ({}, {"sends_all": "on"}, {"sign": "natural"}):
        assert save(client, cast, path, {**form, **changed}).status_code == 302
        with tenant(rig.organization.pk):
            # Only what changes the meaning of what was loaded makes the next run send it all.
            has_positions = Position.objects.filter(sync=sync).exists()
        assert has_positions == (changed != {"sign": "natural"})
    with tenant(rig.organization.pk):
        events = Event.objects.filter(action="sync.saved", subject_id="Spend").order_by("pk")
        made, same, emptied, turned = (event.data for event in events)
    assert "changed" not in made
    assert "changed" not in same
    assert emptied["changed"] == {"sends_all": [False, True]}
    assert turned["changed"]["conventions"] == [
        {"sign": "income_positive", "period_name": "{Mon} {yy}"},
        {"sign": "natural", "period_name": "{Mon} {yy}"},
    ]


def test_invoices_and_a_list_ask_for_what_is_theirs_and_for_nothing_else(rig, client, cast):
    form = fill(
        rig, client, cast, "syncs/new/", name="Invoices", data_set="supplier_invoices",
        import_name=f"{INVOICES} from QAD", export_name=f"{INVOICES} read back",
    )  # fmt: skip
    assert form["left_out_invoice_type"] == ["ADJUSTMENT, PREPAYMENT"]
    assert not {"sign", "layers", "member_code", "balance_gate"} & set(form)
    form |= {"column_4": "amount", "left_out_invoice_type": "ADJUSTMENT"}
    assert save(client, cast, "syncs/new/", form).status_code == 302
    assert saved(rig, "Invoices").conventions == {
        "left_out": {"invoice_type": ["ADJUSTMENT"], "invoice_status": ["AP-INITIAL"]}
    }
    # Another data set forgets the export and the columns of the first.
    other = {**form, "data_set": "cost_center_list", "import_name": "Cost centers from QAD"}
    page = shown(read(client.post(cast.url("syncs/new/"), {**other, "next": "1"})))
    assert (page["export_name"], page["column_0"], page["column_1"]) == ([""], ["code"], ["name"])
    assert not {"currency", "period_name", "left_out_invoice_type"} & set(page)
    listed = {**page, "name": "Centers", "export_name": "Cost Centers", "member_code": "CC_{code}"}
    assert save(client, cast, "syncs/new/", listed).status_code == 302
    sync = saved(rig, "Centers")
    assert (sync.export_name, sync.conventions) == ("Cost Centers", {"member_code": "CC_{code}"})
    rig.sync = sync
    run = rig.run()
    assert run.state == "reconciled"
    page = read(client.get(cast.url(f"runs/{run.pk}/")))
    assert "Every member that QAD has is in Anaplan's list." in page
    assert "Whole list" in page
    assert "Entities and periods" not in page


def test_records_of_invoices_are_shown_with_their_amount(rig, client, cast):
    add_sync(rig, "supplier_invoices", INVOICES, "amount", name="Refused")
    rig.map("supplier", "S2", "V_404")
    run = rig.run(202610)
    rig.map("supplier", "S2", "V_S2")
    assert (run.state, run.counts["rejected"]) == ("partial", 2)
    page = read(client.get(cast.url(f"runs/{run.pk}/?entity=E_US01&period=Oct+26")))
    assert page.count('<td data-label="Amount" class="number">99.99</td>') == 2
    assert 'data-label="Debit"' not in page
    assert '<th scope="col">Supplier</th>' in page
    # The square of an entity and month is the difference of the amounts, not 0.00.
    assert 'aria-label="E_US01, Oct 26: 99.99 USD' in page


def preview(client, cast, path, form):
    return read(client.post(cast.url(path), {**form, "preview": "1"}))


def test_a_preview_shows_the_lines_as_the_file_would_have_them_and_changes_nothing(
    rig, client, cast
):
    form = fill(
        rig, client, cast, "syncs/new/", name="Shown", data_set="cost_center_spend",
        import_name=f"{SPEND} from QAD", export_name=f"{SPEND} read back", column_5="net",
        sign="income_positive",
    )  # fmt: skip
    rig.map("cost_center", "200", "")
    before = rig.anaplan.call("GET", "counters")
    page = preview(client, cast, "syncs/new/", form)
    assert "Company,Account,Cost Center,Month,Currency,Spend\nE_US01,A_6000,CC_100,Nov 26" in page
    assert "E_US01,A_6000,CC_100,Nov 26,USD,800.10" in page
    assert "US01/202611, one page as QAD gave it now" in page
    # Of six postings one is of the balance sheet and three are on a center without a member.
    assert "5 read, 3 held, 1 left out" in page
    assert "<dt>Sum of net</dt><dd>800.10</dd>" in page
    assert "3 rows (Cost center 200)" in page
    with tenant(rig.organization.pk):
        assert not Sync.objects.filter(name="Shown").exists()
        assert not Event.objects.filter(subject_id="Shown").exists()
    after = rig.anaplan.call("GET", "counters")
    assert {name for name in after if after[name] != before.get(name)} <= {"requests", "sign_ins"}
    rig.map("cost_center", "200", "CC_200")
    assert save(client, cast, "syncs/new/", form).status_code == 302
    rig.sync = saved(rig, "Shown")
    rig.run(202610)
    asked = rig.qad.call("GET", "requests")["count"]
    out = io.StringIO()
    call_command(
        "preview_sync", "Shown", "--lines", "1", "--json", stdout=out,
        organization=rig.organization.slug,
    )  # fmt: skip
    told = json.loads(out.getvalue())
    assert told.keys() == example("preview_sync").keys()
    # The newest kept page answers, and QAD is not asked.
    assert rig.qad.call("GET", "requests")["count"] == asked
    assert (told["part"], told["is_kept"], told["held"]) == ("US01/202610", True, [])
    assert told["lines"] == ["E_US01,A_4000,CC_200,Oct 26,USD,2500.50"]
    assert (told["cells"], told["rows"], told["sums"]) == (3, 5, {"net": "3500.75"})
    # Another sign is another question: QAD is asked again.
    path = f"syncs/{rig.sync.pk}/"
    other = {**shown(read(client.get(cast.url(path)))), "sign": "as_posted"}
    assert "E_US01,A_4000,CC_200,Nov 26,USD,-2500.50" in preview(client, cast, path, other)


def test_a_list_is_previewed_member_by_member(rig, client, cast):
    listed = fill(
        rig, client, cast, "syncs/new/", name="Shown list", data_set="cost_center_list",
        import_name="Cost centers from QAD", export_name="Cost Centers",
    )  # fmt: skip
    assert "Code,Name\nCC_100,Assembly\nCC_200,Sales Office" in preview(
        client, cast, "syncs/new/", listed
    )


def test_a_preview_waits_for_a_slow_qad_no_longer_than_a_page_may_take(
    rig, client, cast, monkeypatch
):
    form = fill(
        rig, client, cast, "syncs/new/", name="Slow", data_set="supplier_invoices",
        column_4="amount", import_name=f"{INVOICES} from QAD", export_name=f"{INVOICES} read back",
    )  # fmt: skip
    monkeypatch.setattr(asking, "PERSON_SECONDS", 1.0)
    rig.qad.fault(path="Invoices", kind="slow", seconds=6, times=9)
    began = time.monotonic()
    page = preview(client, cast, "syncs/new/", form)
    rig.qad.heal()
    assert time.monotonic() - began < 4
    assert "did not finish its answer within 1 seconds" in page


FAULTS = {
    "a pattern without a year": ({"period_name": "{Mon}"}, "two periods would have one name"),
    "no type of period": ({"period_types": ""}, "nothing would be read"),
    "a currency that QAD lacks": ({"currency": "statutory"}, "maps no field"),
    "a process without the import": ({"process_name": "Spend, all of it"}, "does not run"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_convention_that_cannot_be_is_named_beside_its_question(rig, client, cast, fault):
    changes, words = FAULTS[fault]
    form = fill(
        rig, client, cast, "syncs/new/", name="Faulty", data_set="supplier_invoices",
        import_name=f"{INVOICES} from QAD", export_name=f"{INVOICES} read back",
    )  # fmt: skip
    (name,) = changes
    with tenant(rig.organization.pk):
        source = Connection.objects.get(pk=rig.sync.source_id)
        profile = source.profile
        short = {**profile["documents"]["supplier_invoice"]["map"]}
        short.pop("amount_sc", None)
        document = {**profile["documents"]["supplier_invoice"], "map": short}
        source.profile = {
            **profile, "documents": {**profile["documents"], "supplier_invoice": document}
        }  # fmt: skip
        source.save(update_fields=["profile"])
    answer = save(client, cast, "syncs/new/", {**form, "column_4": "amount", **changes})
    with tenant(rig.organization.pk):
        Connection.objects.filter(pk=source.pk).update(profile=profile)
        assert not Sync.objects.filter(name="Faulty").exists()
    page = read(answer)
    assert (answer.status_code, words in page) == (422, True)
    place = page.index(f'name="{name}"')
    assert words in page[place - 1500 : place + 1500]
