"""Brings embedded databases up to the code's migrations, and clones them for tests."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from connector_site.locks import Lock
from connector_site.places import (
    CHECKOUT,
    DATABASE,
    OWNER_ROLE,
    Engines,
    Place,
    place_secrets,
    write_private,
)
from connector_site.processes import CannotStart

_CLONE = "clone"


def migrate(environment: Mapping[str, str]) -> None:
    """Runs `manage.py migrate` as the owner; raises CannotStart when it fails."""
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--no-input"]
    chosen = {"DATABASE_ROLE": "owner", "DJANGO_SETTINGS_MODULE": "connector_site.settings"}
    result = subprocess.run(command, cwd=CHECKOUT, env={**environment, **chosen}, check=False)
    if result.returncode != 0:
        raise CannotStart("The database could not be migrated; the reason stands above.")


def migrate_place(place: Place, engines: Engines, environment: Mapping[str, str]) -> None:
    """Migrates the place's database, unless no migration changed since the last time.

    In a disposable place nothing is kept: its database is then a fresh clone of the template.
    """
    with _schema_lock(place):
        stamp = place.folder / "migrated"
        digest = migrations_digest()
        if stamp.exists() and stamp.read_text(encoding="ascii") == digest:
            return
        if place.is_disposable:
            _make_fresh(place, engines, environment)
        else:
            migrate(environment)
        write_private(stamp, digest)


def make_fresh(place: Place, engines: Engines, environment: Mapping[str, str]) -> None:
    """Replaces the database of a disposable place by a migrated, empty one."""
    with _schema_lock(place):
        _make_fresh(place, engines, environment)
        write_private(place.folder / "migrated", migrations_digest())


def _make_fresh(place: Place, engines: Engines, environment: Mapping[str, str]) -> None:
    template = _template(place, engines, environment, migrations_digest())
    with _owner_connection(place, engines) as connection:
        _drop(connection, DATABASE)
        _copy(connection, DATABASE, template)


@contextmanager
def _schema_lock(place: Place) -> Iterator[None]:
    lock = Lock(place.folder / "schema.lock")
    lock.take()
    try:
        yield
    finally:
        lock.release()


def clone_database(place: Place, engines: Engines, environment: Mapping[str, str]) -> str:
    """Makes a fresh migrated database for this process and returns its name.

    Clones of processes that are gone are dropped on the way.
    """
    name = f"{_CLONE}_{os.getpid()}"
    with _schema_lock(place):
        template = _template(place, engines, environment, migrations_digest())
        with _owner_connection(place, engines) as connection:
            for found in _databases(connection, f"{_CLONE}\\_%"):
                if found == name or not psutil.pid_exists(int(found.rpartition("_")[2])):
                    _drop(connection, found)
            _copy(connection, name, template)
    return name


def drop_clone(place: Place, engines: Engines, name: str) -> None:
    """Drops a clone, even while somebody is still connected to it."""
    with _owner_connection(place, engines) as connection:
        _drop(connection, name)


def migrations_digest() -> str:
    """Changes whenever a migration, or the code that migrations call, changes."""
    digest = hashlib.sha256()
    for path in sorted(_migration_files()):
        digest.update(str(path.relative_to(CHECKOUT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _migration_files() -> list[Path]:
    apps = ("accounts", "audit", "integrations")
    files = [path for app in apps for path in (CHECKOUT / app).glob("migrations/*.py")]
    # Django's own apps bring migrations too, by the version that is pinned.
    return [*files, CHECKOUT / "audit" / "rowsecurity.py", CHECKOUT / "requirements.txt"]


def _template(place: Place, engines: Engines, environment: Mapping[str, str], digest: str) -> str:
    """The name of a migrated database that nobody ever signs in to; the caller holds the lock."""
    name = f"template_{digest[:16]}"
    unfinished = f"{name}_new"
    with _owner_connection(place, engines) as connection:
        existing = _databases(connection, "template\\_%")
        if name in existing:
            return name
        for old in existing:
            _drop(connection, old)
        _copy(connection, unfinished, "template1")
        url = engines.database_url(OWNER_ROLE, place_secrets(place)["owner"], unfinished)
        migrate({**environment, "DATABASE_OWNER_URL": url})
        statement = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        connection.execute(statement.format(sql.Identifier(unfinished), sql.Identifier(name)))
    return name


def _owner_connection(place: Place, engines: Engines) -> psycopg.Connection:
    url = engines.database_url(OWNER_ROLE, place_secrets(place)["owner"], "postgres")
    return psycopg.connect(url, autocommit=True, connect_timeout=5)


def _databases(connection: psycopg.Connection, pattern: str) -> list[str]:
    query = "SELECT datname FROM pg_database WHERE datname LIKE %s AND NOT datistemplate"
    return [row[0] for row in connection.execute(query, [pattern])]


def _drop(connection: psycopg.Connection, name: str) -> None:
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    connection.execute(statement.format(sql.Identifier(name)))


def _copy(connection: psycopg.Connection, name: str, template: str) -> None:
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
