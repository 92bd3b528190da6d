"""What changed in the model stops the run before any upload, until somebody says it is right."""

import json

import pytest

from accounts.errors import Refused
from audit.tenancy import tenant
from integrations.models import (
    CodeAmount,
    Connection,
    DriftAlarm,
    ModelCatalogue,
    Position,
    Sync,
)
from integrations.services.alarms import accept_drift
from integrations.services.offers import look_at_models
from integrations.services.runs import advance_run
from integrations.services.sync_editing import SyncWish, set_sync
from integrations.services.tokens import redis_client
from tests.runs.conftest import rigs
from tests.runs.small_world import (
    EXPORT,
    FILE,
    HEADERS,
    IMPORT,
    MEASURES,
    MODEL,
    MODULE,
    WORKSPACE,
    write_world,
)

USER = "robot@small.example"
OTHER_IMPORT, OTHER_EXPORT, OTHER_FILE = "112000000009", "116000000009", "113000000009"
MONTH_END, OTHER_PROCESS = "118000000001", "118000000009"
ACCOUNTS_LIST = "101000000002"
PLACE = {"workspace_id": WORKSPACE, "workspace_name": "Finance", "model_id": MODEL,
         "model_name": "FP&A"}  # fmt: skip
VALUES = [{"header": measure, "lineItem": measure} for measure in MEASURES]
MEMBERS = [{"header": header, "dimension": name} for header, name in HEADERS.items()]
LOAD = {"name": "Actuals from QAD", "fileId": FILE, "module": MODULE,
        "columns": MEMBERS + VALUES, "separator": ","}  # fmt: skip
READ = {"name": "Actuals read back", "module": MODULE, "columns": MEMBERS + VALUES}
BOTH = ["imports", IMPORT, LOAD], ["exports", EXPORT, READ]
PROCESS = {"name": "Month end", "steps": [IMPORT, EXPORT]}
EVERYBODY = {"roles": ["workspaceAdmin", "tenantAdmin"], "granted": None}
UPLOADS = ("import_posts", "chunk_puts", "files_created")


@pytest.fixture(scope="module")
def drifting(engines, tmp_path_factory):
    folder = tmp_path_factory.mktemp("drift")
    world = write_world(folder / "world")
    model = json.loads(world.model.read_text())
    model["workspaces"][0]["models"][0]["files"].append({"id": OTHER_FILE, "name": "other.csv"})
    world.model.write_text(json.dumps(model))
    with rigs(folder) as build:
        yield build(world)


@pytest.fixture
def rig(drifting):
    """The rig as it was at first, with all that its sync uses accepted, and with calls to make."""
    redis_client().flushdb()
    for kind, object_id in (("imports", OTHER_IMPORT), ("exports", OTHER_EXPORT)):
        change(drifting, kind, object_id, None)
    for kind, object_id, members in BOTH:
        change(drifting, kind, object_id, members)
    for object_id in (MONTH_END, OTHER_PROCESS):
        change(drifting, "processes", object_id, None)
    change(drifting, "lists", ACCOUNTS_LIST, {"name": "Accounts"})
    drifting.anaplan.call("POST", "users", {"email": USER, **EVERYBODY})
    with tenant(drifting.organization.pk):
        DriftAlarm.objects.all().delete()
        ModelCatalogue.objects.all().delete()
        Position.objects.all().delete()
        Sync.objects.exclude(pk=drifting.sync.pk).delete()
        Connection.objects.filter(pk=drifting.sync.target_id).update(place=PLACE)
        drifting.sync.refresh_from_db()
        offered = {"workspaces": drifting.sync.entities}
        Connection.objects.filter(pk=drifting.sync.source_id).update(offered=offered)
        drifting.sync.import_name, drifting.sync.export_name = LOAD["name"], READ["name"]
        drifting.sync.process_name = ""
        drifting.sync.save()
    assert look(drifting) == 0
    drifting.anaplan.call("DELETE", "counters")
    return drifting


def change(rig, kind, object_id, members):
    body = {"kind": kind, "id": object_id, "change": members}
    rig.anaplan.call("POST", "objects", body)


def hide(rig, *granted):
    change(rig, "processes", "118000000001", PROCESS)
    grants = {"roles": [], "granted": ["118000000001", *granted]}
    rig.anaplan.call("POST", "users", {"email": USER, **grants})


def look(rig):
    return look_at_models(organization=rig.organization, connection_id=rig.sync.target_id)


def alarms(rig):
    with tenant(rig.organization.pk):
        return list(DriftAlarm.objects.filter(ended_at=None).order_by("pk"))


def accept(rig, alarm):
    return accept_drift(
        organization=rig.organization, connection_id=rig.sync.target_id, alarm_id=alarm.pk
    )


def swap(columns):
    return [columns[1], columns[0], *columns[2:]]


def replaced(kind, object_id, other, members):
    def do(rig):
        change(rig, kind, object_id, None)
        change(rig, kind, other, members)

    return do


CASES = {
    "anaplan_import_renamed": lambda rig: change(rig, "imports", IMPORT, {"name": "Actuals 2"}),
    "anaplan_import_deleted": lambda rig: change(rig, "imports", IMPORT, None),
    "anaplan_import_hidden": lambda rig: hide(rig, EXPORT),
    "anaplan_import_replaced": replaced("imports", IMPORT, OTHER_IMPORT, LOAD),
    "anaplan_import_relaid": lambda rig: change(rig, "imports", IMPORT, {"separator": ";"}),
    "anaplan_import_other_file": lambda rig: change(rig, "imports", IMPORT, {"fileId": OTHER_FILE}),
    "anaplan_import_reads_no_file": lambda rig: change(rig, "imports", IMPORT, {"fileId": ""}),
    "anaplan_export_renamed": lambda rig: change(rig, "exports", EXPORT, {"name": "Back 2"}),
    "anaplan_export_deleted": lambda rig: change(rig, "exports", EXPORT, None),
    "anaplan_export_hidden": lambda rig: hide(rig, IMPORT),
    "anaplan_export_replaced": replaced("exports", EXPORT, OTHER_EXPORT, READ),
    "anaplan_export_relaid": lambda rig: change(
        rig, "exports", EXPORT, {"columns": swap(MEMBERS) + VALUES}
    ),
    "anaplan_list_renamed": lambda rig: change(rig, "lists", ACCOUNTS_LIST, {"name": "GL"}),
}
LOST = {
    "anaplan_import_deleted", "anaplan_import_hidden", "anaplan_import_reads_no_file",
    "anaplan_export_deleted", "anaplan_export_hidden",
}  # fmt: skip


ONE_STEP = {"name": "Load", "steps": [IMPORT]}
OF_PROCESSES = {
    "anaplan_process_renamed": lambda rig: change(rig, "processes", MONTH_END, {"name": "Load 2"}),
    "anaplan_process_deleted": lambda rig: change(rig, "processes", MONTH_END, None),
    "anaplan_process_replaced": replaced("processes", MONTH_END, OTHER_PROCESS, ONE_STEP),
    "anaplan_process_changed": lambda rig: change(
        rig, "processes", MONTH_END, {"steps": [IMPORT, EXPORT]}
    ),
}


@pytest.mark.parametrize("code", OF_PROCESSES)
def test_a_change_of_a_process_is_an_alarm_of_its_own_and_stops_the_run(rig, code):
    change(rig, "processes", MONTH_END, ONE_STEP)
    with tenant(rig.organization.pk):
        Sync.objects.filter(pk=rig.sync.pk).update(process_name=ONE_STEP["name"])
    assert look(rig) == 0
    OF_PROCESSES[code](rig)
    run = rig.run(202610)
    assert (run.state, run.phase, run.error_code) == ("failed", "extract", code)
    assert "?" not in run.error_message
    assert [rig.anaplan.count(name) for name in UPLOADS] == [0, 0, 0]
    [alarm] = alarms(rig)
    assert alarm.code == code
    if code == "anaplan_process_deleted":
        with pytest.raises(Refused, match="is not there to be used"):
            accept(rig, alarm)
        return
    accept(rig, alarm)
    assert (alarms(rig), look(rig)) == ([], 0)


def test_a_list_that_is_gone_is_an_alarm_of_its_own_and_stops_the_run(make_rig):
    rig = make_rig()
    assert look(rig) == 0
    change(rig, "lists", ACCOUNTS_LIST, None)
    run = rig.run(202610)
    assert (run.state, run.error_code) == ("failed", "anaplan_list_deleted")
    assert [rig.anaplan.count(name) for name in UPLOADS] == [0, 0, 0]
    assert [alarm.code for alarm in alarms(rig)] == ["anaplan_list_deleted"]


RUN_AGAIN = {"anaplan_import_renamed", "anaplan_import_relaid"}


@pytest.mark.parametrize("code", CASES)
def test_a_change_stops_the_run_before_any_upload_and_is_an_alarm_once(rig, code):
    CASES[code](rig)
    run = rig.run(202610)
    assert (run.state, run.phase, run.error_code) == ("failed", "extract", code)
    assert "?" not in run.error_message
    assert [rig.anaplan.count(name) for name in UPLOADS] == [0, 0, 0]
    assert [alarm.code for alarm in alarms(rig)] == [code]
    assert look(rig) == 1
    [alarm] = alarms(rig)
    if code in LOST:
        with pytest.raises(Refused, match="is not there to be used"):
            accept(rig, alarm)
        assert len(alarms(rig)) == 1
        return
    accept(rig, alarm)
    assert alarms(rig) == []
    assert look(rig) == 0
    if code in RUN_AGAIN:
        again = rig.run(202610)
        assert (again.state, again.error_message) == ("reconciled", "")


@pytest.mark.parametrize(
    "code", ["anaplan_import_replaced", "anaplan_import_relaid", "anaplan_list_renamed"]
)
def test_saving_a_sync_never_takes_for_right_what_nobody_has_looked_at(rig, code):
    CASES[code](rig)
    save_with(rig, balance_gate="off")
    assert look(rig) == 1
    with pytest.raises(Refused):
        save_with(rig, balance_gate="warn")
    assert [alarm.code for alarm in alarms(rig)] == [code]
    assert rig.run(202610).error_code == code


UNDER_THE_NAME = ("anaplan_import_replaced", "anaplan_export_replaced", "anaplan_list_renamed")


@pytest.mark.parametrize("code", UNDER_THE_NAME)
def test_a_new_sync_takes_nothing_for_right_that_has_changed_under_another(rig, code):
    with tenant(rig.organization.pk):
        before = ModelCatalogue.objects.get().accepted
    CASES[code](rig)
    assert look(rig) == 1
    with pytest.raises(Refused) as refused:
        save_with(rig, sync_id=None, name="Another")
    assert (refused.value.code, "This is right" in refused.value.fix) == (code, True)
    [alarm] = alarms(rig)
    with tenant(rig.organization.pk):
        assert ModelCatalogue.objects.get().accepted == before
        assert not Sync.objects.filter(name="Another").exists()
    accept(rig, alarm)
    save_with(rig, sync_id=None, name="Another")
    assert (alarms(rig), look(rig)) == ([], 0)


def test_what_no_sync_uses_any_more_is_taken_as_found_when_it_is_chosen_again(rig):
    save_with(rig, export_name="", export_bindings={})
    CASES["anaplan_export_replaced"](rig)
    assert look(rig) == 0
    save_with(rig)
    assert (alarms(rig), look(rig)) == ([], 0)


def save_with(rig, **changes):
    """Save the sync as it is, but for the changes."""
    sync = rig.sync
    wanted = {
        "name": sync.name, "source_id": sync.source_id, "target_id": sync.target_id,
        "entities": [f"{place['domain']}|{place['entity']}" for place in sync.entities],
        "import_name": sync.import_name, "export_name": sync.export_name,
        "bindings": sync.bindings, "export_bindings": sync.export_bindings,
        "parameters": sync.parameters, "balance_gate": sync.balance_gate, **changes,
    }  # fmt: skip
    sync_id = wanted.pop("sync_id", sync.pk)
    return set_sync(organization=rig.organization, sync_id=sync_id, wish=SyncWish(**wanted))


def test_a_sync_forgets_the_amounts_of_what_it_no_longer_reads(rig):
    sync = save_with(rig, sync_id=None, name="Another")
    both, one = [f"{place['domain']}|{place['entity']}" for place in sync.entities], "20EUR|DE01"
    with tenant(rig.organization.pk):
        other = Connection.objects.get(pk=sync.source_id)
        other.pk, other.name = None, "Another QAD"
        other.save()
    changes = [
        ({"name": "Other"}, both), ({"balance_gate": "off"}, both), ({"entities": [one]}, [one]),
        ({"source_id": other.pk}, []), ({"data_set": "cost_center_spend"}, []),
    ]  # fmt: skip
    for wanted, left in changes:
        save_with(rig, sync_id=sync.pk, name="Another")
        with tenant(rig.organization.pk):
            for place in both:
                domain, entity = place.split("|")
                CodeAmount.objects.get_or_create(
                    organization=rig.organization, sync=sync, domain=domain, entity=entity,
                    year_period=202610, dimension="gl_account", code="1", rows=1, amount=1,
                )  # fmt: skip
        save_with(rig, **{"sync_id": sync.pk, "name": "Another", **wanted})
        with tenant(rig.organization.pk):
            kept = CodeAmount.objects.filter(sync=sync).values_list("domain", "entity")
            assert sorted(map("|".join, kept)) == left, wanted


@pytest.mark.parametrize(
    ("kind", "object_id", "code"),
    [("imports", IMPORT, "anaplan_import_relaid"), ("exports", EXPORT, "anaplan_export_relaid")],
)
def test_a_drift_is_named_before_what_no_longer_fits_because_of_it(rig, kind, object_id, code):
    renamed = [{**VALUES[0], "header": "Amount of something"}, *VALUES[1:]]
    change(rig, kind, object_id, {"columns": MEMBERS + renamed})
    assert look(rig) == 1
    with pytest.raises(Refused) as refused:
        save_with(rig)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("is_accepted", "code"), [(False, "anaplan_import_relaid"), (True, "anaplan_target_changed")]
)
def test_a_change_while_the_run_works_stops_it_before_the_upload(rig, is_accepted, code):
    rig.anaplan.call("POST", "hold", {"seconds": 600})
    run = rig.start(202610)
    while (run := rig.reload(run)).phase != "load":
        advance_run(rig.organization.pk, run.pk)
        rig.make_due(run)
    rig.anaplan.call("DELETE", "hold")
    change(rig, "imports", IMPORT, {"separator": ";"})
    if is_accepted:
        look(rig)
        accept(rig, *alarms(rig))
    run = rig.finish(run)
    assert (run.state, run.error_code) == ("failed", code)
    assert [rig.anaplan.count(name) for name in UPLOADS] == [0, 0, 0]
    rig.check(run)
