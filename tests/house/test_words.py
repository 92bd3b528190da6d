"""The words of the house: one word for one thing, in code, on pages and in docs."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector_site.places import CHECKOUT
from tests.house.sources import PACKAGES, iter_python, name_of

# Names of modules that say nothing.
EMPTY_NAMES = ("utils", "util", "helpers", "helper", "common", "misc")
# Words elsewhere used for what has a name of its own here.
OTHER_WORDS = {
    r"\b[Ss]ync jobs?\b": "run",
    r"\b[Aa]udit log\b": "audit trail",
    r"\b[Ll]og entr(y|ies)\b": "event",
    r"\b[Tt]enant accounts?\b": "organization",
}
# Comments speak of the code as it is, not of who wrote it or how it was.
_COMMENT = re.compile(r"#\s(.*)$")
_TELLING = re.compile(r"\b(we|our|us|previously|no longer|used to|TODO|FIXME|XXX)\b")


def empty_names(paths: list[Path]) -> list[str]:
    return [
        name_of(path)
        for path in paths
        if path.stem in EMPTY_NAMES or path.parent.name in EMPTY_NAMES
    ]


def telling_comments(source: str) -> Iterator[str]:
    for line in source.splitlines():
        comment = _COMMENT.search(line)
        if comment and '"' not in line and _TELLING.search(comment[1]):
            yield comment[1]


def test_every_module_has_a_name_that_says_something():
    assert empty_names(list(iter_python(*PACKAGES, "tests"))) == []
    assert empty_names([CHECKOUT / "audit" / "utils.py", CHECKOUT / "audit" / "trail.py"]) == [
        "audit/utils.py"
    ]


def test_comments_tell_no_stories():
    found = {
        name_of(path): comments
        for path in iter_python(*PACKAGES)
        if (comments := list(telling_comments(path.read_text("utf-8"))))
    }
    assert found == {}


@pytest.mark.parametrize("comment", ["# we retry here", "x = 1  # TODO later", "# no longer used"])
def test_a_story_in_a_comment_is_found(comment: str):
    assert list(telling_comments(comment))


def test_pages_and_docs_use_the_words_of_the_house():
    texts = [*(CHECKOUT / "templates").rglob("*.html"), *(CHECKOUT / "docs").rglob("*.md")]
    assert [found for path in texts for found in other_words(path.read_text("utf-8"))] == []
    assert other_words("See the audit log.") == ["audit trail"]


def other_words(text: str) -> list[str]:
    return [word for pattern, word in OTHER_WORDS.items() if re.search(pattern, text)]
