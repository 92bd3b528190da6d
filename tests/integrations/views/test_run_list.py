"""The run list and its form."""

import pytest

from accounts.models import Role
from audit.tenancy import tenant
from integrations.models import Run
from tests.integrations.scenes import add_units, make_house, make_run


@pytest.fixture
def house(engines):
    return make_house()


def page_of(house, query="", role=Role.OWNER):
    answer = house.client(role).get(house.url(f"runs/{query}"))
    assert answer.status_code == 200
    return answer.content.decode()


def runs_of(house):
    with tenant(house.organization.pk):
        return list(Run.objects.filter(organization=house.organization).order_by("pk"))


def test_each_run_says_what_it_came_to(house):
    run = make_run(house, "partial", counts={"rows": 1500, "loaded": 1450, "held": 50})
    make_run(house, "failed", counts={"differences": 2})
    page = page_of(house)
    assert f">Run {run.pk}</a>" in page
    assert "1,500" in page
    assert "1,450" in page
    assert "2026/10 to 2026/11 (2)" in page
    assert "1 min 30 s" in page
    assert "starter@example.com" in page
    rows = page.split("<tbody>")[1].split("</tr>")
    assert "Failed" in rows[0]
    assert "Differs" in rows[0]
    assert "Partial" in rows[1]
    assert "<title>Adventure Works - Runs - ml-connector</title>" in page
    assert page.count("<h1") == 1


def test_an_empty_list_says_why_and_what_is_next(house):
    assert "Nothing has run yet." in page_of(house)
    assert "No run fits this filter." in page_of(house, "?state=failed")
    assert "press Start run" not in page_of(house, role=Role.VIEWER)


def test_the_filter_stands_in_the_address_and_survives_paging(house, monkeypatch):
    monkeypatch.setattr("integrations.selectors.runs.PAGE_SIZE", 2)
    for _ in range(3):
        make_run(house, "failed")
    last = make_run(house)
    page = page_of(house, "?state=failed")
    assert f">Run {last.pk}</a>" not in page
    assert '<option value="failed" selected>' in page
    assert "state=failed&amp;before=" in page


def test_a_nonsense_address_shows_the_whole_list(house):
    run = make_run(house)
    page = page_of(house, "?state=nonsense&sync=x&before=zz&after=999999999999999999999999")
    assert f">Run {run.pk}</a>" in page


def test_starting_a_run_leads_to_its_page(house):
    answer = house.client(Role.OPERATOR).post(
        house.url("runs/start/"), {"sync": house.sync.pk, "period": "2026/11"}
    )
    (run,) = runs_of(house)
    assert answer["Location"] == house.url(f"runs/{run.pk}/")
    assert (run.state, run.periods) == ("queued", [202611])
    assert run.requested_by == house.member(Role.OPERATOR).email


def test_no_period_means_all_of_them(house):
    house.client().post(house.url("runs/start/"), {"sync": house.sync.pk, "period": ""})
    assert runs_of(house)[0].periods == []


def test_a_second_run_of_the_same_sync_is_not_started(house):
    client = house.client()
    first, second = (
        client.post(house.url("runs/start/"), {"sync": house.sync.pk}) for _ in range(2)
    )
    assert first["Location"] == second["Location"]
    assert len(runs_of(house)) == 1
    assert "was under way already" in client.get(second["Location"]).content.decode()


@pytest.mark.parametrize("period", ["2026", "202600", "20261x", "next"])
def test_a_period_that_is_none_is_told_beside_its_field(house, period):
    answer = house.client().post(
        house.url("runs/start/"), {"sync": house.sync.pk, "period": period}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: " in page
    assert page.count("Write a fiscal period as year and number") == 2
    assert f'value="{period}"' in page
    assert runs_of(house) == []


def test_another_organizations_sync_is_no_choice(house):
    other = make_house()
    answer = house.client().post(house.url("runs/start/"), {"sync": other.sync.pk})
    assert answer.status_code == 422
    assert runs_of(house) == []


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUDITOR])
def test_who_may_only_look_starts_nothing(house, role):
    assert "Start run" not in page_of(house, role=role)
    answer = house.client(role).post(house.url("runs/start/"), {"sync": house.sync.pk})
    assert answer.status_code == 403
    assert "may not start or cancel runs" in answer.content.decode()
    assert runs_of(house) == []


def test_known_periods_are_offered(house):
    add_units(make_run(house))
    page = page_of(house)
    assert page.index('<option value="2026/11">') < page.index('<option value="2026/10">')


def test_only_a_list_with_active_runs_asks_again(house):
    run = make_run(house)
    assert "data-poll" not in page_of(house)
    make_run(house, "running")
    assert 'hx-trigger="every 4s"' in page_of(house)
    assert "data-poll" not in page_of(house, f"?before={run.pk + 1}")


def test_the_list_asks_the_database_little(house, django_assert_max_num_queries):
    for _ in range(20):
        make_run(house)
    client = house.client()
    with django_assert_max_num_queries(12):
        client.get(house.url("runs/"))
