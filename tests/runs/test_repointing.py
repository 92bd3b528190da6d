"""A sync is led to another model by names, or stays where it is."""

import copy
import html
import io
import json

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Role
from audit.models import Event
from audit.tenancy import tenant
from integrations.models import CodeAmount, Position, Sync
from integrations.services.offers import list_models
from tests.accounts.people import Cast
from tests.runs.small_world import MODEL, MODULE, write_world
from tests.runs.test_command_shapes import example

PROD, BARE, WIDE = ("ABCDEF0123456789ABCDEF012345670" + mark for mark in "123")


def write_models(folder):
    """Write the small world with three models more: one alike, one bare, one with other columns."""
    world = write_world(folder)
    content = json.loads(world.model.read_text())
    models = content["workspaces"][0]["models"]
    same, bare, wide = (
        {**copy.deepcopy(models[0]), "id": model_id, "name": name}
        for model_id, name in ((PROD, "FP&A PROD"), (BARE, "Bare"), (WIDE, "Wide"))
    )
    # Another model's objects have other ids.
    for kind in ("imports", "exports"):
        same[kind][0]["id"] = same[kind][0]["id"][:-1] + "7"
    bare["exports"] = []
    wide["imports"][0]["columns"][0]["header"] = "Firm"
    models += [same, bare, wide]
    world.model.write_text(json.dumps(content))
    return world


@pytest.fixture
def rig(make_rig, tmp_path):
    return make_rig(write_models(tmp_path / "models"))


def cells(rig, model):
    answer = rig.anaplan.call("GET", f"cells?module={MODULE.replace(' ', '%20')}&model={model}")
    return len(answer["rows"])


def now(rig):
    with tenant(rig.organization.pk):
        return Sync.objects.get(pk=rig.sync.pk)


def command(rig, model, *more):
    out = io.StringIO()
    call_command(
        "repoint_sync", rig.sync.name, "--model", model, "--json", *more,
        organization=rig.organization.slug, stdout=out,
    )  # fmt: skip
    told = json.loads(out.getvalue())
    shown = example("repoint_sync")
    assert (told.keys(), told["found"][0].keys()) == (shown.keys(), shown["found"][0].keys())
    return told


def test_a_sync_goes_from_one_model_to_the_next_and_sends_every_cell_there(rig):
    first = rig.run(202610)
    assert (first.state, cells(rig, MODEL), cells(rig, PROD)) == ("reconciled", 10, 0)
    told = command(rig, "FP&A PROD", "--check")
    assert (told["done"], now(rig).model_id) == (False, MODEL)
    told = command(rig, "FP&A PROD")
    assert [(line["kind"], line["state"]) for line in told["found"]] == [
        ("import", "found"), ("export", "found"),
    ]  # fmt: skip
    assert (told["done"], now(rig).model_id) == (True, PROD)
    with tenant(rig.organization.pk):
        assert not Position.objects.filter(sync=rig.sync).exists()
        assert CodeAmount.objects.filter(sync=rig.sync).exists(), "the books are the same"
        event = Event.objects.get(action="sync.repointed")
    assert (event.data["from"]["model"], event.data["to"]["model"]) == (MODEL, PROD)
    run = rig.run(202610)
    assert (run.state, run.counts["cells_changed"], cells(rig, PROD)) == ("reconciled", 10, 10)
    assert run.plan["import_id"].endswith("7")
    with pytest.raises(CommandError, match="loads FP&A PROD now"):
        command(rig, "FP&A PROD")
    with pytest.raises(CommandError, match="sees no model Elsewhere"):
        command(rig, "Elsewhere")


def test_what_is_missing_there_is_shown_and_refused_and_the_sync_stays(rig):
    rig.run(202610)
    client = Cast(rig.organization).client(Role.ADMIN)
    path = f"/o/{rig.organization.slug}/syncs/{rig.sync.pk}/elsewhere/"
    list_models(organization=rig.organization, connection_id=rig.sync.target_id)

    def press(model, button):
        place = f"{rig.sync.target_id}|{model}"
        return html.unescape(client.post(path, {"place": place, button: "1"}).content.decode())

    missing = press(BARE, "look")
    assert "Missing" in missing
    assert "The model has no export named Actuals read back" in missing
    assert "The sync stays where it is." in missing
    assert "Point to Bare" not in missing
    wide = press(WIDE, "look")
    assert "more: Firm; lacks: Company" in wide
    assert "Point to Wide" not in wide
    for model in (BARE, WIDE):
        press(model, "save")
        assert now(rig).model_id == MODEL
    with pytest.raises(CommandError, match="Actuals read back"):
        command(rig, "Bare")
    with tenant(rig.organization.pk):
        assert Position.objects.filter(sync=rig.sync).exists()
        assert not Event.objects.filter(action="sync.repointed").exists()
    assert "Point to FP&A PROD" in press(PROD, "look")
    run = rig.start(202610)
    assert f"Run {run.pk} of the same sync has not ended yet" in press(PROD, "save")
    assert now(rig).model_id == MODEL
    rig.finish(run)
    press(PROD, "save")
    assert now(rig).model_id == PROD
    # The editor keeps it there, whatever the connection has chosen.
    page = html.unescape(client.get(path.removesuffix("elsewhere/")).content.decode())
    assert "of FP&A PROD" in page
