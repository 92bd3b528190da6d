"""What the type checker is told to look past has its reason beside it."""

import re
from collections.abc import Iterator

from tests.house.sources import PACKAGES, iter_python, name_of

_PASSED = re.compile(r"# type: ignore(\[[\w, -]+\])?")


def without_reason(source: str) -> Iterator[int]:
    """Yield the numbers of lines that look past a check and do not say why."""
    lines = ["", *source.splitlines()]
    for number, line in enumerate(lines):
        found = _PASSED.search(line)
        is_above = number and lines[number - 1].strip().startswith("# ")
        if found and not is_above and not line[found.end() :].strip():
            yield number


def test_each_place_that_types_do_not_reach_says_why():
    found = {
        name_of(path): lines
        for path in iter_python(*PACKAGES)
        if (lines := list(without_reason(path.read_text("utf-8"))))
    }
    assert found == {}


def test_a_place_without_a_reason_is_found():
    passed = "# type" + ": ignore[misc]"
    assert list(without_reason(f"a = 1  {passed}\n")) == [1]
    assert list(without_reason(f"# The library has no types.\na = 1  {passed}\n")) == []
