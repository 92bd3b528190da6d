"""A person connects Anaplan in the browser and approves it there, without pasting any id of it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Role
from tests.accounts.people import make_cast
from tests.browsing import Window
from tests.integrations.anaplan_scene import OUR_SECRET, OURS, start_anaplan
from tests.simulators.anaplan.client import ANNA

pytestmark = pytest.mark.browser


@pytest.fixture
def anaplan(server: str, tmp_path: Path, settings: Any) -> Iterator[str]:
    """A stand-in whose OAuth client leads back to the served site."""
    settings.PUBLIC_ORIGIN = server
    with start_anaplan(tmp_path, server) as running:
        yield running.origin


def test_anaplan_is_connected_by_oauth_without_an_id(
    anaplan: str, open_window: Callable[..., Window]
) -> None:
    cast = make_cast()
    window = open_window(cast.client(Role.OWNER))
    page: Page = window.page
    page.goto(cast.url("connections/"))
    page.get_by_role("link", name="Connect Anaplan").first.click()
    page.get_by_role("link", name="Choose OAuth2, approved in the browser").click()
    page.get_by_label("Region").select_option("other")
    page.locator("summary", has_text="Addresses of your own").click()
    for label in ("Address of the sign-in", "Address of OAuth2", "Address of the API"):
        page.get_by_label(label).fill(anaplan)
    page.get_by_label("Client id").fill(OURS)
    page.get_by_role("textbox", name="Client secret").fill(OUR_SECRET)
    page.get_by_role("button", name="Save connection").click()
    expect(page.get_by_text("Approve it at Anaplan now.")).to_be_visible()
    page.get_by_role("link", name="Approve at Anaplan").click()
    page.get_by_label("E-mail").fill(ANNA[0])
    page.get_by_label("Password").fill(ANNA[1])
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_text("Anaplan is approved.")).to_be_visible()
    expect(page.get_by_text(ANNA[0])).to_be_visible()
    assert OUR_SECRET not in page.content()
    # The stand-in has no icon for its tab.
    window.complaints = [text for text in window.complaints if "status of 404" not in text]
