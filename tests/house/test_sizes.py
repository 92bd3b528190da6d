"""Files and functions stay small enough to read in one go."""

import ast
from collections.abc import Iterator
from pathlib import Path

from connector_site.places import CHECKOUT
from tests.house.sources import PACKAGES, iter_python, name_of

LONGEST_FILE = 400
LONGEST_FUNCTION = 50
LONGEST_TEMPLATE = 200


def long_parts(source: str) -> Iterator[str]:
    lines = len(source.splitlines())
    if lines > LONGEST_FILE:
        yield f"the file has {lines} lines"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{node.name} has {length} lines"


def test_no_file_or_function_is_too_long():
    found = {
        name_of(path): parts
        for path in iter_python(*PACKAGES, "tests")
        if (parts := list(long_parts(path.read_text("utf-8"))))
    }
    assert found == {}


def test_a_long_file_and_a_long_function_are_found():
    body = "\n".join("    pass" for _ in range(LONGEST_FUNCTION))
    assert list(long_parts(f"def much():\n{body}\n")) == ["much has 51 lines"]
    assert list(long_parts("\n" * 401)) == ["the file has 401 lines"]
    assert list(long_parts("\n" * 400)) == []


def is_long_template(path: Path) -> bool:
    return len(path.read_text("utf-8").splitlines()) > LONGEST_TEMPLATE


def test_no_template_is_too_long(tmp_path: Path):
    assert [
        path for path in (CHECKOUT / "templates").rglob("*.html") if is_long_template(path)
    ] == []
    example = tmp_path / "long.html"
    example.write_text("<p>\n" * 201)
    assert is_long_template(example)
