"""Fixtures for all tests: the database and the engines, started by their first use."""

from collections.abc import Iterator

import pytest
from django.db.backends.postgresql.base import DatabaseWrapper
from pytest_django import DjangoDbBlocker

from tests.session import session


@pytest.fixture(scope="session")
def engines() -> dict[str, str]:
    """The environment in which a process of ml-connector works on this session's database.

    For tests that start processes or talk to Redis; the database alone needs no fixture.
    """
    return session().environment


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """Takes the place of pytest-django's own: `_database_on_first_use` does the work."""


@pytest.fixture(autouse=True)
def _checks_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker checks profiles beside the tests, so that a ping would wait in vain."""
    monkeypatch.setattr("integrations.services.pinging.checked.PATIENCE", 0.05)


@pytest.fixture(scope="session", autouse=True)
def _database_on_first_use(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Lets every test use the database, and starts it for the first one that does.

    Tests sign in as the runtime role, isolate themselves by making their own organization, and
    leave their rows behind: nothing is rolled back or truncated.
    """
    find_parameters = DatabaseWrapper.get_connection_params

    def start_and_find(wrapper: DatabaseWrapper) -> dict[str, object]:
        session()
        return find_parameters(wrapper)

    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        patch.setattr(DatabaseWrapper, "get_connection_params", start_and_find)
        yield
        if session.cache_info().currsize:
            session().close()
