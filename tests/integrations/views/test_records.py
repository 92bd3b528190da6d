"""Records that did not arrive: reasons, choice and replay."""

import html
import re

import pytest

from accounts.models import Role
from audit.tenancy import tenant
from integrations.models import RecordException, Run
from tests.integrations.scenes import add_exception, held_run, make_house

REASON = {"verdict": "held", "code": "unmapped_gl_account", "seen": "yes"}


@pytest.fixture
def house(engines):
    return make_house()


@pytest.fixture
def run(house):
    return held_run(house)


def records_of(house, run):
    with tenant(house.organization.pk):
        return list(RecordException.objects.filter(run=run).order_by("pk"))


def replays_of(house, run):
    with tenant(house.organization.pk):
        return list(Run.objects.filter(parent=run))


def test_a_reason_has_count_sum_fix_and_a_way_to_the_mapping(house, run):
    page = house.client().get(house.url(f"runs/{run.pk}/")).content.decode()
    assert "<strong>3</strong> records" in page
    assert "USD debit" in page
    assert "To do:" in page
    assert page.count('name="record"') == 3
    add_exception(run, "odd", member_code='6 "/#ß')
    page = house.client().get(house.url(f"runs/{run.pk}/")).content.decode()
    ways = re.findall(r'href="([^"#]*mapping/[^"#]*)#(code-gl_account-[0-9a-f]+)"', page)
    assert len(set(ways)) == 2
    for address, row in ways:
        desk = house.client().get(html.unescape(address)).content.decode()
        assert f'<tr id="{row}">' in desk


def test_the_records_of_a_reason_have_a_page_and_a_part(house, run):
    path = house.url(f"runs/{run.pk}/records/?verdict=held&code=unmapped_gl_account")
    whole = house.client().get(path).content.decode()
    part = house.client().get(path, headers={"HX-Request": "true"}).content.decode()
    assert "<h1" in whole
    assert "<html" not in part
    assert part.count('name="record"') == 3
    assert house.client().get(path + "x").status_code == 404


def test_chosen_records_are_replayed(house, run):
    first = records_of(house, run)[0]
    answer = house.client(Role.OPERATOR).post(
        house.url(f"runs/{run.pk}/records/replay/"),
        {**REASON, "scope": "chosen", "record": [first.pk]},
    )
    (child,) = replays_of(house, run)
    assert answer["Location"] == house.url(f"runs/{child.pk}/")
    assert child.selection == [first.pk]
    assert child.requested_by == house.member(Role.OPERATOR).email
    page = house.client().get(answer["Location"]).content.decode()
    assert f">run {run.pk}</a>" in page
    assert "kept by earlier runs" in page


def test_all_open_records_of_a_reason_are_replayed(house, run):
    add_exception(run, "settled", state="released")
    add_exception(run, "other reason", code="unmapped_cost_center")
    house.client().post(house.url(f"runs/{run.pk}/records/replay/"), {**REASON, "scope": "all"})
    (child,) = replays_of(house, run)
    assert len(child.selection) == 3


def test_a_whole_run_is_replayed_once_however_often_it_is_pressed(house, run):
    client, path = house.client(), house.url(f"runs/{run.pk}/replay/")
    assert client.post(path)["Location"] == client.post(path)["Location"]
    assert len(replays_of(house, run)) == 1


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"scope": "chosen"}, "Choose at least one record."),
        ({"scope": "chosen", "record": ["x"]}, "Choose at least one record."),
        ({"scope": "chosen", "record": ["999999999"]}, "message-error"),
        ({"scope": "all", "code": "unmapped_period"}, "None of these records is open"),
    ],
)
def test_a_wish_that_cannot_be_met_is_told_and_starts_nothing(house, run, wish, said):
    answer = house.client().post(
        house.url(f"runs/{run.pk}/records/replay/"), {**REASON, **wish}, follow=True
    )
    assert said in answer.content.decode()
    assert replays_of(house, run) == []


def test_records_of_another_run_are_not_replayed(house, run):
    other = held_run(house)
    theirs = records_of(house, other)[0]
    answer = house.client().post(
        house.url(f"runs/{run.pk}/records/replay/"),
        {**REASON, "scope": "chosen", "record": [theirs.pk]},
        follow=True,
    )
    assert "message-error" in answer.content.decode()
    assert replays_of(house, run) == []


def test_who_may_only_look_replays_nothing(house, run):
    client = house.client(Role.VIEWER)
    page = client.get(house.url(f"runs/{run.pk}/")).content.decode()
    assert "Replay" not in page
    assert 'name="record"' not in page
    for path in ("replay/", "records/replay/"):
        answer = client.post(house.url(f"runs/{run.pk}/{path}"), {**REASON, "scope": "all"})
        assert answer.status_code == 403
        assert "may not replay records" in answer.content.decode()
    assert replays_of(house, run) == []


def test_what_is_settled_is_no_choice_any_more(house, run):
    with tenant(house.organization.pk):
        RecordException.objects.filter(run=run).update(state="released", ended_by=run)
    page = house.client().get(house.url(f"runs/{run.pk}/")).content.decode()
    assert 'name="record"' not in page
    assert "All of them are settled by later runs." in page
