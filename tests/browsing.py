"""The site in a real Chromium: a served site, one browser, and windows that note complaints."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from connector_site.installing import find_browser

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
# The browser tells of each break of the Content-Security-Policy here, as it would to a server.
_TELL_REPORTS = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP report: ${event.violatedDirective} ${event.blockedURI}`))"""


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:
        """Keep test output clean."""


class _Server(ThreadedWSGIServer):
    """Waits for its threads at the end, so that none keeps a connection to the database."""

    daemon_threads = False


@pytest.fixture(scope="module")
def server(engines: Any) -> Iterator[str]:
    """The site, served to the browser by threads of this process."""
    httpd = _Server(("127.0.0.1", 0), _QuietHandler)
    httpd.set_app(get_wsgi_application())
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()
    thread.join(5)


@pytest.fixture(scope="module")
def browser(server: str) -> Iterator[Browser]:
    """One Chromium for all tests of a file."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # The browser's driver keeps an event loop in this thread, beside which Django's ORM
        # would refuse to work; it has a connection of its own there.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        program = find_browser()
        assert program, "Chromium is missing: see `make test`."
        chromium = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield chromium
        chromium.close()
        connections.close_all()


class Window:
    """One window of somebody, or of nobody; it notes every complaint of the browser."""

    def __init__(
        self, browser: Browser, server: str, client: Client | None = None, **options: Any
    ) -> None:
        self.server = server
        self.context = browser.new_context(base_url=server, **options)
        self.context.add_init_script(_TELL_REPORTS)
        self.sign_in(client)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def sign_in(self, client: Client | None) -> None:
        """Give the window the session of a client, or of nobody."""
        self.context.clear_cookies()
        if client is not None:
            session = client.cookies["session"].value
            self.context.add_cookies([{"name": "session", "value": session, "url": self.server}])

    def _note(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


@pytest.fixture
def open_window(browser: Browser, server: str) -> Iterator[Callable[..., Window]]:
    """Open windows that are closed at the end, when nothing may have been complained of."""
    opened: list[Window] = []

    def open_one(client: Client | None = None, **options: Any) -> Window:
        opened.append(Window(browser, server, client, **options))
        return opened[-1]

    yield open_one
    for window in opened:
        window.context.close()
        assert window.complaints == []
