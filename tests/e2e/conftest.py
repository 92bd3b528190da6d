"""A browser for the tests of these pages that need one."""

from tests.browsing import browser, open_window, server

__all__ = ["browser", "open_window", "server"]
