"""A ping in a real browser: its steps come one by one, and a failure is named."""

import re

import pytest
from playwright.sync_api import expect

from audit.tenancy import tenant
from integrations.models import Ping, System
from integrations.qad.profile import default_profile
from integrations.services.connections import save_connection
from integrations.services.document_checks import check_where_asked
from integrations.services.pinging.carrying import carry_out
from simulators import server
from simulators.qad.app import build_app
from tests.accounts.people import make_cast
from tests.runs.small_world import write_world

pytestmark = pytest.mark.browser


@pytest.fixture
def qad(tmp_path):
    with server.start(build_app(write_world(tmp_path / "world").books)) as running:
        yield running


def connect(cast, url, password):
    profile = default_profile()
    profile["limits"]["min_gap_ms"] = 0
    return save_connection(
        organization=cast.organization, system=System.QAD, name="Head office",
        address={"tenant_url": url, "user": "demo"},
        secrets={"password": password, "client_id": "ml-connector"}, profile=profile,
    )  # fmt: skip


def work(cast, on_step=lambda: None):
    """Carry out the newest ping, as a worker would."""
    with tenant(cast.organization.pk):
        ping = Ping.objects.latest("pk")
    carry_out(cast.organization.pk, ping.pk, on_step=on_step)


def test_steps_are_seen_as_they_end_then_a_failure_and_its_text(open_window, qad):
    cast = make_cast()
    connection = connect(cast, qad.url, "demo")
    check_where_asked(cast.organization.pk, connection.pk)
    window = open_window(
        cast.client(), reduced_motion="reduce", permissions=["clipboard-read", "clipboard-write"]
    )
    page = window.page
    page.goto(cast.url(f"connections/{connection.pk}/"))
    button = page.get_by_role("button", name="Ping", exact=True)
    button.click()
    expect(page.locator(".ping .headline")).to_contain_text("Waits for a worker to take it.")
    expect(page.get_by_role("heading", name="Ping", exact=True)).to_be_focused()
    steps, taken = page.locator(".ping-step"), []

    def see_it():
        taken.append(1)
        if len(taken) == 4:
            expect(steps.nth(3)).to_contain_text("Signed in as demo")
            expect(steps.nth(4)).to_have_attribute("aria-current", "step")
            expect(page.locator("#announcer")).to_have_text("Step 5 of 8: What is offered.")

    work(cast, see_it)
    expect(page.locator(".ping .headline")).to_contain_text("All is well.")
    expect(page.locator("#announcer")).to_have_text("All is well.")
    expect(steps.nth(4)).to_contain_text("2 entities in 2 domains.")
    expect(page.locator("#ping-live[data-poll]")).to_have_count(0)

    connect(cast, qad.url, "wrong")
    button.click()
    expect(page.locator(".ping .headline")).to_contain_text("Waits for a worker to take it.")
    work(cast)
    expect(page.locator(".ping .headline")).to_contain_text("Sign-in: QAD refused the sign-in.")
    expect(steps.nth(3)).to_contain_text("What to do")
    page.get_by_role("button", name="Copy Text for your admin").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert re.search(r'failed at the step "Sign-in": QAD refused the sign-in\.', copied)
    assert "wrong" not in copied.split("All steps:")[1]
