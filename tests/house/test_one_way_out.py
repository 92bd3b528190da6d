"""Customers' addresses are called by the egress session alone; nothing else opens connections."""

import ast
from collections.abc import Iterator

from tests.house.sources import iter_python, name_of

_OPENERS = ("requests", "urllib.request", "urllib3", "http.client", "httpx", "aiohttp", "socket")
# The guard itself, and types of errors that it names.
_GUARD = "integrations/transport/"
# One probe per process of this installation's own machine, and the supervisor's own ports.
_OWN_MACHINE = ("connector_site/",)


def openers(source: str) -> Iterator[str]:
    """The modules that open connections, as far as the source imports them."""
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            if any(name == opener or name.startswith(f"{opener}.") for opener in _OPENERS):
                yield name


def test_nothing_else_opens_a_connection():
    found = {
        name_of(path): names
        for path in iter_python("accounts", "audit", "integrations", "connector_site")
        if (names := list(openers(path.read_text("utf-8"))))
        and not name_of(path).startswith((_GUARD, *_OWN_MACHINE))
    }
    assert found == {}


def test_an_import_that_opens_connections_is_found():
    assert list(openers("import requests")) == ["requests"]
    assert list(openers("from urllib import request")) == ["urllib.request"]
    assert list(openers("from urllib.parse import quote")) == []
