"""Every page in four variants: accessible, fitting, titled, and without a complaint."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Browser

from tests.accounts.people import make_person, signed_in
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

pytestmark = pytest.mark.browser

RULES = {
    "runOnly": [
        "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice",
    ],
}  # fmt: skip
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
        staff = make_person()
        staff.is_staff = True
        staff.save(update_fields=["is_staff"])
        self.people: dict[str, Client | None] = {
            "owner": self.house.client(),
            "staff": signed_in(staff),
            "member of nothing": signed_in(make_person()),
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
    "components": Stop(lambda scene: "/staff/components/", "staff"),
    "components_confirm": Stop(lambda scene: "/staff/components/confirm/", "staff"),
    "not found": Stop(lambda scene: "/nowhere/"),
}
# Routes that only take what a form sends, answer with a part of a page, or lead elsewhere.
NO_PAGES = {
    "sign_out", "choose_theme", "organization_home", "start_run", "run_progress", "run_results",
    "cancel_run", "replay_run", "replay_records", "set_rule", "remove_rule",
}  # fmt: skip
OURS = ("accounts.", "connector_site.", "integrations.")


def route_names(resolver: URLResolver) -> Iterator[str]:
    """The names of routes that lead to the product's own pages; an API has none."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from route_names(entry)
        elif isinstance(entry, URLPattern) and is_own_page(entry):
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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the pictures go: a folder named by the environment, or the test's own."""
    return Path(os.environ.get("SCREENSHOTS") or tmp_path)


def faults_of(page: Any) -> Iterator[str]:
    """What is wrong with a page, in words."""
    for fault in Axe().run(page, options=RULES).response["violations"]:
        yield f"axe {fault['id']}: {[node['html'][:160] for node in fault['nodes']]}"
    if not TITLE.fullmatch(page.title()):
        yield f"title: {page.title()}"
    if (headings := page.locator("h1").count()) != 1:
        yield f"{headings} first headings"
    if (first := page.evaluate(FIRST_STOP)) != "skip-link":
        yield f"first stop: {first}"
    if overflow := page.evaluate(OVERFLOW):
        yield f"{overflow} pixels too wide"
    if small := page.evaluate(SMALL_TARGETS):
        yield f"small targets: {small}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_is_in_order(open_window, scene, folder, width, scheme):
    found = {}
    for who, client in scene.people.items():
        window = open_window(
            client,
            viewport={"width": width, "height": 844},
            color_scheme=scheme,
            reduced_motion="reduce",
        )
        for name, stop in PAGES.items():
            if stop.who != who:
                continue
            window.page.goto(stop.path(scene))
            faults = list(faults_of(window.page))
            picture = folder / f"{name.replace(', ', '-').replace(' ', '_')}-{width}-{scheme}.png"
            window.page.screenshot(path=picture, full_page=True)
            faults += [text for text in window.complaints if "status of 404" not in text]
            window.complaints.clear()
            if faults:
                found[name] = faults
    assert found == {}


def test_a_break_of_the_content_security_policy_is_noticed(open_window, scene):
    window = open_window(scene.people["owner"])
    window.page.goto(scene.house.url("runs/"))
    window.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"top:0\">')")
    assert [text for text in window.complaints if text.startswith("CSP report: style-src-attr")]
    window.complaints.clear()
