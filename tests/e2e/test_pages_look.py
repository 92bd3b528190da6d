"""Every page at two widths in two colours: accessible, fitting, titled, and without a complaint."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Browser

from tests.browsing import Window
from tests.e2e.all_pages import NO_PAGES, PAGES
from tests.e2e.scene import Scene

pytestmark = pytest.mark.browser

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# In the second scheme nothing else than colours is different. `make looks` asks all rules in all
# variants, and looks at long pages as a whole.
IS_WHOLE = bool(os.environ.get("WHOLE_LOOKS"))
SHORT = [(390, "light"), (1280, "dark")]
WHOLE = [(width, scheme) for width in (390, 1280) for scheme in ("light", "dark")]
VARIANTS = WHOLE if IS_WHOLE or os.environ.get("SCREENSHOTS") else SHORT
# Other states of a page are parts of its templates: `make looks` looks at them too.
LOOKED_AT = [name for name in PAGES if len(VARIANTS) > len(SHORT) or "," not in name]
COLOUR_RULES = {**RULES, "runOnly": ["color-contrast", "link-in-text-block"]}
DARK_RULES = RULES if IS_WHOLE else COLOUR_RULES
ASK_AXE = """([part, rules]) => axe.run(part, rules).then((found) => found.violations.map((fault) =>
  `axe ${fault.id}: ${fault.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`))"""
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
OURS = ("accounts.", "allauth.", "connector_site.", "integrations.")


def route_names(resolver: URLResolver) -> Iterator[str]:
    """The names of routes that lead to the product's own pages; an API has none.

    Those of the administration lie in a namespace of their own.
    """
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from () if entry.namespace else route_names(entry)
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


@pytest.fixture(scope="module")
def window_of(browser: Browser, server: str, scene: Scene) -> Iterator[Callable[[str], Window]]:
    """One window for everybody who looks, kept, so that styles and scripts are fetched once."""
    opened: dict[str, Window] = {}

    def find(who: str) -> Window:
        if who not in opened:
            opened[who] = Window(browser, server, scene.client(who), reduced_motion="reduce")
        return opened[who]

    yield find
    for window in opened.values():
        window.context.close()


def faults_of(page: Any, part: str = "html", rules: Any = RULES) -> Iterator[str]:
    """What is wrong with a page at one width in one scheme, in words."""
    yield from page.evaluate(ASK_AXE, [part, rules])
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
    if not str(first := page.evaluate(FIRST_STOP)).startswith("skip-"):
        yield f"first stop: {first}"


def take_picture(page: Any, folder: Path, name: str, variant: tuple[int, str]) -> None:
    words = re.sub(r"\W+", "-", name)
    # What lies above a page stands in the middle of the window.
    is_whole = not PAGES[name].press
    page.screenshot(path=folder / f"{words}-{variant[0]}-{variant[1]}.png", full_page=is_whole)


@pytest.mark.parametrize("name", LOOKED_AT)
def test_a_page_is_in_order(window_of, scene, tmp_path, name):
    """Pictures of all variants go to the folder that SCREENSHOTS names; faulty ones always do."""
    wanted = os.environ.get("SCREENSHOTS")
    stop, found = PAGES[name], {}
    window = window_of(stop.who)
    window.complaints.clear()
    page, path = window.page, stop.find_path(scene)
    page.goto(path)
    if stop.press:
        page.evaluate(stop.press)
    page.evaluate(AXE_SCRIPT)
    for width, scheme in VARIANTS:
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)
        rules = RULES if scheme == "light" else DARK_RULES
        part = stop.part if IS_WHOLE else stop.short or stop.part
        faults = list(faults_of(page, part, rules))
        if faults or wanted:
            take_picture(page, Path(wanted or tmp_path), name, (width, scheme))
        if faults:
            found[width, scheme] = faults
    complaints = [text for text in window.complaints if "with a status of 40" not in text]
    assert (found, list(faults_of_markup(page)), complaints) == ({}, [], [])
    assert page.url.removeprefix(window.server) == path


def test_a_break_of_the_content_security_policy_is_noticed(browser, server, scene):
    window = Window(browser, server, scene.owner)
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
