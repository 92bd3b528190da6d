"""A new user connects QAD in a real browser, without looking anything up, and picks a workspace."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from audit.tenancy import tenant
from integrations.models import Connection
from simulators import server as stand_ins
from simulators.qad.app import build_app
from tests.accounts.people import make_cast
from tests.e2e.test_pages_look import OVERFLOW, RULES
from tests.integrations.qad.conftest import write_books

pytestmark = pytest.mark.browser
WAYS = {
    "OAuth2 with user and password": ["User", "Password", "Client id"],
    "Basic": ["User", "Password"],
    "Sign-in form with a session": ["User", "Password", "Where the form goes"],
    "A token that was pasted": ["Token"],
}
ALL_FIELDS = {label for labels in WAYS.values() for label in labels}


@pytest.fixture
def qad(tmp_path):
    with stand_ins.start(build_app(write_books(tmp_path / "books"))) as running:
        yield running


def field(page, label):
    return page.get_by_label(label, exact=True)


def look(page, name, pictures):
    """Hold what stands there now to the rules of every page, narrow and wide."""
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert (name, width, page.evaluate(OVERFLOW)) == (name, width, 0)
        # Hiding carets would leave style attributes on fields, which HTMX carries along.
        picture = pictures / f"connect-qad-{name}-{width}.png"
        page.screenshot(path=picture, full_page=True, caret="initial")
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == [], name


def test_a_new_user_connects_qad_and_picks_a_workspace(open_window, qad, tmp_path):
    cast = make_cast()
    pictures = Path(os.environ.get("SCREENSHOTS") or tmp_path)
    page = open_window(cast.client(), reduced_motion="reduce").page
    page.goto(cast.url("connections/"))
    page.get_by_role("link", name="Connect QAD").click()
    for way, labels in WAYS.items():
        page.get_by_role("radio", name=way).check()
        shown = {label for label in ALL_FIELDS if field(page, label).is_visible()}
        assert (way, shown) == (way, set(labels))
    page.get_by_role("radio", name="OAuth2").check()
    field(page, "Name").fill("QAD production")
    field(page, "User").fill("demo")
    field(page, "Password").fill("demo")
    field(page, "Tenant URL").fill(f"{qad.origin}/qad-central/login.jsp?error=1")
    field(page, "Tenant URL").press("Tab")
    expect(page.get_by_text("is the sign-in page.")).to_be_visible()
    look(page, "near-miss", pictures)
    page.get_by_role("button", name=f"Use {qad.origin}/qad-central").click()
    expect(field(page, "Tenant URL")).to_have_value(f"{qad.origin}/qad-central")
    page.get_by_role("button", name="Look there").click()
    page.get_by_role("button", name=f"Use {qad.url}").click()
    expect(field(page, "Tenant URL")).to_have_value(qad.url)
    page.get_by_role("button", name="Find it").click()
    expect(field(page, "Client id")).to_have_value("ml-connector")
    look(page, "filled-in", pictures)
    page.get_by_role("button", name="Save connection").last.click()
    expect(page.get_by_text("2 workspaces, asked")).to_be_visible()
    look(page, "workspaces", pictures)
    page.get_by_role("button", name="Choose 10USACO").click()
    expect(page.get_by_text("is the workspace of QAD production now.")).to_be_visible()
    look(page, "connected", pictures)
    with tenant(cast.organization.pk):
        row = Connection.objects.get(organization=cast.organization)
    assert (row.address, row.place["entity"]) == (
        {"tenant_url": qad.url, "user": "demo"},
        "10USACO",
    )
    assert row.profile["auth"]["client_id"] == "ml-connector"
