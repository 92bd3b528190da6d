"""A person signs up, protects the account and comes back, in a real Chromium."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from allauth.mfa.totp.internal import auth as totp
from playwright.sync_api import Page, expect

from tests.browsing import Window
from tests.e2e.looking import folder_for_pictures, look_at
from tests.names import unique

pytestmark = pytest.mark.browser
HOME = re.compile(r"/o/[^/]+/start/$")
PASSWORD = "correct horse battery staple"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def page(open_window: Callable[..., Window], settings: Any) -> Page:
    """A window with a device that keeps passkeys; mail is kept where a page shows it."""
    settings.EMAIL_BACKEND = "accounts.mailbox.MailboxBackend"
    window = open_window(
        viewport={"width": 1280, "height": 900}, timezone_id="Europe/Berlin", locale="en-GB"
    )
    session = window.context.new_cdp_session(window.page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return window.page


@pytest.fixture
def look(page: Page, tmp_path: Path) -> Callable[[str], None]:
    """Look at the page that the journey has come to."""
    folder = folder_for_pictures(tmp_path)
    return lambda name: look_at(page, folder, f"sign-up-{name}")


def app_code(key: str) -> str:
    """Return what an authenticator app shows for a key right now."""
    return str(
        totp.format_hotp_value(totp.hotp_value(key, next(totp.yield_hotp_counters_from_time())))
    )


def mailed_code(page: Page, email: str) -> str:
    """Read the newest code from the page of kept mail, in a second tab."""
    tab = page.context.new_page()
    tab.goto(urljoin(page.url, "/demo/mail/"))
    text = tab.locator("article", has_text=email).first.inner_text()
    tab.close()
    found = re.search(r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$", text, re.MULTILINE)
    assert found, text
    return found[1]


def test_a_person_signs_up_and_comes_back_with_a_passkey(page, server, look):
    page.goto(server.replace("127.0.0.1", "localhost"))
    look("landing")
    page.get_by_role("link", name="Get started").click()
    look("form")
    email = f"{unique('ada')}@example.com"
    page.get_by_label("Work e-mail").fill(email)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    look("code")
    page.get_by_label("Code").fill(mailed_code(page, email))
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/organizations/new/")
    look("organization")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Berlin")
    page.get_by_label("Name").fill("Analytical Engines")
    page.get_by_role("button", name="Create organization").click()
    page.wait_for_url(HOME)
    look("first-steps")
    add_app(page, look)
    add_passkey(page, look)
    come_back(page, look, email)


def add_app(page: Page, look: Callable[[str], None]) -> None:
    page.goto(urljoin(page.url, "/account/"))
    look("account")
    page.get_by_role("link", name="Add an authenticator app").click()
    if "/confirm/" in page.url:
        look("confirm")
        page.get_by_role("textbox", name="Password").fill(PASSWORD)
        page.get_by_role("button", name="Continue").click()
    look("app")
    page.get_by_label("Code from the app").fill(app_code(page.locator("code.key").inner_text()))
    page.get_by_role("button", name="Turn it on").click()
    look("recovery-codes")
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    page.get_by_role("link", name="I have kept them").click()


def add_passkey(page: Page, look: Callable[[str], None]) -> None:
    page.get_by_role("link", name="Add a passkey").click()
    look("passkey")
    page.get_by_label("Name").fill("Work laptop")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.locator("dl")).to_contain_text("Work laptop")
    look("protected")


def sign_out(page: Page) -> None:
    page.locator(".menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/")


def come_back(page: Page, look: Callable[[str], None], email: str) -> None:
    """Sign in by password and then passkey, and by passkey alone."""
    sign_out(page)
    look("sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    look("second-factor")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/remember/")
    look("remember")
    page.get_by_role("button", name="Not this device").click()
    page.wait_for_url(HOME)
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(HOME)
    page.goto(urljoin(page.url, "/account/sessions/"))
    look("sessions")
    expect(page.locator(".keys li")).to_have_count(1)
