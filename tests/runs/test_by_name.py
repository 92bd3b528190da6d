"""From two connections to a green run by pages alone: everything is chosen by its name."""

import html
import re
import time

import pytest

from accounts.models import Role
from audit.models import Event
from audit.tenancy import tenant
from integrations.models import Connection, DriftAlarm, ModelCatalogue, Position, Sync
from integrations.services import asking
from integrations.services.syncs import start_run
from tests.accounts.people import Cast
from tests.runs.conftest import rigs
from tests.runs.small_world import IMPORT, MODEL, WORKSPACE
from tests.runs.test_drift import change

FORM = {
    "name": "By name", "entities": ["10USA|US01", "20EUR|DE01"], "balance_gate": "warn",
    "unmapped_policy": "suspense", "suspense_gl_account": "A_9000", "suspense_cost_center": "",
    "import_name": "Actuals from QAD", "export_name": "Actuals read back",
}  # fmt: skip

POLICIES = {
    "final_only": "", "closed_periods": "2", "closed_hours": "24", "closed_changes": "approve",
    "volume_gate": "warn", "volume_share": "50", "empty_gate": "block",
    "read_back_hours": "0", "retry_failed": "on",
}  # fmt: skip


@pytest.fixture(scope="module")
def rig(engines, tmp_path_factory):
    with rigs(tmp_path_factory.mktemp("names")) as build:
        yield build()


@pytest.fixture(scope="module")
def cast(rig):
    return Cast(rig.organization)


@pytest.fixture(scope="module")
def client(cast):
    return cast.client(Role.ADMIN)


@pytest.fixture
def fresh(rig):
    """The rig with two connections, of which nothing was read yet."""
    with tenant(rig.organization.pk):
        for model in (Position, DriftAlarm, ModelCatalogue):
            model.objects.all().delete()
        Sync.objects.filter(name="By name").delete()
        Connection.objects.update(place={})
    return rig


def place_of(rig):
    with tenant(rig.organization.pk):
        return Connection.objects.get(pk=rig.sync.target_id).place


def read(answer):
    return html.unescape(answer.content.decode())


def columns_of(page):
    """What each column is said to hold, by its header."""
    found = re.findall(
        r'<label for="id_column_(\d+)">([^<]*)</label>.*?<select[^>]*>(.*?)</select>',
        page,
        re.DOTALL,
    )
    chosen = {}
    for number, header, options in found:
        picked = re.search(r'<option value="([^"]*)" selected', options)
        chosen[f"column_{number}"] = (header.strip(), picked[1] if picked else "")
    return chosen


def fill(rig, client, cast, path, **fields):
    """Press Next, and send what the form then holds."""
    sides = {"source": rig.sync.source_id, "target": rig.sync.target_id}
    page = read(client.post(cast.url(path), {**FORM, **sides, **fields}))
    columns = {name: field for name, (_, field) in columns_of(page).items()}
    return {**FORM, **sides, "columns_of": FORM["import_name"], "save": "1", **columns, **fields}


def test_a_model_an_import_and_a_sync_are_chosen_without_any_id_and_the_run_is_green(
    fresh, client, cast
):
    rig = fresh
    model = f"connections/{rig.sync.target_id}/model/"
    assert "were not listed yet" in read(client.get(cast.url(model)))
    listed = read(client.post(cast.url(f"{model}refresh/"), {"back": "picker"}, follow=True))
    assert "1 model listed." in listed
    assert "Finance" in listed
    [given] = re.findall(r'name="given" value="([0-9A-F]{32})"', listed)
    chosen = read(client.post(cast.url(f"{model}choose/"), {"given": given}, follow=True))
    assert "FP&A in Finance is chosen." in chosen
    assert "1 import, 1 export, 0 processes, 4 lists, 1 module" in chosen
    assert place_of(rig) == {
        "workspace_id": WORKSPACE, "workspace_name": "Finance", "model_id": MODEL,
        "model_name": "FP&A",
    }  # fmt: skip
    blank = read(client.get(cast.url("syncs/new/")))
    assert f'<option value="{rig.sync.source_id}" selected>' in blank
    filled = fill(rig, client, cast, "syncs/new/")
    assert [filled[f"column_{number}"] for number in range(9)] == [
        "entity", "gl_account", "cost_center", "period", "currency", "debit", "credit", "net",
        "quantity",
    ]  # fmt: skip
    saved = read(client.post(cast.url("syncs/new/"), filled, follow=True))
    assert "By name is saved." in saved
    with tenant(rig.organization.pk):
        sync = Sync.objects.get(name="By name")
        [event] = Event.objects.filter(action="sync.saved", subject_id="By name")
        suspense = {"unmapped": "suspense", "suspense": {"gl_account": "A_9000"}}
        assert event.data.items() >= suspense.items()
        assert Event.objects.filter(action="connection.model_chosen").count() >= 1
    assert (sync.model_id, sync.workspace_id) == (MODEL, WORKSPACE)
    page = read(client.get(cast.url(f"syncs/{sync.pk}/")))
    assert '<option value="suspense" selected>' in page
    assert 'value="A_9000"' in page
    assert sync.entities == [
        {"domain": "10USA", "entity": "US01"}, {"domain": "20EUR", "entity": "DE01"},
    ]  # fmt: skip
    run = start_run(
        organization=rig.organization, sync_id=sync.pk, periods=[202610], requested_by="test"
    )
    assert rig.finish(run).state == "reconciled"


FAULTS = {
    "no entity": ({"entities": []}, "Entities: This field is required."),
    "an entity that is not offered": ({"entities": ["10USA|XX99"]}, "is not one of the available"),
    "a column without a meaning": ({"column_3": ""}, "Month: This field is required."),
    "a field twice": ({"column_3": "entity"}, "More than one column of the import is bound"),
    "a field too few": ({"column_1": "=", "constant_1": "x"}, "No column carries: gl_account"),
    "no text": ({"column_2": "="}, "Write the text that Cost Center always holds."),
    "text that no file holds": (
        {"column_2": "=", "constant_2": "a\x1fb"}, "control",
    ),
    "an unknown import": ({"import_name": "Nothing"}, "has no import Nothing"),
    "nowhere to go": ({"suspense_gl_account": ""}, "no suspense member is named"),
    "too many closed periods": (
        {**POLICIES, "closed_periods": "601"},
        "How many closed periods are read again: Write a number of at most 600.",
    ),
    "no share": (
        {**POLICIES, "volume_share": "0"},
        "How far from the usual, in percent: Write a number of at least 1.",
    ),
    "a gate that is none": ({**POLICIES, "empty_gate": "loud"}, "loud is not one of the available"),
    "a prompt without answer": ({"prompts": "Version"}, "is no question with its answer"),
    "a name that is taken": ({"name": "GL balances"}, "Another sync is called GL balances."),
}  # fmt: skip


@pytest.fixture(scope="module")
def ready(rig, client, cast):
    """The rig with all listed and the model chosen, and a form that would save."""
    model = cast.url(f"connections/{rig.sync.target_id}/model/")
    client.post(f"{model}refresh/")
    client.post(f"{model}choose/", {"given": MODEL})
    return fill(rig, client, cast, "syncs/new/")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_form_with_a_fault_saves_nothing_and_names_it(rig, client, cast, ready, fault):
    fields, words = FAULTS[fault]
    form = {**ready, "name": "Faulty", **fields}
    answer = client.post(cast.url("syncs/new/"), form)
    assert (answer.status_code, words in read(answer)) == (422, True)
    with tenant(rig.organization.pk):
        assert not Sync.objects.filter(name="Faulty").exists()


def test_the_policies_of_a_sync_are_plain_questions_and_stay_where_nobody_asked(
    rig, client, cast, ready
):
    form = {**ready, **POLICIES, "name": "Policies"}
    client.post(cast.url("syncs/new/"), form)
    with tenant(rig.organization.pk):
        sync = Sync.objects.get(name="Policies")
        [event] = Event.objects.filter(action="sync.saved", subject_id="Policies")
    # What is as usual is not kept.
    kept = {"closed_periods": 2, "closed_hours": 24, "closed_changes": "approve"}
    assert event.data["policies"] == sync.policies == kept
    path = cast.url(f"syncs/{sync.pk}/")
    page = read(client.get(path))
    assert '<option value="approve" selected>' in page
    assert re.search(r'name="closed_periods" value="2"', page)
    unasked = {name: value for name, value in form.items() if name not in POLICIES}
    emptied = {**form, "closed_periods": "", "closed_changes": "load", "final_only": "on"}
    for sent, left in ((unasked, kept), (emptied, {"final_only": True, "closed_hours": 24})):
        assert client.post(path, sent).status_code == 302
        with tenant(rig.organization.pk):
            assert Sync.objects.get(pk=sync.pk).policies == left
    with tenant(rig.organization.pk):
        Sync.objects.filter(pk=sync.pk).delete()


def test_saving_a_sync_takes_no_change_of_the_model_for_right_and_accepting_sends_all_again(
    rig, client, cast, ready
):
    rig.run(202610)
    change(rig, "imports", IMPORT, {"separator": ";"})
    client.post(cast.url(f"connections/{rig.sync.target_id}/model/refresh/"))
    path = f"syncs/{rig.sync.pk}/"
    assert "Stopped: the model has changed" in read(client.get(cast.url("syncs/")))
    assert "1 change in the model" in read(client.get(cast.url("connections/")))
    page = read(client.get(cast.url(f"connections/{rig.sync.target_id}/")))
    assert "The import Actuals from QAD was changed: separator “,” is now “;”." in page
    form = fill(rig, client, cast, path, name="GL balances", again="1")
    del form["again"]
    refused = client.post(cast.url(path), {**form, "balance_gate": "off"})
    assert refused.status_code == 422
    assert "The import Actuals from QAD was changed" in read(refused)
    with tenant(rig.organization.pk):
        [alarm] = DriftAlarm.objects.filter(ended_at=None)
        assert Sync.objects.get(pk=rig.sync.pk).balance_gate == "warn"
    connection = cast.url(f"connections/{rig.sync.target_id}/")
    client.post(f"{connection}alarms/{alarm.pk}/accept/")
    assert client.post(cast.url(path), form).status_code == 302
    assert "Ready" in read(client.get(cast.url("syncs/")))
    run = rig.run(202610)
    assert (run.state, run.counts["cells_changed"]) == ("reconciled", run.counts["cells"])


def test_an_alarm_is_taken_as_right_by_a_button_once(rig, client, cast, ready):
    change(rig, "imports", IMPORT, {"name": "Actuals 2"})
    connection = cast.url(f"connections/{rig.sync.target_id}/")
    page = read(client.post(f"{connection}model/refresh/", follow=True))
    assert "The model has changed in what syncs use" in page
    [button] = re.findall(r'action="([^"]*/accept/)"', page)
    assert cast.client(Role.OPERATOR).post(button).status_code == 403
    done = read(client.post(button, follow=True))
    assert "Actuals from QAD is taken as it is now." in done
    assert "Somebody has ended this alarm" in read(client.post(button, follow=True))
    with tenant(rig.organization.pk):
        assert Sync.objects.get(pk=rig.sync.pk).import_name == "Actuals 2"
    change(rig, "imports", IMPORT, {"name": "Actuals from QAD"})
    client.post(f"{connection}model/refresh/")
    with tenant(rig.organization.pk):
        alarm = DriftAlarm.objects.get(ended_at=None)
    client.post(f"{connection}alarms/{alarm.pk}/accept/")


def test_a_chosen_model_that_is_gone_stays_chosen_and_is_missing_since(rig, client, cast, ready):
    gone = {**place_of(rig), "model_id": "F" * 32, "model_name": "Gone plan"}
    with tenant(rig.organization.pk):
        Connection.objects.filter(pk=rig.sync.target_id).update(place=gone)
    connection = cast.url(f"connections/{rig.sync.target_id}/")
    page = read(client.post(f"{connection}model/refresh/", follow=True))
    assert "Missing</span> since" in page
    since = place_of(rig)["missing_since"]
    client.post(f"{connection}model/refresh/")
    assert place_of(rig) == {**gone, "missing_since": since}
    client.post(f"{connection}model/choose/", {"given": MODEL})
    assert "missing_since" not in place_of(rig)


def test_what_cannot_be_pasted_is_said_beside_the_field(rig, client, cast, ready):
    path = cast.url(f"connections/{rig.sync.target_id}/model/choose/")
    answer = client.post(path, {"given": f"https://app.anaplan.com/{WORKSPACE}"})
    assert answer.status_code == 422
    assert "The id belongs to the workspace Finance" in read(answer)


def test_anaplan_that_refuses_is_named_and_the_old_list_stays(rig, client, cast, ready):
    rig.anaplan.fault(path="/2/0/models", kind="status", status=500, times=20)
    model = cast.url(f"connections/{rig.sync.target_id}/model/")
    page = read(client.post(f"{model}refresh/", {"back": "picker"}, follow=True))
    rig.anaplan.heal()
    assert "Anaplan answered 500 to: list models" in page
    assert "FP&A" in page


@pytest.mark.parametrize(
    ("path", "slow", "fields"),
    [
        ("model/refresh/", "/2/0/models", {}),
        ("model/refresh/", "/imports$", {}),
        ("model/choose/", "/imports$", {"given": MODEL}),
        ("syncs/new/", "/imports$", {"again": "1"}),
    ],
)
def test_nobody_waits_for_a_slow_anaplan_longer_than_a_page_may_take(
    rig, client, cast, ready, monkeypatch, path, slow, fields
):
    monkeypatch.setattr(asking, "PERSON_SECONDS", 1.5)
    rig.anaplan.fault(path=slow, kind="slow", seconds=6, times=1)
    place = path if path == "syncs/new/" else f"connections/{rig.sync.target_id}/{path}"
    sides = {"source": rig.sync.source_id, "target": rig.sync.target_id}
    began = time.monotonic()
    page = read(client.post(cast.url(place), {**sides, **fields}, follow=True))
    seconds = time.monotonic() - began
    rig.anaplan.heal()
    assert "did not answer to: list" in page, re.findall(r"<span>.*?</span>", page)
    assert seconds < 4


def test_whose_budget_it_is_is_asked_before_the_first_list(rig, client, cast, ready):
    path = cast.url(f"connections/{rig.sync.target_id}/model/")
    for deed, fields in (("refresh/", {}), ("choose/", {"given": MODEL})):
        # A call is noted when its answer is out: the last one before may still be under way.
        time.sleep(0.2)
        before = rig.anaplan.call("GET", "requests")["count"]
        with tenant(rig.organization.pk):
            Connection.objects.filter(pk=rig.sync.target_id).update(identity="")
        client.post(path + deed, fields)
        calls = rig.anaplan.call("GET", "requests")["requests"][before:]
        asked = [call["path"] for call in calls if call["path"].startswith("/2/0/")]
        assert asked[0] == "/2/0/users/me"
        assert len(asked) > 1


def test_the_builders_page_says_what_was_found_and_can_be_sent(rig, client, cast, ready):
    page = read(cast.client(Role.VIEWER).get(
        cast.url(f"connections/{rig.sync.target_id}/model/needs/")
    ))  # fmt: skip
    assert "Found as 112000000001, reads actuals.csv." in page
    assert "- column Company: Entity. Member of the entity list" in page
    assert "A model role for robot@small.example" in page
