"""Brings embedded databases up to the code's migrations, and clones them for tests."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
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

    In the test place nothing is kept: its database is then a fresh clone of the template.
    """
    stamp = place.folder / "migrated"
    digest = migrations_digest()
    lock = Lock(place.folder / "migrate.lock")
    lock.take()
    try:
        if stamp.exists() and stamp.read_text(encoding="ascii") == digest:
            return
        if place.is_for_tests:
            template = _template(place, engines, environment, digest)
            with _owner_connection(place, engines) as connection:
                _drop(connection, DATABASE)
                _copy(connection, DATABASE, template)
        else:
            migrate(environment)
        write_private(stamp, digest)
    finally:
        lock.release()


def clone_database(place: Place, engines: Engines, environment: Mapping[str, str]) -> str:
    """Makes a fresh migrated database for this process and returns its name.

    Clones of processes that are gone are dropped on the way.
    """
    lock = Lock(place.folder / "migrate.lock")
    lock.take()
    try:
        template = _template(place, engines, environment, migrations_digest())
        with _owner_connection(place, engines) as connection:
            for name in _databases(connection, f"{_CLONE}\\_%"):
                if not psutil.pid_exists(int(name.rpartition("_")[2])):
                    _drop(connection, name)
            name = f"{_CLONE}_{os.getpid()}"
            _drop(connection, name)
            _copy(connection, name, template)
    finally:
        lock.release()
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
