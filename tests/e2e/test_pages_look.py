"""Every page at two widths in two colours: accessible, fitting, titled, and without a complaint."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Browser

<<<<<<< HEAD
from tests.browsing import Window
from tests.e2e.all_pages import NO_PAGES, PAGES, Scene
=======
from accounts.models import Role
from accounts.services.keys import mark_exposed, revoke_all_keys
from tests.accounts.keys import make_key
from tests.accounts.people import make_cast, make_person, signed_in
from tests.integrations.scenes import (
    House,
    add_books,
    add_load,
    add_units,
    held_run,
    make_house,
    make_run,
    swapped_run,
)
>>>>>>> 7c64867 (pages: Create, show once and revoke API keys, and explain every error code.)

pytestmark = pytest.mark.browser

VARIANTS = [(width, scheme) for width in (390, 1280) for scheme in ("light", "dark")]
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
ASK_AXE = f"""() => axe.run({json.dumps(RULES)}).then((found) => found.violations.map((fault) =>
  `axe ${{fault.id}}: ${{fault.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}}`))"""
TITLE = re.compile(r"(Error: )?.+ - .+ - ml-connector")
# Links inside a sentence may be as high as its line; everything else is a target of its own.
SMALL_TARGETS = """() => [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary')]
  .filter(e => { const r = e.getBoundingClientRect();
    return r.width > 1 && (r.height < 24 || r.width < 24)
      && getComputedStyle(e).display !== 'inline' && !e.closest('label')
      && !e.labels?.length; })
  .map(e => e.outerHTML.slice(0, 120))"""
FIRST_STOP = """() => document.querySelector(
    'a[href], button, input, select, textarea, summary, [tabindex="0"]')?.className"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
<<<<<<< HEAD
=======


class Scene:
    """An organization whose pages have something to show, and who looks at them."""

    def __init__(self) -> None:
        self.house: House = make_house()
        warning = {"code": "books_not_balanced", "message": "Net is 5.00."}
        self.proved = make_run(self.house, warnings=[warning])
        add_books(self.proved)
        add_load(self.proved)
        self.held, self.swapped = held_run(self.house), swapped_run(self.house)
        self.waiting = make_run(
            self.house, "waiting", error_code="model_leased", error_message="Busy."
        )
        add_units(self.waiting)
        owner = self.house.member(Role.OWNER)
        make_key(self.house.organization, owner, name="Trial")
        revoke_all_keys(organization=self.house.organization, revoked_by=owner.email)
        self.key, text = make_key(self.house.organization, owner, name="Nightly load")
        mark_exposed(text, "192.0.2.1")
        self.bare = make_cast()
        staff = make_person()
        staff.is_staff = True
        staff.save(update_fields=["is_staff"])
        self.people: dict[str, Client | None] = {
            "owner": self.house.client(),
            "staff": signed_in(staff),
            "member of nothing": signed_in(make_person()),
            "owner of nothing yet": self.bare.client(),
            "nobody": None,
        }

    def run(self, run: Any, rest: str = "") -> str:
        """Return the address of a run's page."""
        return self.house.url(f"runs/{run.pk}/{rest}")


@dataclass(frozen=True)
class Stop:
    """How a page is reached: by which path, and by whom."""

    path: Callable[[Scene], str]
    who: str = "owner"


# Each page that the routes of this installation lead to. The name is the route's, and after a
# comma what is so about the page.
PAGES = {
    "home, several organizations": Stop(lambda scene: "/", "member of nothing"),
    "sign_in": Stop(lambda scene: "/sign-in/", "nobody"),
    "run_list": Stop(lambda scene: scene.house.url("runs/")),
    "run_list, empty": Stop(lambda scene: scene.house.url("runs/?state=deferred")),
    "run_page": Stop(lambda scene: scene.run(scene.proved)),
    "run_page, held": Stop(lambda scene: scene.run(scene.held, "?entity=E_US01&period=Nov+26")),
    "run_page, red": Stop(lambda scene: scene.run(scene.swapped)),
    "run_page, waiting": Stop(lambda scene: scene.run(scene.waiting)),
    "run_records": Stop(
        lambda scene: scene.run(scene.held, "records/?verdict=held&code=unmapped_gl_account")
    ),
    "mapping": Stop(lambda scene: scene.house.url("mapping/")),
    "key_list": Stop(lambda scene: scene.house.url("keys/")),
    "key_list, empty": Stop(lambda scene: scene.bare.url("keys/"), "owner of nothing yet"),
    "create_key": Stop(lambda scene: scene.house.url("keys/new/")),
    "revoke_key": Stop(lambda scene: scene.house.url(f"keys/{scene.key.pk}/revoke/")),
    "error_list": Stop(lambda scene: "/errors/", "nobody"),
    "components": Stop(lambda scene: "/staff/components/", "staff"),
    "components_confirm": Stop(lambda scene: "/staff/components/confirm/", "staff"),
    "not found": Stop(lambda scene: "/nowhere/"),
}
# Routes that only take what a form sends, answer with a part of a page, or lead elsewhere.
NO_PAGES = {
    "sign_out", "choose_theme", "organization_home", "start_run", "run_progress", "run_results",
    "cancel_run", "replay_run", "replay_records", "set_rule", "remove_rule",
}  # fmt: skip
>>>>>>> 7c64867 (pages: Create, show once and revoke API keys, and explain every error code.)
OURS = ("accounts.", "connector_site.", "integrations.")


def route_names(resolver: URLResolver) -> Iterator[str]:
    """The names of routes that lead to the product's own pages; an API has none."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from route_names(entry)
        elif is_own_page(entry):
            yield entry.name or str(entry.pattern)


def is_own_page(entry: URLPattern) -> bool:
    module = entry.callback.__module__
    return module.startswith(OURS) and not module.startswith("integrations.api")


def test_every_route_has_a_line_in_the_table():
    known = {name.split(",")[0] for name in PAGES} | NO_PAGES
    assert set(route_names(get_resolver())) - known == set()


@pytest.fixture(scope="module")
def scene(browser: Browser) -> Scene:
    return Scene()


def faults_of(page: Any) -> Iterator[str]:
    """What is wrong with a page at one width in one scheme, in words."""
    yield from page.evaluate(ASK_AXE)
    if overflow := page.evaluate(OVERFLOW):
        yield f"{overflow} pixels too wide"
    if small := page.evaluate(SMALL_TARGETS):
        yield f"small targets: {small}"


def faults_of_markup(page: Any) -> Iterator[str]:
    """What is wrong with a page at any width, in words."""
    if not TITLE.fullmatch(page.title()):
        yield f"title: {page.title()}"
    if (headings := page.locator("h1").count()) != 1:
        yield f"{headings} first headings"
    if (first := page.evaluate(FIRST_STOP)) != "skip-link":
        yield f"first stop: {first}"


def take_picture(page: Any, folder: Path, name: str, variant: tuple[int, str]) -> None:
    words = re.sub(r"\W+", "-", name)
    # What lies above a page stands in the middle of the window.
    is_whole = not PAGES[name].press
    page.screenshot(path=folder / f"{words}-{variant[0]}-{variant[1]}.png", full_page=is_whole)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_in_order(open_window, scene, tmp_path, name):
    """Pictures of all variants go to the folder that SCREENSHOTS names; faulty ones always do."""
    wanted = os.environ.get("SCREENSHOTS")
    stop, found = PAGES[name], {}
    window = open_window(scene.people[stop.who], reduced_motion="reduce")
    page = window.page
    page.goto(stop.path(scene))
    if stop.press:
        page.evaluate(stop.press)
    page.evaluate(AXE_SCRIPT)
    for width, scheme in VARIANTS:
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)
        faults = list(faults_of(page))
        if faults or wanted:
            take_picture(page, Path(wanted or tmp_path), name, (width, scheme))
        if faults:
            found[width, scheme] = faults
    window.complaints = [text for text in window.complaints if "status of 404" not in text]
    assert (found, list(faults_of_markup(page)), window.complaints) == ({}, [], [])


def test_a_break_of_the_content_security_policy_is_noticed(browser, server, scene):
    window = Window(browser, server, scene.people["owner"])
    window.page.goto(scene.url("runs/"))
    with window.page.expect_console_message(lambda said: "CSP report" in said.text):
        window.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"top:0\">')")
    window.context.close()
    assert "CSP report: style-src-attr inline" in window.complaints


def test_what_is_wrong_with_a_page_is_noticed(open_window, scene):
    window = open_window(viewport={"width": 390, "height": 844})
    window.page.set_content(
        "<title>Bad</title><h1>a</h1><h1>b</h1><button>x</button><img src='data:,'>"
        "<table><td>" + "wide" * 300 + "</table>"
    )
    window.page.evaluate(AXE_SCRIPT)
    said = " ".join([*faults_of(window.page), *faults_of_markup(window.page)])
    for fault in ("axe image-alt", "too wide", "title: Bad", "2 first headings", "first stop: "):
        assert fault in said
