"""No file of the project holds a secret, and nothing is installed that nobody has pinned."""

import re
from pathlib import Path

import pytest

from accounts.api_keys import new_key_text, read_key_text
from connector_site.new_keys import new_encryption_key
from connector_site.places import CHECKOUT

FOLDERS = (
    "accounts", "audit", "benchmarks", "connector_site", "docs", "integrations", "simulators",
    "static", "templates", "tests",
)  # fmt: skip
SECRETS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{40}"),
    "an encryption key": re.compile(r"(?<![\w/+-])[A-Za-z0-9_-]{43}=(?!=)"),
    "a token of a code host": re.compile(r"\b(?:gh[pousr]_|github_pat_|glpat-)\w{20}"),
    "a key of a cloud": re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    "a signed token": re.compile(r"\beyJ[\w-]{15,}\.eyJ[\w-]{15,}\.[\w-]{20}"),
}
OWN_KEY = re.compile(r"mlc_\w{58}")


def secrets_in(text: str) -> list[str]:
    found = [name for name, form in SECRETS.items() if form.search(text)]
    if any(read_key_text(candidate) for candidate in OWN_KEY.findall(text)):
        found.append("an API key")
    return found


def iter_texts():
    files = [path for folder in FOLDERS for path in (CHECKOUT / folder).rglob("*")]
    for path in [*files, *CHECKOUT.iterdir()]:
        if path.is_file() and path.suffix != ".pyc":
            yield path, path.read_bytes().decode("utf-8", "ignore")


def test_no_file_holds_a_secret():
    found = {str(path): names for path, text in iter_texts() if (names := secrets_in(text))}
    assert found == {}


EXAMPLES = {
    "an API key": lambda: f"key = {new_key_text().text}",
    "an encryption key": lambda: f'"{new_encryption_key()}"',
    "a private key": lambda: "-----BEGIN EC " + "PRIVATE KEY-----\n" + "aB3/" * 16,
    "a token of a code host": lambda: "ghp_" + "a1B2" * 9,
    "a key of a cloud": lambda: "AKIA" + "A1B2" * 4,
    "a signed token": lambda: "eyJ" + "a1B2" * 5 + ".eyJ" + "a1B2" * 5 + "." + "a1B2" * 9,
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_secret_in_a_file_is_found(name):
    assert secrets_in(EXAMPLES[name]()) == [name]


def unpinned(page: str) -> list[str]:
    """The requirements of a page that are not one version with the digests of its files."""
    joined = page.replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    return [
        line
        for line in lines
        if not line.startswith(" ") and not re.match(r"[\w.\[\]-]+==\S+ .*--hash=sha256:", line)
    ]


@pytest.mark.parametrize("path", sorted(CHECKOUT.glob("requirements*.txt")), ids=lambda p: p.name)
def test_every_requirement_is_one_version_with_digests(path: Path):
    assert unpinned(path.read_text("utf-8")) == []


def test_a_requirement_without_digests_is_found():
    page = "# made by a tool\nalpha==1.0 \\\n    --hash=sha256:ab\n    # via beta\nbeta==2.0\n"
    assert unpinned(page) == ["beta==2.0"]
