"""A start with missing or wrong settings names all of them."""

from django.db import connection


def test_tests_sign_in_as_the_runtime_role():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")
        role, database = cursor.fetchone()
    assert role == "connector_app"
    assert database.startswith("clone_")
