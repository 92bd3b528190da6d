"""A member signs in through the organization's own provider, in a real Chromium."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.accounts.people import Cast, make_cast
from tests.browsing import Window
from tests.e2e.looking import folder_for_pictures, look_at
from tests.integrations.issuer import Issuer
from tests.integrations.provider_scene import connect, join

pytestmark = pytest.mark.browser


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """A provider that shows the person a page of its own."""
    made = Issuer(asks=True)
    yield made
    made.close()


@pytest.fixture
def cast(issuer: Issuer) -> Cast:
    """An organization whose provider proves a member."""
    made = make_cast()
    connect(made, issuer)
    issuer.email = join(made.organization).email
    return made


@pytest.fixture(autouse=True)
def _other_site(settings: Any, server: str) -> None:
    """To a browser `localhost` and the provider's `127.0.0.1` are two sites, as they are online."""
    settings.PUBLIC_ORIGIN = server.replace("127.0.0.1", "localhost")


def test_a_member_declines_comes_again_and_gets_in(
    open_window: Callable[..., Window], cast: Cast, issuer: Issuer, tmp_path: Path
) -> None:
    folder = folder_for_pictures(tmp_path)
    owner = open_window(cast.client()).page
    owner.goto(cast.url("settings/sign-in/"))
    address = owner.locator("#sign-in-address").inner_text()
    page = open_window().page
    page.goto(address)
    expect(page).to_have_url(re.compile(f"^{issuer.url}/authorize"))
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url("**/sign-in/")
    expect(page.get_by_text("ended the sign-in without a proof")).to_be_visible()
    look_at(page, folder, "provider-declined")
    page.goto(address)
    page.get_by_role("link", name=f"Continue as {issuer.email}").click()
    page.wait_for_url(f"**{cast.url('start/')}")
    expect(page.get_by_role("heading", name="First steps")).to_be_visible()
    look_at(page, folder, "provider-signed-in")
