"""The pages in a real Chromium: accessible, live, and usable on a phone and in the dark."""

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections
from playwright.sync_api import Browser, Page, expect, sync_playwright

from accounts.models import Role
from audit.tenancy import tenant
from connector_site.installing import find_browser
from integrations.models import Run
from integrations.services.organizations import add_member
from tests.accounts.people import PASSWORD, make_person
from tests.integrations.scenes import (
    House,
    add_books,
    add_line,
    add_load,
    add_units,
    held_run,
    make_house,
    make_run,
    swapped_run,
)

pytestmark = pytest.mark.browser

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
# Links inside a sentence may be as high as its line; everything else is a target of its own.
SMALL_TARGETS = """() => [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, summary')]
  .filter(e => { const r = e.getBoundingClientRect();
    return r.width > 1 && (r.height < 24 || r.width < 24)
      && getComputedStyle(e).display !== 'inline' && !e.closest('label'); })
  .map(e => e.outerHTML.slice(0, 120))"""


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:
        """Keep test output clean."""


class _Server(ThreadedWSGIServer):
    """Waits for its threads at the end, so that none keeps a connection to the database."""

    daemon_threads = False


@pytest.fixture(scope="module")
def server(engines: Any) -> Iterator[str]:
    """The site, served to the browser by threads of this process."""
    httpd = _Server(("127.0.0.1", 0), _QuietHandler)
    httpd.set_app(get_wsgi_application())
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()
    thread.join(5)


@pytest.fixture(scope="module")
def browser(server: str) -> Iterator[Browser]:
    """One Chromium for all tests of this file."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # The browser's driver keeps an event loop in this thread, beside which Django's ORM
        # would refuse to work; it has a connection of its own there.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        program = find_browser()
        assert program, "Chromium is missing: see `make test`."
        chromium = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield chromium
        chromium.close()
        connections.close_all()


@pytest.fixture(scope="module")
def house(browser: Browser) -> House:
    return make_house()


class Visit:
    """One signed-in window; it notes every complaint of the browser."""

    def __init__(self, browser: Browser, server: str, house: House, **options: Any) -> None:
        role = options.pop("role", Role.OWNER)
        self.server = server
        self.context = browser.new_context(base_url=server, **options)
        session = house.client(role).cookies["session"].value
        self.context.add_cookies([{"name": "session", "value": session, "url": server}])
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


@pytest.fixture
def visit(browser: Browser, server: str, house: House) -> Iterator[Any]:
    opened: list[Visit] = []

    def open_window(**options: Any) -> Visit:
        opened.append(Visit(browser, server, house, **options))
        return opened[-1]

    yield open_window
    for window in opened:
        window.context.close()
        assert window.complaints == []


@pytest.fixture(scope="module")
def paths(house: House) -> dict[str, str]:
    """The pages that every size and theme is tried on."""
    proved = make_run(house, warnings=[{"code": "books_not_balanced", "message": "Net is 5.00."}])
    add_books(proved)
    add_load(proved)
    held, swapped = held_run(house), swapped_run(house)
    waiting = make_run(house, "waiting", error_code="model_leased", error_message="Busy.")
    add_units(waiting)
    return {
        "list": house.url("runs/"),
        "empty list": house.url("runs/?state=deferred"),
        "proved": house.url(f"runs/{proved.pk}/"),
        "held": house.url(f"runs/{held.pk}/?entity=E_US01&period=Nov+26"),
        "swapped": house.url(f"runs/{swapped.pk}/"),
        "waiting": house.url(f"runs/{waiting.pk}/"),
        "records": house.url(f"runs/{held.pk}/records/?verdict=held&code=unmapped_gl_account"),
        "mapping": house.url("mapping/"),
        "sign in": "/sign-in/",
        "not found": "/nowhere/",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_fits_and_is_accessible(visit, paths, width, scheme):
    window = visit(viewport={"width": width, "height": 844}, color_scheme=scheme)
    for name, path in paths.items():
        if name == "sign in":
            window.context.clear_cookies()
        window.page.goto(path)
        found = Axe().run(window.page, options=RULES).response["violations"]
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == [], name
        overflow = window.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert (name, overflow) == (name, 0)
        assert (name, window.page.evaluate(SMALL_TARGETS)) == (name, [])
    window.complaints = [text for text in window.complaints if "404" not in text]


def test_a_person_signs_in_and_starts_a_run_by_keyboard_alone(visit, house):
    person = make_person(password=PASSWORD)
    add_member(organization=house.organization, user=person, role=Role.OPERATOR)
    window = visit()
    window.context.clear_cookies()
    page, keys = window.page, window.page.keyboard
    page.goto("/sign-in/")
    expect(page.locator("#id_email")).to_be_focused()
    keys.type(person.email)
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    page.wait_for_url("**/runs/")
    page.reload()
    keys.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("main")).to_be_focused()
    for _ in range(2):
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
    session = own.client().cookies["session"].value
    window.context.add_cookies([{"name": "session", "value": session, "url": window.server}])
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
    expect(page.get_by_role("button", name="Replay run")).to_be_visible()
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
    page.goto(paths["held"].split("?")[0])
    page.evaluate("window.isSamePage = true")
    page.get_by_role("link", name="E_DE01, Oct 26: 0.00, equal").click()
    expect(page.locator("#unit-title")).to_be_focused()
    expect(page.locator("#unit-title")).to_have_text("E_DE01, Oct 26")
    assert page.url.endswith("?entity=E_DE01&period=Oct+26")
    assert page.evaluate("window.isSamePage")
    page.go_back()
    expect(page.locator("#unit-title")).to_have_count(0)


def test_the_list_narrows_without_leaving_the_page(visit, paths):
    window = visit()
    page = window.page
    page.goto(paths["list"])
    page.evaluate("window.isSamePage = true")
    page.get_by_label("State").select_option("partial")
    expect(page.locator("#runs tbody tr")).to_have_count(1)
    assert "state=partial" in page.url
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
    page.goto(paths["held"].split("?")[0])
    page.get_by_role("link", name="E_US01, Nov 26").click()
    assert page.locator("#unit-title").inner_text() == "E_US01, Nov 26"
    page.goto(house.url("mapping/"))
    page.locator("#id_dimension").select_option("currency")
    page.locator("#id_code").fill("SEK")
    page.locator("#id_member").fill("SEK")
    page.get_by_role("button", name="Add").click()
    assert "Currency SEK is now mapped to SEK" in page.locator(".message").inner_text()
