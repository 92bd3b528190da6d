"""A person makes an organization, lets a colleague in and out, and nearly closes it."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect

from tests.accounts.people import make_person, signed_in
from tests.browsing import Window
from tests.names import unique

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery staple"
WIDE = {"viewport": {"width": 1280, "height": 900}}
ZONE = "Asia/Tokyo"


@pytest.fixture
def look(tmp_path: Path) -> Callable[[Page, str], None]:
    """Take a picture, wide and narrow, into the folder that the environment names."""
    folder = Path(os.environ.get("SCREENSHOTS") or tmp_path)

    def take(page: Page, name: str) -> None:
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=folder / f"organization-{name}-{width}.png", full_page=True)

    return take


@pytest.fixture
def owner(open_window: Callable[..., Window]) -> Page:
    return open_window(signed_in(make_person()), timezone_id=ZONE, **WIDE).page


@pytest.fixture
def colleague(open_window: Callable[..., Window]) -> Page:
    """The window of somebody who is not signed in and has no account."""
    return open_window(**WIDE).page


@pytest.fixture(autouse=True)
def _mails(settings: Any, server: str) -> None:
    """Mail is kept where a page shows it, and its links lead to the served site."""
    settings.EMAIL_BACKEND = "accounts.mailbox.MailboxBackend"
    settings.PUBLIC_ORIGIN = server


def newest_mail(page: Page, email: str) -> str:
    """Return the text of the newest mail to an address, read in a second tab."""
    tab = page.context.new_page()
    tab.goto(urljoin(page.url, "/demo/mail/"))
    text = tab.locator("article", has_text=email).first.inner_text()
    tab.close()
    return text


def test_a_colleague_comes_and_goes_and_the_organization_stays(owner, colleague, look):
    home = found(owner, look)
    email = f"{unique('mia')}@example.com"
    invite(owner, home, email, look)
    join(owner, colleague, email, look)
    change(owner, home, email, look)
    colleague.goto(urljoin(home, "mapping/import/"))
    expect(colleague.get_by_role("button", name="Compare with the mapping")).to_be_visible()
    remove(owner, home, email, look)
    colleague.reload()
    expect(colleague).to_have_url(re.compile("/sign-in/"))
    close(owner, home, look)
    keep(owner, home, look)


def found(page: Page, look: Callable[[Page, str], None]) -> str:
    """Make an organization; the zone is the browser's own. Return its first address."""
    page.goto("/organizations/new/")
    expect(page.get_by_label("Time zone")).to_have_value(ZONE)
    page.get_by_label("Name of the organization").fill("Adventure Works")
    page.get_by_label("Base currency").select_option("EUR")
    look(page, "new")
    page.get_by_role("button", name="Create organization").click()
    expect(page.get_by_role("heading", name="First steps")).to_be_visible()
    look(page, "first-steps")
    return page.url.removesuffix("start/")


def invite(page: Page, home: str, email: str, look: Callable[[Page, str], None]) -> None:
    page.goto(urljoin(home, "members/"))
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Role").select_option("viewer")
    page.get_by_role("button", name="Send invitation").click()
    expect(page.get_by_text(f"{email} is invited.")).to_be_visible()
    look(page, "invited")


def join(owner: Page, page: Page, email: str, look: Callable[[Page, str], None]) -> None:
    """Open the link of the mail, make an account by it, and take the invitation up."""
    link = re.search(r"http\S+/invitations/\S+", newest_mail(owner, email))
    assert link
    page.goto(link[0])
    look(page, "invitation")
    page.get_by_role("link", name="Make an account").click()
    expect(page.get_by_label("Work e-mail")).to_have_value(email)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    code = re.search(
        r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$", newest_mail(page, email), re.MULTILINE
    )
    assert code
    page.get_by_label("Code").fill(code[1])
    page.get_by_role("button", name="Continue").click()
    look(page, "invitation-signed-in")
    page.get_by_role("button", name="Join Adventure Works").click()
    expect(page.get_by_text("Welcome to Adventure Works.")).to_be_visible()


def row_of(page: Page, home: str, email: str) -> Any:
    page.goto(urljoin(home, "members/"))
    return page.get_by_role("row").filter(has_text=email)


def change(page: Page, home: str, email: str, look: Callable[[Page, str], None]) -> None:
    look(page, "members")
    row_of(page, home, email).get_by_role("link", name="Change").click()
    page.get_by_label("Role", exact=True).select_option("operator")
    look(page, "member")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(f"{email}: operator.")).to_be_visible()


def remove(page: Page, home: str, email: str, look: Callable[[Page, str], None]) -> None:
    """Ask in a dialog, by keyboard alone."""
    row_of(page, home, email).get_by_role("link", name="Remove").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("so their sessions end as well")
    look(page, "remove")
    dialog.get_by_role("button", name=f"Remove {email}").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"{email} was removed from Adventure Works.")).to_be_visible()


def close(page: Page, home: str, look: Callable[[Page, str], None]) -> None:
    page.goto(urljoin(home, "settings/"))
    page.get_by_role("link", name="Close Adventure Works").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Type the name to confirm").fill("Adventure Works")
    look(page, "close")
    dialog.get_by_role("button", name="Close Adventure Works").click()
    expect(page.get_by_text("Adventure Works closes in seven days.")).to_be_visible()
    page.goto(urljoin(home, "runs/"))
    expect(page.get_by_text("Until then everything can be read")).to_be_visible()
    look(page, "closing")


def keep(page: Page, home: str, look: Callable[[Page, str], None]) -> None:
    page.get_by_role("button", name="Keep Adventure Works").click()
    expect(page.get_by_text("Adventure Works stays open.")).to_be_visible()
    page.goto(urljoin(home, "runs/"))
    expect(page.get_by_text("Until then everything can be read")).to_have_count(0)
    look(page, "kept")
