"""The page of one run: the sentence, the stages, the proof, and what can be done."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from audit.tenancy import tenant
from integrations.models import Run
from tests.integrations.scenes import (
    add_books,
    add_load,
    add_units,
    held_run,
    make_house,
    make_run,
    swapped_run,
)


@pytest.fixture
def house(engines):
    return make_house()


def page_of(house, run, query="", role=Role.OWNER, **headers):
    answer = house.client(role).get(house.url(f"runs/{run.pk}/{query}"), headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def headline_of(page):
    return " ".join(re.search(r'<h2 id="headline">(.*?)</h2>', page, re.S)[1].split())


def words_of(page):
    text = re.sub(r"<(script|style|svg).*?</\1>", " ", page, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_a_proved_run_says_so_and_shows_the_same_three_figures(house):
    run = make_run(house)
    add_books(run)
    add_load(run)
    page = page_of(house, run)
    assert headline_of(page) == "All 4 units tie out to the cent."
    assert "USD Debit 3,000.50 3,000.50 3,000.50 0.00 Equal" in words_of(page)
    assert "Quantity 48 48 48 0 Equal" in words_of(page)
    assert page.count("7 of 7 totals are equal") == 4
    assert f"<title>Run {run.pk}, GL balances - Run - ml-connector</title>" in page


def test_held_records_are_told_with_their_amount(house):
    run = held_run(house)
    page = page_of(house, run)
    assert headline_of(page) == "3 records are held: 12,400.00 USD debit have not arrived."
    assert "12,400.00 0.00 0.00 12,400.00 Explained" in words_of(
        page_of(house, run, "?entity=E_US01&period=Nov+26")
    )
    assert "E_US01, Nov 26: 12,400.00 USD, explained by 3 records" in page


def test_swapped_cells_are_named_and_red(house):
    run = swapped_run(house)
    page = page_of(house, run)
    assert "E_DE01, Oct 26: 0.00, 2 cells without a reason" in page
    assert "E_DE01 A_1000 CC_100 Oct 26 EUR Debit 1,000.25 1,000.25 500.00" in words_of(page)
    assert "No listed record explains it" in page
    unit = page_of(house, run, "?entity=E_DE01&period=Oct+26")
    assert "The sums of all accounts agree, but 2 cells below them do not" in words_of(unit)


@pytest.mark.parametrize(
    ("state", "fields", "said"),
    [
        ("queued", {"started_at": None}, "Queued: a worker takes the run in a moment."),
        ("running", {}, "Reading the books from QAD."),
        ("waiting", {"phase": "collect"}, "Anaplan works on the import."),
        ("running", {"cancel_requested": True}, "Stopping: the run ends before its next step."),
        ("waiting", {"error_code": "model_leased", "error_message": "Another run loads the model."},
         "Waiting: Another run loads the model."),
        ("failed", {"error_code": "internal"}, "Unexpected failure."),
        ("cancelled", {}, "Cancelled before anything was sent to Anaplan."),
        ("unknown", {}, "It is not known what Anaplan has done with the file."),
        ("unverified", {}, "Loaded, but not read back: nothing is proved."),
        ("deferred", {}, "Given up for now, because the wait was too long."),
    ],
)  # fmt: skip
def test_every_state_has_its_sentence(house, state, fields, said):
    assert headline_of(page_of(house, make_run(house, state, **fields))) == said


@pytest.mark.parametrize(
    ("load", "said"),
    [
        ({"task_id": "", "task_state": "", "collected_at": None}, "before its import was started"),
        ({"task_state": "CANCELLED"}, "after Anaplan had begun the import"),
    ],
)
def test_a_cancelled_run_tells_how_far_it_came(house, load, said):
    run = make_run(house, "cancelled", phase="load")
    add_load(run, **load)
    assert said in headline_of(page_of(house, run))


def test_stages_say_done_under_way_and_to_come(house):
    run = make_run(house, "running", phase="map", timings={"extract": 3.2})
    add_units(run)
    page = words_of(page_of(house, run))
    assert "Extract Done 3.2 s 20 rows of 4 units read. Map Running" in page
    assert "4 of 4 units mapped and added up." in page
    assert page.count("To come") == 3


def test_a_failed_run_shows_where_it_stopped(house):
    run = make_run(house, "failed", phase="extract", error_code="internal")
    page = words_of(page_of(house, run))
    assert "Extract Failed here" in page
    assert page.count("Not reached The run ended before this stage.") == 4
    assert "ended before it could compare" in page


def test_a_run_that_met_a_changed_model_leads_to_the_change(house):
    link = f"connections/{house.sync.target_id}/#model"
    drifted = make_run(house, "failed", phase="extract", error_code="anaplan_import_renamed")
    other = make_run(house, "failed", phase="extract", error_code="qad_busy")
    assert link in page_of(house, drifted)
    assert link not in page_of(house, other)


def test_a_run_without_changes_skips_the_sending(house):
    run = make_run(house)
    add_books(run)
    page = words_of(page_of(house, run))
    assert "Load Skipped Nothing had changed, so nothing was sent." in page


def test_the_live_part_answers_not_modified_until_something_changes(house):
    run = make_run(house, "running", phase="extract")
    client, path = house.client(), house.url(f"runs/{run.pk}/progress/")
    first = client.get(path)
    assert first.status_code == 200
    assert 'hx-trigger="every 2s' in first.content.decode()
    same = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    with tenant(house.organization.pk):
        Run.objects.filter(pk=run.pk).update(phase="map")
    moved = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert (moved.status_code, moved["ETag"] != first["ETag"]) == (200, True)


def test_the_live_part_stops_at_the_end(house):
    run = make_run(house)
    answer = house.client().get(house.url(f"runs/{run.pk}/progress/"))
    assert answer["HX-Trigger"] == "run-ended"
    assert "hx-trigger" not in answer.content.decode()
    results = house.client().get(house.url(f"runs/{run.pk}/results/")).content.decode()
    assert 'id="actions" hx-swap-oob="true"' in results


def test_only_the_stage_and_the_state_are_announced(house):
    run = make_run(house, "running", phase="extract")
    page = page_of(house, run)
    assert 'data-announce="Extract: running"' in page
    assert 'id="announcer" class="visually-hidden" role="status" aria-live="polite"' in page


def test_a_unit_opens_alone_for_htmx_and_whole_without(house):
    run = held_run(house)
    query = "?entity=E_US01&period=Nov+26"
    whole = page_of(house, run, query)
    part = page_of(house, run, query, **{"HX-Request": "true", "HX-Target": "unit"})
    assert "<html" in whole
    assert "<html" not in part
    for page in (whole, part):
        assert "QAD code without a member" in page
        assert "A_4000" in page
    few = page_of(house, run, query + "&only=differing")
    assert "QAD code without a member" in few
    assert "A_4000" not in few


def test_an_unknown_unit_opens_nothing(house):
    assert 'id="unit-title"' not in page_of(house, held_run(house), "?entity=X&period=Y")


def test_times_stand_in_the_organizations_zone_with_utc_beside(house):
    started = timezone.datetime(2026, 7, 1, 2, 30, tzinfo=timezone.get_default_timezone())
    page = page_of(house, make_run(house, started_at=started))
    assert "30 Jun 2026, 22:30:00 EDT" in page
    assert "(2026-07-01 02:30:00 UTC)" in page


def test_cancelling_needs_the_right_and_says_what_will_be_true(house):
    run = make_run(house, "queued", started_at=None)
    assert "cells stay as they are" in words_of(page_of(house, run))
    assert "Cancel run" not in page_of(house, run, role=Role.VIEWER)
    path = house.url(f"runs/{run.pk}/cancel/")
    assert house.client(Role.VIEWER).post(path).status_code == 403
    assert house.client().get(path).status_code == 405
    assert house.client(Role.OPERATOR).post(path)["Location"] == house.url(f"runs/{run.pk}/")
    assert headline_of(page_of(house, run)).startswith("Cancelled before anything")


def test_cancelling_an_ended_run_is_refused_in_words(house):
    run = make_run(house)
    answer = house.client().post(house.url(f"runs/{run.pk}/cancel/"), follow=True)
    assert 'class="message message-error"' in answer.content.decode()


def test_warnings_and_evidence_are_shown(house):
    run = make_run(
        house,
        warnings=[{"code": "books_not_balanced", "message": "Net is 5.00 & not 0"}],
        plan={"import_name": "Actuals <b>", "import_id": "112", "export_id": "116"},
    )
    add_load(run)
    page = page_of(house, run)
    assert "Net is 5.00 &amp; not 0" in page
    assert "Actuals &lt;b&gt;" in page
    assert "ab" * 32 in page
    assert "1 to 21" in page


def test_a_page_asks_the_database_little(house, django_assert_max_num_queries):
    run = held_run(house)
    client = house.client()
    with django_assert_max_num_queries(31):
        client.get(house.url(f"runs/{run.pk}/?entity=E_US01&period=Nov+26"))
    with django_assert_max_num_queries(12):
        client.get(house.url(f"runs/{run.pk}/progress/"))


def test_a_waiting_run_says_when_it_goes_on(house):
    run = make_run(house, "waiting", error_code="model_leased", error_message="Busy.")
    with tenant(house.organization.pk):
        Run.objects.filter(pk=run.pk).update(not_before=timezone.now() + timedelta(minutes=5))
    assert "Tried again" in words_of(page_of(house, run))
