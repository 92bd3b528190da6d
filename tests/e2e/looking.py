"""A look at the page that a journey has come to: pictures, and what axe and the house ask for."""

import os
import re
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.e2e.test_pages_look import OVERFLOW, RULES


def folder_for_pictures(otherwise: Path) -> Path:
    """Return the folder that the environment names, or the test's own."""
    return Path(os.environ.get("SCREENSHOTS") or otherwise)


def look_at(page: Page, folder: Path, name: str) -> None:
    """Take a picture, wide and narrow, and hold the page to what axe and the house ask for."""
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert (name, width, page.evaluate(OVERFLOW)) == (name, width, 0)
        page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == [], name
    assert re.fullmatch(r"(Error: )?.+ - .+ - ml-connector", page.title()), page.title()
