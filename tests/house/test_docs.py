"""The docs know every setting and every error."""

import re

from audit.catalogue import CATALOGUE
from connector_site.error_reference import PATH, error_reference
from connector_site.places import CHECKOUT
from tests.house.sources import iter_python

SETTINGS_PAGE = CHECKOUT / "docs" / "settings.md"
# What the machine gives, rather than what people set.
NOT_OURS = {"DJANGO_SETTINGS_MODULE", "PATH"}
_READ = re.compile(
    r"(?:_env\.(?:text|secret|flag|integer|choice)|environ(?:\.get|\.setdefault)?[\[(])"
    r"\(?\s*\"([A-Z_]+)\""
)


def settings_read_by(source: str) -> set[str]:
    return set(_READ.findall(source)) - NOT_OURS


def undocumented(names: set[str], page: str) -> set[str]:
    return {name for name in names if f"| `{name}` |" not in page}


def test_every_setting_is_documented():
    page = SETTINGS_PAGE.read_text("utf-8")
    names = {"DATABASE_URL", "DATABASE_OWNER_URL"}
    for path in iter_python("accounts", "audit", "connector_site", "integrations"):
        names |= settings_read_by(path.read_text("utf-8"))
    assert "SECRET_KEY" in names
    assert undocumented(names, page) == set()


def test_no_setting_is_documented_that_nobody_reads():
    sources = "".join(
        path.read_text("utf-8") for path in iter_python("connector_site", "integrations")
    )
    named = re.findall(r"^\| `([A-Z_]+)` \|", SETTINGS_PAGE.read_text("utf-8"), re.MULTILINE)
    assert [name for name in named if f'"{name}"' not in sources] == []


def test_an_undocumented_setting_is_found():
    names = settings_read_by('_env.flag("NEW_SWITCH", default=False); os.environ["OTHER"]')
    assert names == {"NEW_SWITCH", "OTHER"}
    assert undocumented(names, "| `OTHER` | 1 |") == {"NEW_SWITCH"}


def test_the_error_page_is_the_catalogue():
    """`python -m connector_site.error_reference` writes it again."""
    assert PATH.read_text("utf-8") == error_reference()
    assert all(f"### `{code}`" in error_reference() for code in CATALOGUE)


def test_every_link_between_docs_leads_somewhere():
    dead = [
        (page.name, target)
        for page in [*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")]
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]
    assert dead == []
