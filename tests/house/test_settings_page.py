"""The page of settings gives the defaults and limits that the code has."""

import re

from connector_site.places import CHECKOUT

PAGE = (CHECKOUT / "docs" / "settings.md").read_text("utf-8")
SETTINGS = (CHECKOUT / "connector_site" / "settings.py").read_text("utf-8")
_INTEGER = re.compile(r'integer\(\s*"(\w+)", default=([\d_]+), low=([\d_]+), high=([\d_]+)')
_FLAG = re.compile(r'flag\("(\w+)", default=(True|False)\)')


def row_of(name: str, page: str = PAGE) -> list[str]:
    """The cells of a setting's row."""
    found = re.search(rf"^\| `{name}` \|(.*)\|$", page, re.MULTILINE)
    return [cell.strip() for cell in found[1].split("|")] if found else []


def test_numbers_have_their_default_and_limits():
    numbers = [(name, *map(int, values)) for name, *values in _INTEGER.findall(SETTINGS)]
    assert len(numbers) >= 6
    for name, default, low, high in numbers:
        assert row_of(name)[:2] == [f"`{default}`", f"{low:,} to {high:,}"], name


def test_flags_have_their_default():
    flags = _FLAG.findall(SETTINGS)
    assert len(flags) >= 2
    for name, default in flags:
        assert row_of(name)[:2] == [f"`{int(default == 'True')}`", "`0` `1`"], name


def test_a_setting_without_a_row_has_no_cells():
    assert row_of("NOT_THERE") == []
    assert row_of("A", "| `A` | `1` | more |") == ["`1`", "more"]
