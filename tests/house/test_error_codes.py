"""Every code that the product raises is an entry of the catalogue."""

import ast
from collections.abc import Iterator

from audit.catalogue import CATALOGUE
from tests.house.sources import iter_python, name_of

_RAISED_AS = ("IntegrationError", "Refused", "SignInRefused")


def codes_raised_in(source: str) -> Iterator[str]:
    """The codes that stand as plain text in a call of an error."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args and _called(node) in _RAISED_AS:
            code = node.args[0]
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                yield code.value


def _called(call: ast.Call) -> str:
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")


def test_every_code_that_is_raised_is_in_the_catalogue():
    raised = {
        (name_of(path), code)
        for path in iter_python("accounts", "audit", "connector_site", "integrations")
        for code in codes_raised_in(path.read_text("utf-8"))
    }
    assert len(raised) > 50
    assert [(path, code) for path, code in sorted(raised) if code not in CATALOGUE] == []


def test_a_code_in_a_call_is_found():
    source = 'raise errors.IntegrationError("no_such_code", host="a") from None\nRefused(code)'
    assert list(codes_raised_in(source)) == ["no_such_code"]
