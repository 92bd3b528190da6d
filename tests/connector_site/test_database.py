"""Which rights the product has on its database."""

import pytest
from django.db import connection
from django.db.utils import ProgrammingError


def one_row(query: str) -> tuple[object, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        row: tuple[object, ...] = cursor.fetchone()
        return row


def test_everything_signs_in_as_the_runtime_role():
    assert one_row("SELECT current_user, session_user") == ("connector_app", "connector_app")


def test_the_runtime_role_owns_nothing_and_cannot_pass_fences():
    assert (
        one_row(
            "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication "
            "FROM pg_roles WHERE rolname = current_user"
        )
        == (False,) * 5
    )
    assert one_row(
        "SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user"
    ) == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE accounts_organization",
        "DROP TABLE accounts_organization",
        "ALTER TABLE integrations_run DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE mine (id int)",
    ],
)
def test_the_runtime_role_cannot_change_the_structure(statement: str):
    with pytest.raises(ProgrammingError), connection.cursor() as cursor:
        cursor.execute(statement)
