"""The pages of sign-off: how each entity and period stands, and the button that signs."""

import html

import pytest

from accounts.models import Role
from audit.tenancy import tenant
from integrations.models import RunUnit, TieOutSignOff
from tests.integrations.scenes import add_books, add_sign_offs, make_house, make_run


@pytest.fixture
def house(engines):
    return make_house()


@pytest.fixture
def run(house):
    run = make_run(house, plan={"read_back": {}})
    add_books(run)
    add_sign_offs(run)
    return run


def text(house, path, role=Role.OWNER):
    page = house.client(role).get(house.url(path)).content.decode()
    return " ".join(html.unescape(page).split())


def test_each_entity_and_period_says_whether_it_is_final_and_who_has_signed(house, run):
    page = text(house, f"runs/{run.pk}/sign-off/")
    assert 'Preliminary</span> <span class="quiet">open' in page
    assert 'Final</span> <span class="quiet">reported' in page
    assert "Signed</span> <span>by owner@example.com" in page
    assert "a difference was found since the sign-off" in page
    assert page.count(">Sign off<") == 2, "one was re-opened, one never signed"
    assert ">Sign off<" not in text(house, f"runs/{run.pk}/sign-off/", Role.OPERATOR)
    figures = text(house, f"runs/{run.pk}/")
    assert "3 of 4 units final" in figures
    assert "<small>preliminary</small>" in figures


def test_signing_asks_first_and_keeps_name_and_note(house, run):
    client, path = house.client(Role.ADMIN), house.url(f"runs/{run.pk}/sign-off/4/")
    assert "You sign in your name that E_DE01, Nov 26" in html.unescape(
        client.get(path).content.decode()
    )
    assert client.post(path, {"note": "x" * 501}).status_code == 422
    answer = client.post(path, {"note": "Agreed."}, follow=True).content.decode()
    assert "E_DE01, Nov 26 is signed off in your name." in answer
    again = html.unescape(client.post(path, follow=True).content.decode())
    assert "E_DE01 Nov 26 was signed off by" in again
    with tenant(house.organization.pk):
        (row,) = TieOutSignOff.objects.filter(group="E_DE01|Nov 26")
    assert (row.signed_by, row.note) == (house.member(Role.ADMIN).email, "Agreed.")
    assert client.get(house.url(f"runs/{run.pk}/sign-off/9/")).status_code == 404


def test_a_preliminary_period_is_refused_in_words(house, run):
    with tenant(house.organization.pk):
        RunUnit.objects.filter(run=run).update(period_status="OPEN")
    path = house.url(f"runs/{run.pk}/sign-off/4/")
    page = html.unescape(house.client().post(path, follow=True).content.decode())
    assert "E_DE01 Nov 26 is OPEN in QAD" in page
