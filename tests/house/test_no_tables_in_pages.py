"""Pages, endpoints, forms and tasks ask selectors and services, never a table themselves."""

import ast
from collections.abc import Iterator

import pytest

from tests.house.sources import iter_python, name_of

DOORS = (
    "accounts/views",
    "accounts/authentication.py",
    "accounts/forms.py",
    "integrations/api",
    "integrations/forms",
    "integrations/tasks.py",
    "integrations/views",
)
_MANAGERS = ("objects", "_default_manager", "_base_manager")


def tables_asked_in(source: str) -> Iterator[int]:
    """The lines on which a model's rows are asked for, or a cursor is opened."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in (*_MANAGERS, "cursor"):
            yield node.lineno


@pytest.mark.parametrize("door", DOORS)
def test_no_door_asks_a_table(door: str):
    files = [path for path in iter_python("accounts", "integrations") if is_behind(path, door)]
    assert files
    found = {
        name_of(path): lines
        for path in files
        if (lines := list(tables_asked_in(path.read_text("utf-8"))))
    }
    assert found == {}


def is_behind(path, door: str) -> bool:
    name = name_of(path)
    return name == door or name.startswith(f"{door}/")


def test_a_table_that_is_asked_is_found():
    assert list(tables_asked_in("x = 1\nRun.objects.get(pk=1)")) == [2]
    assert list(tables_asked_in("with connection.cursor() as cursor: pass")) == [1]
