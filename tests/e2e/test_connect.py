"""A new user connects both systems in every way in, sees a green ping, then each failure named."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from accounts.models import Role
from audit.catalogue import CATALOGUE
from audit.tenancy import tenant
from integrations.models import Connection, Ping
from integrations.services.document_checks import check_where_asked
from integrations.services.pinging.carrying import carry_out
from integrations.services.tokens import redis_client
from simulators import server as stand_ins
from simulators.qad.app import build_app as build_qad
from tests.accounts.people import Cast, make_cast
from tests.browsing import Window
from tests.integrations.anaplan.conftest import StandIn as Anaplan
from tests.integrations.anaplan.test_certificate import (
    ANNAS,
    CERTIFICATE,
    KEY,
    OTHER,
    key_text,
    register,
)
from tests.integrations.anaplan_scene import (
    OUR_SECRET,
    OURS,
    ROBOT,
    approve,
    connect,
    start_anaplan,
)
from tests.integrations.checks.conftest import connect as connect_bench
from tests.integrations.checks.test_document_checks import ROWS
from tests.integrations.qad.conftest import StandIn as Qad
from tests.integrations.qad.conftest import write_books
from tests.names import unique
from tests.simulators.anaplan.client import ANNA

pytestmark = pytest.mark.browser

WRONG = "canary-wrong-31d0"
OTHERS, OTHERS_KEY = OTHER.pem.decode(), key_text(OTHER)
HEADLINE = ".ping .headline"


@pytest.fixture(scope="module")
def cast(browser: Any) -> Cast:
    return make_cast()


@pytest.fixture(scope="module")
def window(browser: Any, server: str, cast: Cast) -> Iterator[Window]:
    """One window for all that this user does."""
    opened = Window(browser, server, cast.client(Role.OWNER), reduced_motion="reduce")
    yield opened
    opened.context.close()


@pytest.fixture
def page(window: Window) -> Page:
    return window.page


@pytest.fixture(scope="module")
def qad(tmp_path_factory: pytest.TempPathFactory, engines: Any) -> Iterator[Qad]:
    with stand_ins.start(build_qad(write_books(tmp_path_factory.mktemp("books")))) as running:
        yield Qad(running)


@pytest.fixture(scope="module")
def anaplan(tmp_path_factory: pytest.TempPathFactory, server: str) -> Iterator[Anaplan]:
    with start_anaplan(tmp_path_factory.mktemp("anaplan"), server) as running:
        register(running.origin, ANNAS)
        yield Anaplan(running.origin)


def newest(cast: Cast) -> Connection:
    with tenant(cast.organization.pk):
        return Connection.objects.filter(organization=cast.organization).latest("pk")


def press_ping(page: Page, cast: Cast, connection: Connection) -> None:
    """Press the button and carry the ping out, as the worker for it would."""
    page.goto(cast.url(f"connections/{connection.pk}/"))
    page.get_by_role("button", name="Ping", exact=True).click()
    expect(page.locator(HEADLINE)).to_contain_text("Waits for a worker to take it.")
    with tenant(cast.organization.pk):
        ping = Ping.objects.filter(connection=connection).latest("pk")
    carry_out(cast.organization.pk, ping.pk)


def fill_password(page: Page, _origin: str) -> None:
    page.get_by_label("User", exact=True).fill("demo")
    page.get_by_label("Password", exact=True).fill("demo")


def fill_password_and_find_client(page: Page, origin: str) -> None:
    fill_password(page, origin)
    page.get_by_role("button", name="Find it").click()
    expect(page.get_by_label("Client id", exact=True)).to_have_value("ml-connector")


def fill_token(page: Page, url: str) -> None:
    """Paste a token that somebody else got."""
    form = {"client_id": "ml-connector", "grant_type": "password"}
    answer = requests.post(
        f"{url}/oauth/token", data={**form, "username": "demo", "password": "demo"}, timeout=5
    )
    page.get_by_label("Token", exact=True).fill(answer.json()["access_token"])


QAD_WAYS: dict[str, Callable[[Page, str], None]] = {
    "OAuth2 with user and password": fill_password_and_find_client,
    "Basic": fill_password,
    "Sign-in form with a session": fill_password,
    "A token that was pasted": fill_token,
}


@pytest.mark.parametrize("way", QAD_WAYS)
def test_qad_is_connected_in_every_way_and_answers_a_ping(way, page, cast, qad):
    page.goto(cast.url("connections/"))
    page.get_by_role("link", name="Connect QAD").first.click()
    page.get_by_role("radio", name=way).check()
    page.get_by_label("Name", exact=True).fill(unique("QAD"))
    page.get_by_label("Tenant URL", exact=True).fill(qad.url)
    QAD_WAYS[way](page, qad.url)
    page.get_by_role("button", name="Save connection").last.click()
    page.get_by_role("button", name="Choose 10USACO").click()
    expect(page.get_by_text("is the workspace of")).to_be_visible()
    check_where_asked(cast.organization.pk, newest(cast).pk)
    press_ping(page, cast, newest(cast))
    expect(page.locator(HEADLINE)).to_contain_text("All is well.")


def fill_basic(page: Page) -> None:
    page.get_by_label("Integration user").fill(ANNA[0])
    page.get_by_role("textbox", name="Password").fill(ANNA[1])


def fill_client_with_secret(page: Page) -> None:
    page.get_by_label("Client id").fill(OURS)
    page.get_by_role("textbox", name="Client secret").fill(OUR_SECRET)


def fill_device(page: Page) -> None:
    page.get_by_label("Client id").fill(ROBOT)


def fill_certificate(page: Page) -> None:
    page.get_by_role("textbox", name="Certificate").fill(CERTIFICATE)
    page.get_by_role("textbox", name="Private key").fill(KEY)


def nothing_more(_window: Window) -> None:
    """The sign-in needs nobody at Anaplan."""


def allow(window: Window) -> None:
    page = window.page
    page.get_by_role("link", name="Approve at Anaplan").click()
    page.get_by_label("E-mail").fill(ANNA[0])
    page.get_by_label("Password").fill(ANNA[1])
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_text("is approved.")).to_be_visible()


def allow_device(window: Window) -> None:
    """Enter the code in another tab, as on another device."""
    page = window.page
    page.get_by_role("button", name="Get a code for Anaplan").click()
    with window.context.expect_page() as opened:
        page.get_by_role("link", name="Open Anaplan").click()
    other = opened.value
    other.get_by_label("E-mail").fill(ANNA[0])
    other.get_by_label("Password").fill(ANNA[1])
    other.get_by_role("button", name="Allow").click()
    other.close()
    expect(page.get_by_text("is approved.")).to_be_visible(timeout=20_000)


ANAPLAN_WAYS: dict[str, tuple[Callable[[Page], None], Callable[[Window], None]]] = {
    "User and password": (fill_basic, nothing_more),
    "OAuth2, approved in the browser": (fill_client_with_secret, allow),
    "OAuth2, approved on another device": (fill_device, allow_device),
    "Certificate": (fill_certificate, nothing_more),
}


@pytest.mark.parametrize("way", ANAPLAN_WAYS)
def test_anaplan_is_connected_in_every_way_and_answers_a_ping(
    way, window, server, settings, cast, anaplan
):
    settings.PUBLIC_ORIGIN = server
    anaplan.settings(device_interval=1)
    fill, finish = ANAPLAN_WAYS[way]
    page = window.page
    page.goto(cast.url("connections/"))
    page.get_by_role("link", name="Connect Anaplan").first.click()
    page.get_by_role("link", name=f"Choose {way}").click()
    page.get_by_label("Name", exact=True).fill(unique("Anaplan"))
    page.get_by_label("Region").select_option("other")
    for label in ("Address of the sign-in", "Address of OAuth2", "Address of the API"):
        if not page.get_by_label(label).is_visible():
            page.locator("summary", has_text="Addresses of your own").click()
        page.get_by_label(label).fill(anaplan.origin)
    fill(page)
    page.get_by_role("button", name="Save connection").click()
    expect(page.get_by_role("heading", name="Sign-in", exact=True)).to_be_visible()
    finish(window)
    connection = newest(cast)
    page.goto(cast.url(f"connections/{connection.pk}/model/"))
    page.get_by_role("button", name="List the models").click()
    page.get_by_role("button", name="Choose FP&A in Finance").click()
    expect(page.get_by_text("is chosen.")).to_be_visible()
    press_ping(page, cast, connection)
    expect(page.locator(HEADLINE)).to_contain_text("All is well.")


# One for each answer that a QAD may give to the question for a row.
ANSWERS = (
    "FIELD_MISSING", "OK_EMPTY", "UNPROVEN_EMPTY", "UNEXPECTED_SHAPE", "NOT_LOGGED_IN", "NOT_JSON",
    "401", "403", "404 on every document", "404 on one document", "405", "500", "other host",
    "too slow",
)  # fmt: skip


def test_each_answer_of_qad_to_a_check_is_named_on_the_page(browser, server, qad):
    window = None
    for name in ANSWERS:
        faults, edit, _document, _level, code = ROWS[name]
        bench = connect_bench(qad.url, edit)
        cast, page_path = bench.cast, bench.path("checks/")
        window = window or Window(browser, server, cast.client(Role.OWNER))
        if faults:
            qad.look("faults", faults)
        check_where_asked(cast.organization.pk, bench.number)
        window.page.goto(page_path)
        title = window.page.get_by_text(CATALOGUE[code].title, exact=False).first
        expect(title, name).to_be_visible()
        expect(window.page.get_by_text(f"code {code}").first, name).to_be_visible()
        qad.look("reset", {})
    assert window
    window.context.close()


def at_sign_in(status: int, body: str = "") -> dict[str, Any]:
    return {"path": "token/authenticate", "kind": "status", "status": status, "body": body}


HEADER = '{"status":"FAILURE_BAD_HEADER","statusMessage":"Invalid header. Verify the header."}'
# The way in, its secret where it is a wrong one, what Anaplan does, and what that is called.
REFUSALS: dict[str, tuple[str, dict[str, str] | None, dict[str, Any], str]] = {
    "wrong password": ("basic", {"password": WRONG}, {}, "anaplan_sign_in_refused"),
    "passwords are switched off": (
        "basic", None, {"settings": {"basic_is_enabled": False}}, "anaplan_sign_in_refused"),
    "unreadable header": (
        "basic", None, {"fault": at_sign_in(400, HEADER)}, "anaplan_sign_in_malformed"),
    "address not on the list": (
        "basic", None, {"settings": {"allowed_addresses": "198.51.100.0/24"}},
        "anaplan_source_refused"),
    "no sign-in there": ("basic", None, {"fault": at_sign_in(404)}, "anaplan_wrong_host"),
    "token not taken": (
        "basic", None, {"fault": {"path": "2/0/", "kind": "status", "status": 401}},
        "anaplan_token_refused"),
    "out of order": ("basic", None, {"fault": at_sign_in(503)}, "anaplan_error"),
    "certificate not registered": (
        "certificate", {"certificate": OTHERS, "private_key": OTHERS_KEY}, {},
        "anaplan_certificate_refused"),
    "not approved": ("oauth_code", None, {}, "anaplan_not_approved"),
    "approval ended": ("approved", None, {"clock": {"minutes": 43_000 / 60 + 1}},
                       "anaplan_approval_ended"),
    "client removed": (
        "approved", None,
        {"fault": {"path": "oauth/token", "kind": "status", "status": 403,
                   "body": '{"error":"invalid_client","error_description":"Unknown client"}'}},
        "anaplan_client_unknown"),
}  # fmt: skip


def test_each_refusal_of_anaplans_sign_in_is_named_by_a_ping(page, cast, anaplan, server):
    for name, (way, secrets, trouble, code) in REFUSALS.items():
        wrong = {"secrets": secrets} if secrets else {}
        kind = "oauth_code" if way == "approved" else way
        connection = connect(cast.organization, anaplan.origin, kind, **wrong)
        if way == "approved":
            connection = approve(connection, server)
            redis_client().flushdb()
        for look, body in trouble.items():
            anaplan.look("faults" if look == "fault" else look,
                         [{"times": -1, **body}] if look == "fault" else body)  # fmt: skip
        press_ping(page, cast, connection)
        expect(page.locator(HEADLINE), name).to_contain_text(CATALOGUE[code].title)
        expect(page.locator(".ping-step a", has_text=code), name).to_be_visible()
        assert WRONG not in page.content()
        anaplan.look("faults", method="DELETE")
        anaplan.settings(basic_is_enabled=True, allowed_addresses="")


def test_a_person_who_says_no_at_anaplan_is_told_so(page, cast, anaplan, settings, server):
    settings.PUBLIC_ORIGIN = server
    connection = connect(cast.organization, anaplan.origin, "oauth_code")
    page.goto(cast.url(f"connections/{connection.pk}/"))
    page.get_by_role("link", name="Approve at Anaplan").click()
    page.get_by_label("E-mail").fill(ANNA[0])
    page.get_by_label("Password").fill(ANNA[1])
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_text(CATALOGUE["anaplan_access_denied"].fix)).to_be_visible()
    expect(page.get_by_text("Not approved yet")).to_be_visible()
