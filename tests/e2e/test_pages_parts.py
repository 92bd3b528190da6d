"""The parts of pages in a real Chromium, with scripts and without."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from tests.accounts.people import make_person, signed_in
from tests.browsing import Window
from tests.integrations.scenes import House, make_house

pytestmark = pytest.mark.browser

COMPONENTS = "/staff/components/"
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def house(browser: Browser) -> House:
    return make_house()


@pytest.fixture
def staff_window(open_window: Callable[..., Window]) -> Callable[..., Window]:
    """Open windows of a member of the staff, on the page of components."""

    def open_one(**options) -> Window:
        person = make_person()
        person.is_staff = True
        person.save(update_fields=["is_staff"])
        window = open_window(signed_in(person), **options)
        window.page.goto(COMPONENTS)
        return window

    return open_one


@pytest.mark.parametrize("scripts", [True, False])
def test_the_menu_of_a_phone_leads_to_every_place(open_window, house, scripts):
    page = open_window(house.client(), viewport=PHONE, java_script_enabled=scripts).page
    page.goto(house.url("runs/"))
    expect(page.get_by_role("link", name="Mapping")).to_be_hidden()
    page.get_by_text("Menu", exact=True).click()
    expect(page.get_by_role("link", name="Runs", exact=True)).to_have_attribute(
        "aria-current", "page"
    )
    page.get_by_role("link", name="Mapping").click()
    expect(page.locator("h1")).to_have_text("Mapping")


def test_escape_closes_the_menu_and_gives_the_focus_back(open_window, house):
    page = open_window(house.client(), viewport=PHONE).page
    page.goto(house.url("runs/"))
    page.locator(".menu summary").press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.locator(".menu-box")).to_be_hidden()
    expect(page.locator(".menu summary")).to_be_focused()


def test_a_confirmation_opens_in_place_and_escape_leaves_it(staff_window):
    page = staff_window().page
    link = page.get_by_role("link", name="Remove Example")
    link.click()
    dialog = page.get_by_role("dialog", name="Remove Example?")
    expect(dialog.get_by_label("Type Example to go on")).to_be_focused()
    expect(page.locator("h1")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    expect(link).to_be_focused()
    assert page.url.endswith(COMPONENTS)


def test_a_confirmation_in_place_is_sent_to_its_own_page(staff_window):
    window = staff_window()
    page = window.page
    page.get_by_role("link", name="Remove Example").click()
    page.get_by_label("Type Example to go on").fill("Other")
    page.get_by_role("button", name="Remove Example").click()
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_role("link", name="This is not the name").click()
    expect(page.get_by_label("Type Example to go on")).to_be_focused()
    page.get_by_label("Type Example to go on").fill("Example")
    page.keyboard.press("Enter")
    expect(page.locator(".message").first).to_contain_text("Nothing was removed")
    page.get_by_role("button", name="Close this notice").first.click()
    expect(page.get_by_text("Nothing was removed")).to_have_count(0)
    window.complaints = [text for text in window.complaints if "status of 422" not in text]


def test_a_confirmation_is_a_page_of_its_own_without_scripts(staff_window):
    page = staff_window(java_script_enabled=False).page
    page.get_by_role("link", name="Remove Example").click()
    expect(page.locator("h1")).to_have_text("Remove Example?")
    page.get_by_label("Type Example to go on").fill("Example")
    page.get_by_role("button", name="Remove Example").click()
    expect(page.locator(".message").first).to_contain_text("Nothing was removed")


def test_a_password_is_shown_on_demand_and_hidden_before_it_is_sent(staff_window):
    page = staff_window().page
    field, button = page.locator("#sample_password"), page.locator("[data-reveals=sample_password]")
    button.click()
    expect(field).to_have_attribute("type", "text")
    expect(button).to_have_accessible_name("Hide Password")
    page.evaluate("document.addEventListener('submit', (event) => event.preventDefault())")
    page.locator("#sample_password").evaluate("field => { field.form.noValidate = true }")
    field.press("Enter")
    expect(field).to_have_attribute("type", "password")


def test_what_is_shown_once_is_copied_and_the_reader_is_told(staff_window):
    window = staff_window()
    window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = window.page
    page.get_by_role("button", name="Copy Key of Nightly load").click()
    expect(page.locator(".toast")).to_contain_text("Copied.")
    expect(page.locator("#announcer")).to_have_text("Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#sample-key-value").inner_text().strip()


def test_a_notice_of_trouble_stays_until_it_is_closed(staff_window):
    page = staff_window().page
    page.clock.install()
    page.evaluate(
        """for (const tone of ["good", "bad"]) document.dispatchEvent(
          new CustomEvent("notice", { detail: { text: `That was ${tone}.`, tone } }))"""
    )
    expect(page.locator(".toast")).to_have_count(2)
    page.clock.run_for(10_000)
    expect(page.locator(".toast [data-text]")).to_have_text(["That was bad."])
    page.locator(".toast").get_by_role("button", name="Close this notice").click()
    expect(page.locator(".toast")).to_have_count(0)


def test_nothing_needs_scripts_to_be_read(staff_window):
    page = staff_window(java_script_enabled=False).page
    expect(page.locator("[data-copies], [data-reveals], [data-dismisses]").first).to_be_hidden()
    expect(page.locator("#sample-key-value")).to_be_visible()


def test_a_print_leaves_out_what_cannot_be_pressed_on_paper(open_window, house):
    page = open_window(house.client()).page
    page.goto(house.url("runs/"))
    page.emulate_media(media="print")
    expect(page.locator(".bar nav").first).to_be_hidden()
    expect(page.get_by_role("button", name="Start run")).to_be_hidden()
    expect(page.locator("h1")).to_be_visible()


def test_forced_colours_keep_the_current_place_apart(open_window, house):
    page = open_window(house.client(), forced_colors="active").page
    page.goto(house.url("runs/"))
    lines = {
        word: page.get_by_role("link", name=word, exact=True).evaluate(
            "link => getComputedStyle(link).borderBottomColor"
        )
        for word in ("Runs", "Mapping")
    }
    assert lines["Runs"] != lines["Mapping"]
