"""The pages in a real Chromium: live, and usable by keyboard and without scripts."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from accounts.models import Role
from accounts.services.members import add_member
from audit.tenancy import tenant
from integrations.models import Run
from tests.accounts.people import PASSWORD, make_person
from tests.browsing import Window
from tests.integrations.scenes import (
    House,
    add_line,
    add_units,
    held_run,
    make_house,
    make_run,
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def house(browser: Browser) -> House:
    return make_house()


@pytest.fixture
def visit(open_window: Callable[..., Window], house: House) -> Callable[..., Window]:
    """Open windows of the owner."""
    return lambda **options: open_window(house.client(), **options)


@pytest.fixture(scope="module")
def paths(house: House) -> dict[str, str]:
    held = held_run(house)
    return {"list": house.url("runs/"), "held": house.url(f"runs/{held.pk}/")}


def test_a_person_signs_in_and_starts_a_run_by_keyboard_alone(visit, house):
    person = make_person(password=PASSWORD)
    add_member(organization=house.organization, user=person, role=Role.OPERATOR)
    window = visit()
    window.sign_in(None)
    page, keys = window.page, window.page.keyboard
    page.goto("/sign-in/")
    expect(page.locator("#id_login")).to_be_focused()
    keys.type(person.email)
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    page.wait_for_url("**/start/")
    page.goto(house.url("runs/"))
    keys.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("main")).to_be_focused()
    for _ in range(4):
        keys.press("Tab")
    expect(page.locator("#id_period")).to_be_focused()
    with tenant(house.organization.pk):
        Run.objects.filter(state__in=("queued", "running", "waiting")).update(state="cancelled")
    keys.press("Enter")
    page.wait_for_url(re.compile(r"/runs/\d+/$"))
    expect(page.locator("#headline")).to_have_text("Queued: a worker takes the run in a moment.")


def test_the_run_page_follows_the_run_and_stops_at_its_end(visit):
    own = make_house()
    run = make_run(own, "running", phase="extract")
    add_units(run)
    window = visit()
    window.sign_in(own.client())
    asked: list[int] = []
    window.page.on(
        "response", lambda r: asked.append(r.status) if r.url.endswith("/progress/") else None
    )
    page = window.page
    page.goto(own.url(f"runs/{run.pk}/"))
    expect(page.locator(".stage.is-current h3")).to_have_text("Extract")
    page.wait_for_timeout(2_500)
    assert asked[:1] == [304]
    expect(page.locator("#announcer")).to_be_empty()
    change(run, phase="map")
    expect(page.locator(".stage.is-current h3")).to_have_text("Map", timeout=6_000)
    expect(page.locator("#announcer")).to_have_text("Map: running")
    add_lines(run)
    change(run, state="reconciled", phase="reconcile")
    expect(page.locator("#headline")).to_have_text(
        "All 4 units tie out to the cent.", timeout=6_000
    )
    expect(page.locator("#announcer")).to_have_text("The run has ended: reconciled")
    expect(page.locator("#totals-title")).to_be_visible()
    expect(page.get_by_role("link", name="Replay run")).to_be_visible()
    expect(page.locator("#cancel")).to_have_count(0)
    ended = len(asked)
    page.wait_for_timeout(2_500)
    assert len(asked) == ended


def change(run: Run, **fields: Any) -> None:
    with tenant(run.organization_id):
        Run.objects.filter(pk=run.pk).update(**fields)


def add_lines(run: Run) -> None:
    add_line(run, "E_US01/Oct 26/A_1000/USD", "net", "5.00")


def test_a_unit_opens_in_place_and_the_back_button_leaves_it(visit, paths):
    window = visit()
    page = window.page
    page.goto(paths["held"])
    page.evaluate("window.isSamePage = true")
    page.get_by_role("link", name="E_DE01, Oct 26: 0.00, equal").click()
    expect(page.locator("#unit-title")).to_be_focused()
    expect(page.locator("#unit-title")).to_have_text("E_DE01, Oct 26")
    assert page.url.endswith("?entity=E_DE01&period=Oct+26")
    assert page.evaluate("window.isSamePage")
    page.go_back()
    expect(page.locator("#unit-title")).to_have_text("E_US01, Nov 26")


def test_the_list_narrows_without_leaving_the_page(visit, paths):
    window = visit()
    page = window.page
    page.goto(paths["list"])
    page.evaluate("window.isSamePage = true")
    page.get_by_label("State").select_option("partial")
    expect(page.locator("#runs tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile("state=partial"))
    assert page.evaluate("window.isSamePage")


def test_the_choice_of_colours_takes_effect_at_once_and_is_kept(visit, paths):
    window = visit(color_scheme="light")
    page = window.page
    page.goto(paths["list"])
    before = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.locator(".menu summary").click()
    with page.expect_response("**/theme/"):
        page.get_by_role("button", name="Dark").click()
    after = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert before != after
    page.reload()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == after


def test_the_button_counts_the_chosen_records(visit, paths):
    window = visit()
    page = window.page
    page.goto(paths["held"])
    for box in page.locator("input[name=record]").all()[:2]:
        box.check()
    expect(page.get_by_role("button", name="Replay chosen (2)")).to_be_visible()


def test_pages_and_forms_work_without_scripts(visit, paths, house):
    window = visit(java_script_enabled=False)
    page = window.page
    page.goto(paths["held"])
    page.get_by_role("link", name="E_US01, Nov 26").click()
    assert page.locator("#unit-title").inner_text() == "E_US01, Nov 26"
    page.goto(house.url("mapping/rule/?dimension=currency&code=SEK"))
    page.get_by_label("Member 1").fill("SEK")
    page.get_by_label("All periods").check()
    page.get_by_role("button", name="Put in the draft").click()
    page.goto(house.url("mapping/draft/"))
    page.get_by_role("button", name="Approve 1 change").click()
    assert "The draft is approved, from version 2 on." in page.locator(".message").inner_text()
