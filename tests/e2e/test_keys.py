"""An API key made in a real browser: shown once, copied, used, revoked in a dialog."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client

from tests.accounts.people import make_cast

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_key_is_made_copied_used_and_revoked(open_window, scheme):
    cast = make_cast()
    window = open_window(
        cast.client(),
        viewport={"width": 390, "height": 844},
        color_scheme=scheme,
        reduced_motion="reduce",
        permissions=["clipboard-read", "clipboard-write"],
    )
    page = window.page
    page.goto(cast.url("keys/"))
    page.get_by_role("link", name="Create a key").first.click()
    page.get_by_label("Name").fill("Nightly load")
    page.get_by_label("list and read runs").check()
    page.get_by_role("button", name="Create key").click()
    page.get_by_role("heading", name="Nightly load is ready").wait_for()
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="Copy API key").click()
    key = page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(r"mlc_[0-9a-z]{8}_[0-9A-Za-z]{49}", key)
    call = {"headers": {"Authorization": f"Bearer {key}"}}
    assert Client().get("/api/v1/me", **call).json()["key"]["name"] == "Nightly load"
    page.get_by_role("link", name="I have copied it").click()
    page.get_by_role("link", name="Revoke Nightly load").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke key").click()
    page.get_by_text("Nightly load is revoked.").wait_for()
    assert Client().get("/api/v1/me", **call).json()["code"] == "api_key_revoked"
