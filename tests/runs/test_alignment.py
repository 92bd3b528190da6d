"""What changes on the lists of both systems is noticed, shown with what it touches, and pushed."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from audit.catalogue import CATALOGUE
from audit.tenancy import tenant
from integrations import queue
from integrations.models import CodeList, Connection, ListMember, MemberList, QadCode
from integrations.selectors.alignment import list_notes
from integrations.selectors.alignment_cards import find_push, list_matters, make_cards
from integrations.services import reference
from integrations.services.alignment import mark_seen, push_codes
from integrations.services.clients import build_anaplan
from integrations.services.reference import hint_due_readings, read_by_worker, read_lists
from tests.runs.conftest import Rig
from tests.runs.small_world import MODEL
from tests.runs.test_commands import run_command
from tests.runs.wide_world import add_list, items_of, write_wide_world

CENTERS = "CostCenters"


@pytest.fixture
def wide(make_rig: Any, tmp_path: Path) -> Rig:
    """The wide world, its lists read once."""
    built: Rig = make_rig(write_wide_world(tmp_path / "wide"))
    assert built.run().state == "reconciled"
    read_lists(built.organization)
    return built


def look(rig: Rig) -> None:
    """Read all lists again, as after the button."""
    read_lists(rig.organization, is_asked=True)


def matter_of(rig: Rig, dimension: str = "cost_center") -> Any:
    """Return a dimension as the page takes it, inside an open scope."""
    return next(m for m in list_matters(rig.organization) if m.dimension == dimension)


def counts(rig: Rig, dimension: str = "cost_center") -> dict[str, int]:
    """Return how many differences of each kind there are, without the zeros."""
    with tenant(rig.organization.pk):
        (card,) = make_cards([matter_of(rig, dimension)])
    return {kind: number for kind, number in card.counts.items() if number}


def notes(rig: Rig, kind: str, dimension: str = "cost_center", **wish: Any) -> list[Any]:
    """Return the differences of one kind."""
    with tenant(rig.organization.pk):
        return list(list_notes(matter_of(rig, dimension), kind, **wish).notes)


def change_items(rig: Rig, action: str, *items: dict[str, str]) -> None:
    """Change the list of cost centers in the model as its builder would."""
    with tenant(rig.organization.pk):
        client = build_anaplan(rig.sync.target).in_model(rig.sync.workspace_id, MODEL)
    list_id = next(row.id for row in client.lists() if row.name == "Cost Centers")
    path = f"{client._path('lists', list_id, 'items')}?action={action}"
    client._calls.call("POST", path, "change a list", json={"items": list(items)})


def test_a_rename_alone_changes_no_cell_and_makes_one_note(wide: Rig, monkeypatch: Any) -> None:
    hints: list[tuple[Any, ...]] = []
    monkeypatch.setattr(queue, "_send", lambda task, ids, **_: hints.append((task, *ids)))
    assert counts(wide) == {}
    wide.qad.call("POST", "cost_centers", {"cost_center": "100", "description": "Final Assembly"})
    run = wide.run()
    assert (run.state, run.counts["loaded"], wide.anaplan.count("import_posts")) == (
        "reconciled", 0, 1,
    )  # fmt: skip
    task = ("integrations.tasks.read_lists", wide.organization.pk, 0)
    assert hints.count(task) == 1, "the end of a run asks for its lists to be read"
    wide.qad.call("DELETE", "counters")
    read_by_worker(wide.organization.pk, is_asked=False)
    assert wide.qad.count(f"pages_{CENTERS}") == 0, "the lists were read a moment ago"
    with tenant(wide.organization.pk):
        CodeList.objects.update(tried_at=F("tried_at") - timedelta(minutes=16))
    read_by_worker(wide.organization.pk, is_asked=False)
    assert wide.qad.count(f"pages_{CENTERS}") == 2, "one page of each domain"
    assert counts(wide) == {"renamed": 1}
    (note,) = notes(wide, "renamed")
    assert (note.code, note.former_name, note.name) == ("100", "Assembly", "Final Assembly")
    assert sorted(note.domains) == ["10USA", "20EUR"]
    assert (note.touch.rules, note.touch.members, note.touch.runs) == (1, ("CC_100",), 0)
    # Two periods of 1,500.25 and 800.10 in each entity, the headcount apart.
    assert note.touch.amounts == [("EUR", Decimal("4600.70")), ("USD", Decimal("4600.70"))]
    assert mark_seen(
        organization=wide.organization, dimension="cost_center", kind="renamed",
        code="100", source_id=wide.sync.source_id,
    ) == 2  # fmt: skip
    assert counts(wide) == {}
    assert [n.is_noted for n in notes(wide, "renamed", with_noted=True)] == [True]


def test_codes_that_come_go_and_stop_are_each_a_note_until_seen(wide: Rig) -> None:
    wide.qad.call("PUT", "cost_centers", {"cost_center": "300", "like": "100"})
    wide.qad.call("POST", "cost_centers", {"cost_center": "100", "is_active": False})
    wide.qad.call("DELETE", "cost_centers", {"cost_center": "200"})
    look(wide)
    assert counts(wide) == {"gone": 1, "deactivated": 1, "unmapped": 1}
    kinds = ("gone", "deactivated", "unmapped")
    assert [note.code for kind in kinds for note in notes(wide, kind)] == ["200", "100", "300"]
    before = timezone.now()
    wide.qad.call("POST", "cost_centers", {"cost_center": "100", "is_active": True})
    back = {"cost_center": "200", "like": "100", "description": "Sales Office"}
    wide.qad.call("PUT", "cost_centers", back)
    wide.qad.call("PUT", "cost_centers", {"cost_center": "400", "like": "100"})
    look(wide)
    look(wide)
    assert counts(wide) == {"unmapped": 2}
    # What came up after the page was made is not marked with what it showed.
    wish = {"organization": wide.organization, "dimension": "cost_center", "kind": "unmapped"}
    assert mark_seen(**wish, until=before) == 2
    assert [note.code for note in notes(wide, "unmapped")] == ["400"]
    # A pattern holds what no rule names.
    assert counts(wide, "gl_account") == {}
    run_command(wide, "map_code", "cost_center", "4", "CC_100", "--kind", "prefix")
    assert counts(wide) == {}


def test_a_list_that_cannot_be_read_keeps_its_codes_and_fails_nothing(wide: Rig) -> None:
    with tenant(wide.organization.pk):
        kept = list(QadCode.objects.order_by("pk").values())
    wide.qad.fault(path=CENTERS, kind="empty", times=-1)
    wide.qad.fault(path="GLAccounts", kind="status", status=403, times=-1)
    wide.anaplan.fault(path="/lists/101000000003/items", kind="status", status=403, times=-1)
    look(wide)
    with tenant(wide.organization.pk):
        assert list(QadCode.objects.order_by("pk").values()) == kept
        codes = dict(CodeList.objects.values_list("dimension", "error_code"))
        assert codes["cost_center"] == "code_list_empty"
        assert (codes["gl_account"], codes["entity"]) == ("qad_forbidden", "")
        assert MemberList.objects.get(dimension="cost_center").error_code == "anaplan_forbidden"
        assert MemberList.objects.get(dimension="gl_account").error_code == ""
        (card,) = make_cards([matter_of(wide)])
    assert (card.codes, card.members, card.mapped, card.differences) == (2, 2, 2, 0)
    assert len(card.troubles) == 2
    wide.qad.heal()
    wide.anaplan.heal()
    wide.anaplan.fault(path="/lists", kind="status", status=503, times=-1)
    look(wide)
    with tenant(wide.organization.pk):
        assert set(CodeList.objects.values_list("error_code", flat=True)) == {""}
        assert "" not in MemberList.objects.values_list("error_code", flat=True)
        assert not ListMember.objects.filter(missing_since__isnull=False).exists()
        # A paused connection is called by nobody, and each of its lists says so.
        Connection.objects.filter(pk=wide.sync.source_id).update(
            paused_at=timezone.now(), paused_code="qad_unauthorized"
        )
    wide.qad.call("DELETE", "requests")
    look(wide)
    assert wide.qad.call("GET", "requests")["count"] == 0
    with tenant(wide.organization.pk):
        assert set(CodeList.objects.values_list("error_code", flat=True)) == {"connection_paused"}


def test_a_list_is_chosen_by_itself_only_where_one_alone_can_be_meant(
    make_rig: Any, tmp_path: Path
) -> None:
    world = write_wide_world(tmp_path / "twins")
    model = json.loads(world.model.read_text())
    lists = model["workspaces"][0]["models"][0]["lists"]
    centers = next(row for row in lists if row["name"] == "Cost Centers")
    lists.append({**centers, "id": "101000000008", "name": "Cost Centre"})
    world.model.write_text(json.dumps(model))
    rig = make_rig(world)
    rig.map("entity", "US01", "E_NONE")
    look(rig)
    with tenant(rig.organization.pk):
        chosen = set(MemberList.objects.values_list("dimension", flat=True))
    assert chosen == {"gl_account"}, "two lists of cost centers fit, and half of the entities"
    add_list(rig)
    look(rig)
    with tenant(rig.organization.pk):
        row = MemberList.objects.get(dimension="cost_center")
    assert (row.list_name, row.read_at is not None) == ("Cost Centers", True), "a sync loads it"


def test_members_that_went_and_members_nobody_uses_are_told(wide: Rig) -> None:
    with tenant(wide.organization.pk):
        lists = dict(MemberList.objects.values_list("dimension", "list_name"))
    assert lists == {
        "entity": "Entities", "gl_account": "Accounts", "cost_center": "Cost Centers",
    }  # fmt: skip
    change_items(wide, "add", {"name": "Research", "code": "CC_900"})
    change_items(wide, "delete", {"code": "CC_200"})
    look(wide)
    assert counts(wide) == {"lost": 1, "unused": 1}
    (lost,) = notes(wide, "lost")
    assert (lost.code, lost.name, lost.touch.rules) == ("CC_200", "Sales Office", 1)
    assert lost.since is not None
    assert [note.code for note in notes(wide, "unused")] == ["CC_900"]
    change_items(wide, "add", {"name": "Sales Office", "code": "CC_200"})
    wide.map("cost_center", "200", "")
    run_command(wide, "map_code", "cost_center", "2", "CC_999", "--kind", "prefix")
    look(wide)
    (lost,) = notes(wide, "lost")
    assert (lost.code, lost.since) == ("CC_999", None), "the list has never had it"
    # Its rule holds 200: less 2,500.50, and 200.15 more, in two periods of each entity.
    assert lost.touch.amounts == [("EUR", Decimal("-4600.70")), ("USD", Decimal("-4600.70"))]
    assert [note.code for note in notes(wide, "unused")] == ["CC_200", "CC_900"]


def test_new_codes_are_pushed_through_the_list_import_and_only_they(wide: Rig) -> None:
    wide.qad.call(
        "PUT", "cost_centers", {"cost_center": "300", "like": "100", "description": "Research"}
    )
    look(wide)
    with tenant(wide.organization.pk):
        assert find_push(matter_of(wide)) is None
    loads = wide.sync
    add_list(wide)
    with tenant(wide.organization.pk):
        push = find_push(matter_of(wide))
    assert push is not None
    assert (push.sync, push.codes) == (wide.sync, 1)
    before = items_of(wide, "Cost Centers")
    run = wide.finish(
        push_codes(organization=wide.organization, dimension="cost_center", requested_by="test")
    )
    wide.check(run)
    assert run.state == "reconciled"
    after = items_of(wide, "Cost Centers")
    assert {code: after[code] for code in after.keys() - before.keys()} == {"CC_300": "Research"}
    # A list that was loaded is read again, however young the last reading is.
    read_by_worker(wide.organization.pk, is_asked=False)
    with tenant(wide.organization.pk):
        assert ListMember.objects.filter(text="CC_300", missing_since=None).count() == 1
        push = find_push(matter_of(wide))
    assert push is not None
    assert push.codes == 0
    wide.sync = loads


def test_a_reading_that_began_before_the_kept_one_says_nothing(wide: Rig) -> None:
    with tenant(wide.organization.pk):
        CodeList.objects.update(read_at=timezone.now() + timedelta(minutes=1))
    wide.qad.call("DELETE", "cost_centers", {"cost_center": "200"})
    look(wide)
    assert counts(wide) == {}


def test_the_command_reads_all_lists_and_says_how_each_dimension_stands(wide: Rig) -> None:
    wide.qad.call("POST", "cost_centers", {"cost_center": "100", "is_active": False})
    report, code = run_command(wide, "read_lists")
    names = ("dimension", "codes", "mapped", "list", "carries", "members", "troubles")
    assert (code, [tuple(line[name] for name in names) for line in report["dimensions"]]) == (
        0,
        [
            ("entity", 2, 2, "Entities", "code", 2, []),
            ("gl_account", 4, 4, "Accounts", "code", 4, []),
            ("cost_center", 2, 2, "Cost Centers", "code", 2, []),
        ],
    )
    assert report["dimensions"][2]["differences"] == {
        "lost": 0, "gone": 0, "deactivated": 1, "renamed": 0, "unmapped": 0, "unused": 0,
    }  # fmt: skip
    wide.qad.fault(path=CENTERS, kind="status", status=403, times=-1)
    report, code = run_command(wide, "read_lists")
    assert (code, report["dimensions"][2]["troubles"]) == (1, [CATALOGUE["qad_forbidden"].title])


def test_lists_are_due_by_night_and_when_somebody_asks(wide: Rig, monkeypatch: Any) -> None:
    hints: list[int] = []
    monkeypatch.setattr(queue, "_send", lambda _task, ids, **_: hints.append(ids[0]))
    hint_due_readings()
    assert wide.organization.pk not in hints
    hint_due_readings(timezone.now() + timedelta(hours=31))
    assert hints.count(wide.organization.pk) == 1
    assert reference.is_being_read(wide.organization) is False
    reference.ask_to_read(wide.organization)
    assert reference.is_being_read(wide.organization) is True
    read_by_worker(wide.organization.pk, is_asked=True)
    assert reference.is_being_read(wide.organization) is False
