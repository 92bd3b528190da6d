"""The container file is valid, and its commands start with its own variables."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psycopg
import pytest
import yaml
from psycopg import sql

from connector_site.clusters import POSTGRES_PROGRAMS, superuser_connection
from connector_site.embedded import free_port
from connector_site.new_keys import new_encryption_key, new_secret_key
from connector_site.places import CHECKOUT
from tests.session import session

COMPOSE = CHECKOUT / "docker-compose.yml"
OURS = ("web", "worker", "quick", "beat", "migrate", "qad", "anaplan")
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


@cache
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
    return found


def interpolated(text: str, variables: dict[str, str]) -> str:
    """Compose's own rule: a value, a default after `:-`, a refusal after `:?`."""

    def value(match: re.Match[str]) -> str:
        name, kind, rest = match.groups()
        if variables.get(name):
            return variables[name]
        if kind == "?":
            raise LookupError(f"{name} {rest}")
        return rest or ""

    return _VARIABLE.sub(value, text)


@pytest.fixture(scope="module")
def variables() -> dict[str, str]:
    """A filled-in .env for a trial on one machine."""
    return {
        "MODE": "demo",
        "SECRET_KEY": new_secret_key(),
        "ENCRYPTION_KEYS": new_encryption_key(),
        "PUBLIC_ORIGIN": "http://127.0.0.1:8000",
        "ALLOW_LOOPBACK_ADDRESSES": "1",
        "LOG_LEVEL": "DEBUG",
        **{
            name: name.replace("_", "").lower()
            for name in re.findall(r"\w+_PASSWORD", COMPOSE.read_text("utf-8"))
        },
    }


@pytest.fixture(scope="module")
def database(variables: dict[str, str]) -> Iterator[str]:
    """A database made by the file that compose gives to PostgreSQL, under other names."""
    current = session()
    names = {name: f"{name}_compose" for name in ("connector_owner", "connector_app")}
    script = (CHECKOUT / "connector_site" / "roles.sql").read_text("utf-8")
    for name, other in names.items():
        script = script.replace(name, other)
    script = script.replace("DATABASE connector ", "DATABASE connector_compose ")
    with superuser_connection(current.place, current.engines.postgres_port) as connection:
        _drop(connection, names.values())
        info = connection.info
        subprocess.run(
            [POSTGRES_PROGRAMS / "psql", "-v", "ON_ERROR_STOP=1", "postgres"],
            input=script,
            text=True,
            check=True,
            capture_output=True,
            env={
                **variables,
                "PGHOST": "127.0.0.1",
                "PGPORT": str(info.port),
                "PGUSER": info.user,
                "PGPASSWORD": info.password,
            },
        )
        yield "connector_compose"
        _drop(connection, names.values())


def _drop(connection: psycopg.Connection, roles: Any) -> None:
    connection.execute("DROP DATABASE IF EXISTS connector_compose WITH (FORCE)")
    for role in roles:
        connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


def environment_of(name: str, variables: dict[str, str], port: int) -> dict[str, str]:
    """The service's own environment, with compose's hosts mapped to this machine."""
    current = session()
    redis = current.environment["REDIS_URL"]
    settings = {
        key: interpolated(str(value), variables)
        for key, value in services()[name].get("environment", {}).items()
    }
    for key in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        if key in settings:
            settings[key] = (
                settings[key]
                .replace(
                    "postgres:5432/connector",
                    f"127.0.0.1:{current.engines.postgres_port}/connector_compose",
                )
                .replace("connector_owner:", "connector_owner_compose:")
                .replace("connector_app:", "connector_app_compose:")
            )
    if "REDIS_URL" in settings:
        assert re.fullmatch(r"redis://:\w+@redis:6379/0", settings["REDIS_URL"])
        settings["REDIS_URL"] = redis
        settings["DATABASE_RUNTIME_ROLE"] = "connector_app_compose"
    return {
        **settings,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "BIND": f"127.0.0.1:{port}",
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def started(name: str, variables: dict[str, str], log: Path, port: int = 0) -> Iterator[None]:
    command = services()[name]["command"]
    command = [str(port) if word in ("8101", "8102") else word for word in command]
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env=environment_of(name, variables, port),
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)


def wait_for(words: str, log: Path) -> None:
    deadline = time.monotonic() + 60
    while words not in log.read_text("utf-8", errors="replace"):
        assert time.monotonic() < deadline, log.read_text("utf-8", errors="replace")
        time.sleep(0.1)


def test_the_file_follows_the_compose_specification():
    done = subprocess.run(
        [
            Path(sys.executable).with_name("check-jsonschema"),
            *("--builtin-schema", "vendor.compose-spec", COMPOSE),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_all_services_are_there_and_only_the_stand_ins_are_optional():
    assert set(services()) == {*OURS, "postgres", "redis"}
    profiles = {name: service.get("profiles") for name, service in services().items()}
    assert {name for name, found in profiles.items() if found} == {"qad", "anaplan"}


def test_redis_keeps_a_file_and_drops_nothing():
    command = " ".join(services()["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_only_the_migration_holds_the_owner_of_the_database():
    holders = [
        name for name in OURS if "DATABASE_OWNER_URL" in services()[name].get("environment", {})
    ]
    assert holders == ["migrate"]


def test_a_missing_variable_is_refused_by_name(variables: dict[str, str]):
    with pytest.raises(LookupError, match="SECRET_KEY is made by"):
        interpolated(services()["web"]["environment"]["SECRET_KEY"], {})


def test_the_example_names_every_variable_that_has_no_default():
    needed = set(re.findall(r"\$\{(\w+):\?", COMPOSE.read_text("utf-8")))
    example = (CHECKOUT / ".env.example").read_text("utf-8")
    assert needed <= set(re.findall(r"^(\w+)=", example, re.MULTILINE))


def test_the_services_start_with_their_own_variables(
    variables: dict[str, str], database: str, tmp_path: Path
):
    migrated = subprocess.run(
        services()["migrate"]["command"],
        cwd=CHECKOUT,
        env=environment_of("migrate", variables, 0),
        check=False,
        capture_output=True,
        text=True,
    )
    assert migrated.returncode == 0, migrated.stderr
    port = free_port()
    logs = {name: tmp_path / name for name in ("web", "worker", "quick", "beat")}
    with (
        started("web", variables, logs["web"], port),
        started("worker", variables, logs["worker"]),
        started("quick", variables, logs["quick"]),
        started("beat", variables, logs["beat"]),
    ):
        wait_for("Booting worker", logs["web"])
        with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
            assert json.load(answer) == {"status": "ready", "database": "ok", "redis": "ok"}
        wait_for("ready.", logs["worker"])
        wait_for("quick@", logs["quick"])
        wait_for("ready.", logs["quick"])
        wait_for("beat: Starting", logs["beat"])
        wait_for("resume_stalled_runs", logs["worker"])


@pytest.mark.parametrize("name", ["qad", "anaplan"])
def test_the_stand_ins_start_with_their_own_command(
    name: str, variables: dict[str, str], tmp_path: Path
):
    log = tmp_path / name
    with started(name, variables, log, free_port()):
        wait_for("listening on http://127.0.0.1:", log)
