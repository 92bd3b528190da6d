"""The database check finds a fence that is missing."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from connector_site.checks import GLOBAL_TABLES, check_fences
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


def test_every_global_table_is_there_and_says_why():
    with connection.cursor() as cursor:
        names = set(connection.introspection.table_names(cursor))
    assert set(GLOBAL_TABLES) - names == set()
    assert all(len(reason.split()) >= 3 for reason in GLOBAL_TABLES.values())


# What somebody might add, how it is taken back, and what the check says of it.
PLANTED = {
    "a table that nobody thought of": (
        "CREATE TABLE planted (id bigint)",
        "DROP TABLE planted",
        ("E005", "planted has no organization and no reason in GLOBAL_TABLES."),
    ),
    "a table of organizations without a fence": (
        "CREATE TABLE planted (id bigint, organization_id bigint)",
        "DROP TABLE planted",
        ("E003", "planted has no forced row-level security."),
    ),
    "a fence without a policy": (
        "CREATE TABLE planted (organization_id bigint); "
        "ALTER TABLE planted ENABLE ROW LEVEL SECURITY; "
        "ALTER TABLE planted FORCE ROW LEVEL SECURITY",
        "DROP TABLE planted",
        ("E006", "planted has another policy than the tenant's."),
    ),
    "a second policy that opens the first": (
        "CREATE POLICY open ON integrations_run USING (true)",
        "DROP POLICY open ON integrations_run",
        ("E006", "integrations_run has another policy than the tenant's."),
    ),
    "a policy that forgives an unset tenant": (
        "ALTER POLICY tenant ON integrations_run "
        "USING (organization_id = current_setting('ml.organization', true)::bigint)",
        "ALTER POLICY tenant ON integrations_run "
        "USING (organization_id = current_setting('ml.organization')::bigint)",
        ("E006", "integrations_run has another policy than the tenant's."),
    ),
    "a view of everything": (
        "CREATE VIEW planted AS SELECT id FROM integrations_run",
        "DROP VIEW planted",
        ("E003", "planted has no forced row-level security."),
    ),
    "a copy of everything": (
        "CREATE MATERIALIZED VIEW planted AS SELECT 1 AS id",
        "DROP MATERIALIZED VIEW planted",
        ("E003", "planted has no forced row-level security."),
    ),
    "a plain foreign key": (
        "ALTER TABLE integrations_run ADD CONSTRAINT planted FOREIGN KEY (sync_id) "
        "REFERENCES integrations_sync (id) NOT VALID",
        "ALTER TABLE integrations_run DROP CONSTRAINT planted",
        ("E007", "planted of integrations_run does not carry the organization."),
    ),
    "a name that is taken for everybody": (
        "CREATE UNIQUE INDEX planted ON integrations_sync (name, id)",
        "DROP INDEX planted",
        ("E008", "planted tells one organization of another's values."),
    ),
    "a function with its owner's rights": (
        "CREATE FUNCTION planted() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
        "DROP FUNCTION planted()",
        ("E009", "The function planted runs with its owner's rights."),
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_hole_in_the_fence_is_named(name):
    statement, back, (number, words) = PLANTED[name]
    with changed(statement, back):
        assert problems() == [(f"connector_site.{number}", words)]
    assert problems() == []
