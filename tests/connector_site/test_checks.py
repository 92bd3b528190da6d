"""The database check finds a fence that is missing."""

from collections.abc import Iterator
from contextlib import contextmanager

from connector_site.checks import check_fences
from tests.owner import as_owner


@contextmanager
def changed(statement: str, back: str) -> Iterator[None]:
    as_owner(statement)
    try:
        yield
    finally:
        as_owner(back)


def problems() -> list[tuple[str | None, str]]:
    return [(problem.id, problem.msg) for problem in check_fences(databases=["default"])]


def test_the_migrated_database_is_fenced():
    assert problems() == []


def test_a_table_without_its_fence_is_named():
    with changed(
        "ALTER TABLE integrations_run NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE integrations_run FORCE ROW LEVEL SECURITY",
    ):
        assert problems() == [
            ("connector_site.E003", "integrations_run has no forced row-level security.")
        ]


def test_a_runtime_role_that_may_empty_a_table_is_named():
    with changed(
        "GRANT TRUNCATE ON integrations_run TO connector_app",
        "REVOKE TRUNCATE ON integrations_run FROM connector_app",
    ):
        assert problems() == [
            ("connector_site.E004", "The role connector_app owns or may empty integrations_run.")
        ]


def test_nothing_is_asked_without_a_database():
    assert check_fences() == []


def test_a_view_that_looks_past_the_fences_is_named():
    with changed(
        "ALTER VIEW integrations_tieoutline SET (security_invoker = false)",
        "ALTER VIEW integrations_tieoutline SET (security_invoker = true)",
    ):
        assert problems() == [
            ("connector_site.E003", "integrations_tieoutline has no forced row-level security.")
        ]
