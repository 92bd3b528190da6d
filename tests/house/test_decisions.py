"""The pages of decisions, commands and attacks speak of what is there."""

import re
from pathlib import Path
from typing import Any

from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand

from connector_site.places import CHECKOUT
from tests.house.routes import all_addresses

DECISIONS = sorted((CHECKOUT / "docs" / "adr").glob("*.md"))
COMMANDS = (CHECKOUT / "docs" / "commands.md").read_text("utf-8")
PAGES = (CHECKOUT / "docs" / "pages.md").read_text("utf-8")
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def read_test_names(text: str) -> list[tuple[str, str]]:
    return _NAMED.findall(text)


def missing_tests(named: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [
        (path, name)
        for path, name in named
        if not (file := CHECKOUT / path).exists() or f"def {name}(" not in file.read_text("utf-8")
    ]


def test_every_decision_is_short_listed_and_held_by_tests_that_exist():
    overview = (CHECKOUT / "docs" / "README.md").read_text("utf-8")
    assert len(DECISIONS) >= 12
    for page in DECISIONS:
        text = page.read_text("utf-8")
        assert f"(adr/{page.name})" in overview
        assert len(text.split()) < 400, page.name
        assert read_test_names(text), page.name
        assert missing_tests(read_test_names(text)) == []


def test_every_attack_is_held_by_tests_that_exist():
    text = (CHECKOUT / "docs" / "security.md").read_text("utf-8")
    table = text.split("## Attacks")[1].split("\n## ")[0]
    lines = [line for line in table.splitlines() if re.match(r"\| (?!Attack \|)", line)]
    assert len(lines) >= 60
    assert [line for line in lines if not read_test_names(line)] == []
    assert missing_tests(read_test_names(text)) == []


def test_every_failure_is_held_by_tests_that_exist_or_said_to_be_open():
    text = (CHECKOUT / "docs" / "reliability.md").read_text("utf-8")
    lines = [line for line in text.splitlines() if re.match(r"\| F\d", line)]
    numbers = [int(number) for line in lines for number in re.findall(r"F(\d+)", line[:10])]
    assert sorted(numbers) == [*range(1, 23), *range(27, 45)]
    open_ones = [
        line for line in lines if line.endswith("| — | — |") or "| not applicable " in line
    ]
    assert [line for line in lines if not read_test_names(line) and line not in open_ones] == []
    assert missing_tests(read_test_names(text)) == []


def test_a_test_that_is_gone_is_found():
    named = read_test_names("- `tests/house/test_decisions.py::test_that_nobody_wrote`")
    assert missing_tests(named) == named


def options_of(name: str, app: Any) -> set[str]:
    command = app if isinstance(app, BaseCommand) else load_command_class(app, name)
    actions = command.create_parser("manage.py", name)._actions
    return {text for action in actions for text in action.option_strings if text[:2] == "--"}


def test_every_command_and_option_is_documented():
    everybodys = options_of("", BaseCommand())
    common = section("What all have in common")
    undocumented = [
        (name, option)
        for name, app in get_commands().items()
        if str(app).split(".")[0] in ("accounts", "audit", "integrations")
        for option in sorted(options_of(name, app) - everybodys | {f"## {name}"})
        if option not in section(name) and option not in common
    ]
    assert undocumented == []


def section(heading: str) -> str:
    """A section of the page of commands, its heading included; "" where there is none."""
    found = re.search(rf"^## {heading}$.*?(?=^## |\Z)", COMMANDS, re.DOTALL | re.MULTILINE)
    return found[0] if found else ""


def test_every_address_is_documented():
    """The staff admin is one line: its pages are Django's."""
    routes = [
        route
        for route in all_addresses()
        if not route.startswith("/staff/admin/") or route == "/staff/admin/"
    ]
    assert "/o/<slug>/runs/<run_id>/" in routes
    assert [route for route in routes if f"| `{route}` |" not in PAGES] == []


def test_the_story_of_the_row_is_that_of_the_books():
    """The row, its rules and its line are those of the demonstration."""
    data = CHECKOUT / "simulators" / "data" / "adventureworks"
    story = (CHECKOUT / "docs" / "row-story.md").read_text("utf-8")
    balance = "3,201012,6000,,1,,OFFICIAL,USD,22080.00,0.00"
    assert balance in lines_of(data / "books" / "gl_balances.csv")
    rules = set(re.findall(r"^\| (\w+) \| `(\w+)` \| `([^`]+)` \|$", story, re.MULTILINE))
    assert len(rules) == 5
    assert {",".join(rule) for rule in rules} <= lines_of(data / "mapping.csv")
    assert "E_3,A_6000,CC_1,Dec 10,USD,22080.00,0.00,22080.00,0" in story


def lines_of(path: Path) -> set[str]:
    return set(path.read_text("utf-8").splitlines())
